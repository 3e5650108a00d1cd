"""Plants markup in every text of the database past forms, models and guards, and finds what a page makes of it."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from lxml import etree
from lxml import html as lxml_html

from tracker import guards
from tracker.models.base import is_permanent_name

TAG = "x-q"
LONG = (
    f"""x'"><{TAG} onload=alert(1)><script>alert('{TAG}')</script></title></textarea></script>--><img src=x onerror="""
    f"""alert(1)><a href="javascript:alert(1)">{{{{7*7}}}}{{% now %}}]]>\r\n{TAG.upper()}:planted\r\n<{TAG}/>"""
)
SHORT = f"'\"><{TAG}>"
# Addresses that a browser would run, in the spellings that have fooled somebody.
UNSAFE = ("javascript:alert(1)//", "data:text/html,<script>alert(1)</script>", " JaVaScRiPt:alert(1)//", "vbscript:x//")
LINKS = ("href", "src", "action", "formaction", "data", "poster", "background", "cite", "longdesc", "srcset", "ping")
# What the site itself works out or reads as a key. Anything else in its place would be a broken register, not a page.
MACHINE_MADE = {
    *("password", "salt", "digest", "leaf_hash", "root_hash", "hash", "note_hash", "signature", "key", "origin"),
    *("subject", "history_type", "session_key", "codename", "app_label", "model"),
}


def list_planted(model: type[models.Model]) -> list[Any]:
    """Return the fields of a model that hold what people or files wrote; closed lists and public names are checked."""
    if model.__name__ == "Standing":
        return []  # worked out by the verbs from what is planted elsewhere
    texts = (models.CharField, models.TextField, models.JSONField)
    fields = [field for field in model._meta.concrete_fields if isinstance(field, texts) and not field.choices]
    free = [field for field in fields if not isinstance(field, models.SlugField) and field.name not in MACHINE_MADE]
    return [field for field in free if not is_permanent_name(field) or field.name == "username"]


def plant_everywhere() -> tuple[int, list[str]]:
    """Fill every text; return how many values were planted, and the fields that the database refused to take it in."""
    count, refused = 0, []
    with guards.set_aside():
        for model in [*apps.get_app_config("tracker").get_models(), apps.get_model("auth.Group")]:
            for field in list_planted(model):
                for number, (key, value) in enumerate(model._base_manager.values_list("pk", field.attname)):
                    try:
                        count += plant(model, field, key, make_planted(field, value, number))
                    except IntegrityError:
                        refused.append(f"{model.__name__}.{field.name}")
    return count, sorted(set(refused))


def plant(model: type[models.Model], field: Any, key: Any, value: Any) -> int:
    quote, meta = connection.ops.quote_name, model._meta
    where = f"{quote(field.column)} = %s WHERE {quote(meta.pk.column)} = %s"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {quote(meta.db_table)} SET {where}", [value, key])  # noqa: S608
    return 1


def make_planted(field: Any, value: Any, number: int) -> Any:
    if isinstance(field, models.JSONField):
        # The log is checked letter by letter, and is handed out as it is: an address that was changed there shows.
        return json.dumps(replace_words(value, addresses=field.model.__name__ != "LogEntry"))
    if isinstance(field, models.URLField):
        return UNSAFE[number % len(UNSAFE)] + str(number)
    room = field.max_length or len(LONG) + 9
    text = LONG if room > len(LONG) + 8 else SHORT
    return (f"{number}{text}" if field.unique else f"{text}{number}")[:room]


def replace_words(value: Any, *, addresses: bool) -> Any:
    """Replace the words in what is kept as JSON, and leave its dates, names and codes."""
    if isinstance(value, dict):
        return {name: replace_words(each, addresses=addresses) for name, each in value.items()}
    if isinstance(value, list):
        return [replace_words(each, addresses=addresses) for each in value]
    if isinstance(value, str) and value.startswith("http"):
        return UNSAFE[0] if addresses else value
    return LONG if isinstance(value, str) and " " in value else value


# --- What came of it ----------------------------------------------------------------------------


def find_injected(content_type: str, body: bytes) -> list[str]:
    """Return what of a whole answer is markup that somebody planted, or a link that a browser would run."""
    kind = content_type.split(";")[0]
    if not body.strip():
        return []
    if kind == "text/html":
        return list(search_page(body.decode()))
    if kind.endswith(("xml", "+xml")):
        return list(search_xml(body))
    if kind.endswith("json"):
        return list(search_json(json.loads(body)))
    if kind in {"application/jsonl", "application/x-ndjson"}:
        return [fault for line in body.splitlines() for fault in search_json(json.loads(line))]
    if kind == "text/csv":
        return [cell for row in csv.reader(io.StringIO(body.decode())) for cell in row if is_unsafe(cell)]
    if kind == "text/calendar":
        return [
            line for line in body.decode().split("\r\n") if line.startswith(TAG.upper()) or "URL:javascript" in line
        ]
    if body[:2] == b"PK":
        members = zipfile.ZipFile(io.BytesIO(body))
        links = re.compile(
            rb"""(?:Target|xlink:href)=["']\s*(?:javascript|data|vbscript):|HYPERLINK\(""", re.IGNORECASE
        )
        return [name for name in members.namelist() if links.search(members.read(name))]
    return []


def is_unsafe(address: str) -> bool:
    bare = "".join(address.split()).lower()
    return bare.startswith(("javascript:", "data:", "vbscript:"))


def search_page(text: str) -> Iterator[str]:
    for element in lxml_html.fromstring(text).iter():
        if not isinstance(element.tag, str):
            continue  # a comment
        yield from search_element(element)
        if element.tag == "script" and element.get("type") in {"application/ld+json", "application/json"}:
            yield from search_json(json.loads(element.text_content()))
        elif element.tag == "script" and not re.match(r"/\w", element.get("src", "")):
            yield f"a script: {element.text_content()[:60]}"


def search_element(element: Any) -> Iterator[str]:
    if str(element.tag).endswith(TAG):
        yield f"an element in <{getattr(element.getparent(), 'tag', '')}>"
    for name, value in element.attrib.items():
        if name.startswith("on") or name in {"style", "srcdoc"}:
            yield f"<{element.tag} {name}={value[:40]}>"
        if name.rpartition("}")[2] in LINKS and is_unsafe(value):
            yield f"<{element.tag} {name}={value[:40]}>"
        if element.get("http-equiv"):
            yield f"<{element.tag} http-equiv>"


def search_xml(body: bytes) -> Iterator[str]:
    for element in etree.fromstring(body, etree.XMLParser(resolve_entities=False)).iter():
        yield from search_element(element)
        if element.get("type") == "html" and element.text:
            yield from search_page(element.text)


def search_json(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from search_page(value["html"]) if "html" in value else ()
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from search_json(each)
    elif isinstance(value, str) and is_unsafe(value):
        yield value


def shows(body: str) -> bool:
    """Say whether a page shows what was planted, as the text that it is."""
    return f"<{TAG}" in html.unescape(body) or f"\\u003c{TAG}" in body.lower()
