"""A researcher cites a commitment: each form names a page that goes on saying what it said."""

import json
import re

import pytest

from tests.examples import make_commitment
from tests.reading import read_page
from tests.seven import make_seven_commitments

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")

SITE = "http://127.0.0.1:8000"
TODAY = "on=2026-11-21&known=2026-11-21"


@pytest.fixture
def seven(db) -> None:
    make_seven_commitments()


def read_bibtex(client, address: str) -> str:
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "application/x-bibtex; charset=utf-8")
    return response.content.decode()


def read_csl(client, address: str) -> dict:
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "application/vnd.citationstyles.csl+json")
    (item,) = json.loads(response.content)
    return item


def test_bibtex_names_the_status_and_a_page_that_goes_on_showing_it(client, seven):
    assert read_bibtex(client, "/commitments/ACT-2/cite.bib") == (
        "@misc{ACT-2-2026-11-21,\n"
        "  title = {{Pay for local inquiries}},\n"
        "  howpublished = {Commitments Register},\n"
        "  year = {2026},\n"
        "  month = {11},\n"
        "  day = {21},\n"
        f"  url = {{{SITE}/commitments/ACT-2/?{TODAY}}},\n"
        "  urldate = {2026-11-21},\n"
        "  note = {ACT-2: Partly delivered, as it stood on 21 November 2026 and as published by 21 November 2026},\n"
        "}\n"
    )


def test_csl_json_says_the_same(client, seven):
    assert read_csl(client, "/commitments/ACT-2/cite.json") == {
        "id": "ACT-2-2026-11-21",
        "type": "webpage",
        "title": "Pay for local inquiries",
        "container-title": "Commitments Register",
        "number": "ACT-2",
        "issued": {"date-parts": [[2026, 11, 21]]},
        "accessed": {"date-parts": [[2026, 11, 21]]},
        "URL": f"{SITE}/commitments/ACT-2/?{TODAY}",
        "note": "ACT-2: Partly delivered, as it stood on 21 November 2026 and as published by 21 November 2026",
        "language": "en-GB",
    }


def test_a_past_day_is_cited_as_it_stood_then(client, seven):
    item = read_csl(client, "/commitments/ACT-2/cite.json?on=2025-06-30")
    assert item["note"].startswith("ACT-2: Not yet checked, as it stood on 30 June 2025 and as published by 21 Nov")
    assert item["URL"] == f"{SITE}/commitments/ACT-2/?on=2025-06-30&known=2026-11-21"
    assert f"url = {{{item['URL']}}}" in read_bibtex(client, "/commitments/ACT-2/cite.bib?on=2025-06-30")
    assert "Not yet checked" in read_page(client, item["URL"].removeprefix(SITE)).main


def test_what_tex_would_take_for_its_own_is_escaped(client):
    make_commitment("REV-1", title="Pay 100% of £5_000 & {more} #1 ~ ^ \\ $x\n  now")
    title = re.search(r"  title = \{\{(.*)\}\},\n", read_bibtex(client, "/commitments/REV-1/cite.bib"))
    assert title is not None
    assert title.group(1) == (
        r"Pay 100\% of £5\_000 \& \{more\} \#1 \textasciitilde{} \textasciicircum{} \textbackslash{} \$x now"
    )


def test_the_page_offers_each_form_for_the_day_that_it_shows(client, seven):
    page = read_page(client, "/commitments/ACT-2/?on=2025-06-30")
    assert (page.links_named("BibTeX"), page.links_named("CSL-JSON")) == (
        ["/commitments/ACT-2/cite.bib?on=2025-06-30"],
        ["/commitments/ACT-2/cite.json?on=2025-06-30"],
    )


@pytest.mark.parametrize("form", ["cite.bib", "cite.json"])
def test_there_is_nothing_to_cite_of_what_was_not_there(client, seven, form):
    statuses = {
        question: client.get(f"/commitments/{question.replace(' ', f'/{form}')}").status_code
        for question in ("REV-9 ", "ACT-2 ?on=2024-01-01", "ACT-2 ?on=bogus", "act-2 ")
    }
    assert statuses == {"REV-9 ": 404, "ACT-2 ?on=2024-01-01": 404, "ACT-2 ?on=bogus": 400, "act-2 ": 200}
