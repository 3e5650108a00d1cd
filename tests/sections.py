"""Reads the parts of a page about one thing: its status, its sections, its facts and its history."""

from django.test import Client

from tests.reading import Page, read_page, read_text


def read_commitment(client: Client, reference: str = "REV-1") -> Page:
    return read_page(client, f"/commitments/{reference}/")


def read_status(page: Page) -> str:
    return read_text(page.find(".//*[@id='status']"))


def read_more(page: Page) -> str:
    """Return what stands below the answer: what is missing, who says so and on what evidence."""
    return read_text(page.find(".//*[@id='status-more']"))


def read_section(page: Page, name: str) -> str:
    return read_text(page.find(f".//section[@aria-labelledby='{name}']"))


def read_fact(page: Page, name: str) -> str:
    rows = page.find_all("div", css="facts__row")
    return next(read_text(row) for row in rows if read_text(row).startswith(name)).removeprefix(name).strip()


def read_history(page: Page) -> list[tuple[str, str]]:
    """Return the anchor and the head of each entry, in the order of the page."""
    entries = page.find_all("li", css="timeline__entry")
    return [(entry.attrib["id"], read_text(entry.find("./div"))) for entry in entries]
