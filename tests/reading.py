"""Reads the pages of the site as a visitor does: headings, links, tables, filters, counts and messages.

Parsing is strict: a page whose tags are not nested properly, or with an attribute twice, fails the test that reads it.
"""

import functools
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin
from xml.etree.ElementTree import Element, TreeBuilder

from django.test import Client
from django.urls import reverse

VOID = {"br", "hr", "img", "input", "link", "meta", "source", "wbr"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tree = TreeBuilder()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice: {names}"
        self.tree.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.tree.end(tag)
        else:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}> at line {self.getpos()[0]}"
        self.tree.end(self.open.pop())

    def handle_data(self, data: str) -> None:
        self.tree.data(data)

    def read(self, html: str) -> Element:
        self.feed(html)
        self.close()
        assert self.open == [], f"never closed: {self.open}"
        return self.tree.close()


def read_text(element: Element | None) -> str:
    """Return the words of an element, hidden ones too, with single spaces."""
    assert element is not None, "there is no such element on the page"
    return " ".join("".join(element.itertext()).split())


def read_cell(cell: Element) -> str:
    excerpt = next((read_text(line) for line in cell.iter("div") if has_class(line, "excerpt")), "")
    return read_text(cell).removesuffix(excerpt).rstrip()


def has_class(element: Element, name: str) -> bool:
    return name in element.get("class", "").split()


class Page:
    """One page as it was answered."""

    def __init__(self, response: Any) -> None:
        self.status = response.status_code
        self.address = response.request["PATH_INFO"]
        self.asked = "?".join(filter(None, (self.address, response.request["QUERY_STRING"])))
        self.html = response.content.decode()
        self.root = _Reader().read(self.html)

    def find(self, path: str) -> Element | None:
        return self.root.find(path)

    def find_all(self, tag: str = "*", *, css: str = "") -> list[Element]:
        """Return the elements with that name and, if one is given, of that class."""
        return [
            element for element in self.root.iter(tag if tag != "*" else None) if not css or has_class(element, css)
        ]

    @property
    def title(self) -> str:
        return read_text(self.find("./head/title"))

    @property
    def headings(self) -> list[str]:
        return [read_text(heading) for heading in self.find_all("h1")]

    @property
    def text(self) -> str:
        return read_text(self.find("./body"))

    @property
    def main(self) -> str:
        return read_text(self.find(".//main"))

    @functools.cached_property
    def links(self) -> list[str]:
        """The addresses of the links, whole."""
        return [urljoin(self.asked, link.attrib["href"]) for link in self.find_all("a")]

    def links_named(self, text: str) -> list[str]:
        return [link.attrib["href"] for link in self.find_all("a") if read_text(link) == text]

    # --- A list -------------------------------------------------------------------------------

    @property
    def counted(self) -> int:
        """How many rows the page says there are, over all its pages."""
        found = self.find(".//*[@id='result-count']")
        assert found is not None, "the page has no count"
        return int(found.attrib["data-count"])

    @property
    def count_sentence(self) -> str:
        return read_text(self.find(".//*[@id='result-count']"))

    @property
    def columns(self) -> list[Element]:
        """The cells of the table's head."""
        return [
            cell for table in self.find_all("table", css="register-table") for cell in table.findall("./thead/tr/*")
        ]

    @property
    def rows(self) -> list[list[str]]:
        """The cells of the table, row by row, without why a row was found; one that says "nothing" is left out."""
        tables = self.find_all("table", css="register-table")
        rows = [[read_cell(cell) for cell in row] for table in tables for row in table.findall("./tbody/tr")]
        return [row for row in rows if len(row) == len(self.columns)]

    @property
    def references(self) -> list[str]:
        return [row[0] for row in self.rows]

    @property
    def errors(self) -> list[str]:
        return [read_text(item) for box in self.find_all(css="govuk-error-summary") for item in box.iter("li")]

    @property
    def notes(self) -> list[str]:
        return [read_text(note) for note in self.find_all("p", css="govuk-inset-text")]

    @property
    def tags(self) -> dict[str, str]:
        """The chosen filters, each with the address that removes it."""
        return {
            read_text(tag).removeprefix("Remove filter ").removesuffix("\N{MULTIPLICATION SIGN}"): tag.attrib["href"]
            for tag in self.find_all("a", css="filter-tag")
        }

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """The number beside each choice of each filter."""
        counts: dict[str, dict[str, int]] = {}
        for choice, box in self._choices():
            number = next((span for span in choice.iter("span") if has_class(span, "filter-choice__count")), None)
            if number is not None:
                counts.setdefault(box.attrib["name"], {})[box.attrib["value"]] = int(read_text(number).strip("()"))
        return counts

    @property
    def ticked(self) -> list[tuple[str, str]]:
        return [(box.attrib["name"], box.attrib["value"]) for _, box in self._choices() if "checked" in box.attrib]

    def _choices(self) -> Iterator[tuple[Element, Element]]:
        for choice in self.find_all("label", css="filter-choice"):
            box = choice.find("./input")
            assert box is not None
            yield choice, box


def read_page(client: Client, address: str, *, status: int = 200) -> Page:
    """Open an address and read what it answers, which must have that status."""
    response = client.get(address)
    assert response.status_code == status, f"{address} answers {response.status_code}"
    return Page(response)


def read_commitments(client: Client, question: str = "", **filters: Any) -> Page:
    """Open the list of commitments with a question, such as "status=delivered" or by keywords."""
    asked = "&".join(part for part in (question, urlencode(filters, doseq=True)) if part)
    return read_page(client, f"{reverse('tracker:commitment-list')}?{asked}".rstrip("?"))


def search(client: Client, asked: str, **others: str) -> list[str]:
    """Return the references that a search finds, in the order of the list."""
    return read_commitments(client, q=asked, **others).references


def read_documents(client: Client, question: str = "") -> Page:
    return read_page(client, f"{reverse('tracker:document-list')}?{question}".rstrip("?"))
