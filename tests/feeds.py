"""Holds a feed to what the W3C's feed validator asks of Atom: the schema of RFC 4287, and its own checks besides."""

import datetime as dt
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import fragments_fromstring

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parent / "vendor" / "atom.rng"))
ATOM = "{http://www.w3.org/2005/Atom}"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
UNSAFE = {"script", "style", "iframe", "object", "embed", "form", "input", "meta", "link", "base"}


def find_faults(content: bytes, address: str) -> list[str]:
    """Return in sentences what is wrong with a feed that was read at this address."""
    feed = etree.fromstring(content)
    if not SCHEMA.validate(feed):
        return [str(error) for error in SCHEMA.error_log]
    entries = feed.findall(f"{ATOM}entry")
    faults = [*check_links(feed, address), *check_ids(feed, entries), *check_texts(feed), *check_dates(feed, entries)]
    faults += [fault for entry in entries for fault in check_entry(feed, entry)]
    return faults


def check_links(feed: Any, address: str) -> list[str]:
    links = list(feed.iter(f"{ATOM}link"))
    own = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    faults = [] if own == [address] else [f"its address is {address}, and it says {own}"]
    faults += [f"{link.get('href')} is no whole address" for link in links if not is_whole(link.get("href"))]
    alternates = [
        (link.get("type"), link.get("hreflang"))
        for link in feed.findall(f"{ATOM}link")
        if link.get("rel", "alternate") == "alternate"
    ]
    return faults if len(alternates) == len(set(alternates)) == 1 else [*faults, f"it has the pages {alternates}"]


def check_ids(feed: Any, entries: list[Any]) -> list[str]:
    ids = [feed.findtext(f"{ATOM}id"), *(entry.findtext(f"{ATOM}id") for entry in entries)]
    faults = [f"{each} is no whole address" for each in ids if not is_whole(each)]
    return faults if len(ids) == len(set(ids)) else [*faults, "two things have the same id"]


def check_texts(feed: Any) -> list[str]:
    texts = [element for name in ("title", "subtitle", "rights", "name") for element in feed.iter(ATOM + name)]
    return [f"a {element.tag} is empty" for element in texts if not (element.text or "").strip()]


def check_dates(feed: Any, entries: list[Any]) -> list[str]:
    dates = [element.text for name in ("updated", "published") for element in feed.iter(ATOM + name)]
    if wrong := [text for text in dates if not RFC_3339.fullmatch(text)]:
        return [f"{text} is no date of RFC 3339" for text in wrong]
    updated = read_date(feed, "updated")
    return [
        f"{entry.findtext(f'{ATOM}id')} was updated before it was published, or after its feed was"
        for entry in entries
        if not read_date(entry, "published") <= read_date(entry, "updated") <= updated
    ]


def check_entry(feed: Any, entry: Any) -> list[str]:
    """Hold an entry to the rules that the schema states in prose: an author, a link, and HTML that is some and safe."""
    faults = [] if feed.find(f"{ATOM}author") is not None else ["nobody is its author"]
    content = entry.find(f"{ATOM}content")
    if content is None or content.get("type") != "html" or not (content.text or "").strip():
        return [*faults, "an entry has no HTML as its content"]
    elements = [element for part in fragments_fromstring(content.text) for element in part.iter()]
    addresses = [element.get(name) for element in elements for name in ("href", "src") if element.get(name)]
    faults += [f"{address} is no whole address" for address in addresses if not is_whole(address)]
    return faults + [f"it holds a <{element.tag}>" for element in elements if element.tag in UNSAFE]


def read_date(element: Any, name: str) -> dt.datetime:
    return dt.datetime.fromisoformat(element.findtext(ATOM + name))


def is_whole(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not re.search(r"\s", address)
