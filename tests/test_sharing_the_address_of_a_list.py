"""A reader shares the address of a question: it is short, means the same in any order and says what was asked."""

from urllib.parse import quote, urlencode

import pytest

from tests.reading import read_commitments, read_page, read_text
from tests.seven import make_seven_commitments

pytestmark = pytest.mark.usefixtures("on_21_november_2026", "empty_register")


@pytest.mark.parametrize(
    ("asked", "short"),
    [
        ("?q=", ""),
        ("?q=%20%09+&sort=title", "?sort=title"),
        ("?q=&department=&status=&made_after=&made_before=", ""),
        ("?q=&status=delivered&department=", "?status=delivered"),
        ("?status=delivered&status=delivered", "?status=delivered"),
        ("?status=&status=delivered&status=", "?status=delivered"),
        ("?department=justice&department=education&department=justice", "?department=justice&department=education"),
        ("?utm_source=news&utm_medium=mail", ""),
        ("?utm_source=news&status=delivered&fbclid=1&gclid=2&msclkid=3&mc_cid=4&mc_eid=5", "?status=delivered"),
        ("?sort=&page=", ""),
    ],
)
@pytest.mark.parametrize("path", ["/commitments/", "/documents/"])
def test_what_says_nothing_is_left_out_of_the_address(client, path, asked, short):
    response = client.get(f"{path}{asked}")
    assert (response.status_code, response.get("Location")) == (302, f"{path}{short}")


@pytest.mark.parametrize(
    "asked", ["?status=delivered", "?q=a+b", "?q=a%20b", "?q=%22x%22&sort=-made_on&page=1", "?q=caf%C3%A9"]
)
def test_a_short_address_is_answered_as_it_is(client, asked):
    assert read_page(client, f"/commitments/{asked}").errors == []


def test_one_question_has_one_canonical_address(client):
    make_seven_commitments()
    home = "http://127.0.0.1:8000"
    expected = {
        "": "/commitments/",
        "status=delivered&department=justice&department=education&q=every": (
            "/commitments/?department=education&amp;department=justice&amp;q=every&amp;status=delivered"
        ),
        "q=every&department=education&status=delivered&department=justice": (
            "/commitments/?department=education&amp;department=justice&amp;q=every&amp;status=delivered"
        ),
    }
    for question, canonical in expected.items():
        assert f'<link rel="canonical" href="{home}{canonical}">' in read_commitments(client, question).html
    assert "canonical" not in read_commitments(client, "status=bogus").html


def test_each_chosen_value_is_a_tag_that_leads_to_the_question_without_it(client):
    make_seven_commitments()
    question = (
        "q=open+child&department=home-office&department=justice&supporting=on&status=not-yet-checked"
        "&made_after=2024-01-10&sort=-made_on&page=1"
    )
    rest = "q=open+child&department=home-office&department=justice&supporting=on&status=not-yet-checked"
    by_day = "&made_after=2024-01-10&sort=-made_on"
    assert read_commitments(client, question).tags == {
        "Words: open child": f"/commitments/?{rest.replace('q=open+child&', '')}{by_day}",
        "Department: Home Office": f"/commitments/?{rest.replace('department=home-office&', '')}{by_day}",
        "Department: Justice": f"/commitments/?{rest.replace('department=justice&', '')}{by_day}",
        "Include what departments support: yes": f"/commitments/?{rest.replace('supporting=on&', '')}{by_day}",
        "Status: Not yet checked": f"/commitments/?{rest.replace('&status=not-yet-checked', '')}{by_day}",
        "Made on or after: 10 January 2024": f"/commitments/?{rest}&sort=-made_on",
    }


def test_following_every_tag_ends_at_the_whole_list(client):
    make_seven_commitments()
    page = read_commitments(client, "department=home-office&department=justice&status=delivered&kind=pledge")
    counted = [page.counted]
    while page.tags:
        page = read_page(client, next(iter(page.tags.values())))
        counted.append(page.counted)
    assert page.address == "/commitments/"
    assert counted == [1, 0, 1, 2, 7]


def test_the_form_holds_the_question_and_keeps_the_order_of_the_rows(client):
    make_seven_commitments()
    page = read_commitments(client, "q=every+%22child%22&made_after=2024-01-10&made_before=2025-06-19&sort=-made_on")
    form = page.find_all("form")[0]
    held = {box.get("name"): box.get("value") for box in form.iter("input") if box.get("type") != "checkbox"}
    assert held == {
        "q": 'every "child"',
        "made_after": "2024-01-10",
        "made_before": "2025-06-19",
        "sort": "-made_on",
    }


@pytest.mark.parametrize(
    ("question", "errors"),
    [
        ("department=bogus", ["“bogus” is not one of the choices of “Department”."]),
        (
            "status=done&kind=x",
            ["“done” is not one of the choices of “Status”.", "“x” is not one of the choices of “Kind”."],
        ),
        ("status=delivered&status=done", ["“done” is not one of the choices of “Status”."]),
        ("supporting=maybe", ["“supporting” is either on or off."]),
        ("made_after=31-02-2025", ["“Made on or after” must be a real date, written like 2026-11-21."]),
        ("made_before=2025-02-31", ["“Made on or before” must be a real date, written like 2026-11-21."]),
        (
            "made_after=2025-01-02&made_before=2025-01-01",
            ["“Made on or before” must not be earlier than “Made on or after”."],
        ),
        ("q=" + "a" * 201, ["Search for at most 200 characters."]),
        ("q=one&q=two", ["“Words” has more than one value. Give only one."]),
        ("made_after=2025-01-01&made_after=2025-01-02", ["“Made on or after” has more than one value. Give only one."]),
        ("password=1", ["“password” is not a filter of this list. Remove it from the address."]),
        ("department[]=education", ["“department[]” is not a filter of this list. Remove it from the address."]),
    ],
)
def test_a_question_that_is_not_understood_is_answered_with_what_is_wrong_and_no_rows(client, question, errors):
    make_seven_commitments()
    page = read_commitments(client, question)
    assert page.errors == errors
    assert (page.counted, page.rows, page.tags, page.counts) == (0, [], {}, {})
    assert page.title == "Error: Commitments - Commitments Register"


EVERYTHING = {"q": "a" * 201, "made_after": "never", "made_before": "never"} | dict.fromkeys(
    (
        *("department", "supporting", "status", "programme", "topic", "kind", "response", "timeliness", "strength"),
        *("gap", "claim_differs"),
    ),
    "bogus",
)


@pytest.mark.parametrize(
    ("address", "status", "wrong", "elsewhere"),
    [
        ("/commitments/", 200, EVERYTHING, {}),
        ("/changes/", 400, {"department": "bogus", "programme": "bogus"}, {"topic": "bogus"}),
        ("/compare/", 400, {"department": "bogus", "programme": "bogus", "topic": "bogus"}, {}),
        ("/documents/", 200, {"q": "a" * 201}, {"kind": "bogus"}),
    ],
)
def test_each_error_leads_to_the_place_where_it_can_be_put_right(client, address, status, wrong, elsewhere):
    """What is wrong `elsewhere` than on the page, in the address alone, leads nowhere."""
    make_seven_commitments()
    page = read_page(client, f"{address}?{urlencode(wrong | elsewhere)}", status=status)
    (box,) = page.find_all("div", css="govuk-error-summary")
    anchors = [link.attrib["href"] for link in box.iter("a")]
    ids = {element.get("id") for element in page.root.iter()}
    assert sorted(anchors) == sorted(f"#id_{name}" for name in wrong)
    assert [anchor for anchor in anchors if anchor.removeprefix("#") not in ids] == []
    assert len(page.errors) == len(wrong | elsewhere)


def test_what_was_asked_is_written_as_text_and_never_as_markup(client):
    make_seven_commitments()
    script = "<script>alert(1)</script>"
    pages = [
        read_commitments(client, f"{name}={quote(script)}") for name in ("q", "department", "sort", "page", script)
    ]
    written = [element for page in pages for element in page.find_all("script") if not element.get("src")]
    assert {element.get("type") for element in written} <= {"application/ld+json"}
    assert [element for element in written if "alert" in read_text(element)] == []
    assert all(
        script[:20] in page.text or script in page.html.replace("&lt;", "<").replace("&gt;", ">") for page in pages
    )
