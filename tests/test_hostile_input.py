"""Whatever stands in an address, the site answers with a page, a redirect to itself or a refusal.

It never breaks, and it never shows the whole register under an address that asked for something else. The table has
what people have tried; hypothesis adds what nobody has. All of it runs on every database.
"""

from urllib.parse import quote, quote_from_bytes, urlsplit

import pytest
from django.test import Client
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.reading import Page

pytestmark = [
    pytest.mark.usefixtures("loaded_register"),
    # What django-tables2 says to the developers of an old version when a name to sort by has a full stop in it.
    pytest.mark.filterwarnings("ignore:Use '__' to separate path components"),
]

QUICKLY = (Phase.reuse, Phase.generate)  # the examples are small as they are, and making them smaller takes minutes
ALL_COMMITMENTS, ALL_DOCUMENTS = 102, 251

PAGES = (
    "/",
    "/commitments/IICSA-13/",
    "/departments/",
    "/departments/home-office/",
    "/programmes/",
    "/programmes/iicsa-final-report/",
    "/topics/",
    "/topics/online-safety/",
    "/documents/casey-government-response/",
    "/petitions/",
    "/petitions/300239/",
    "/log/",
    "/log/900/",
    "/how-we-judge/",
    "/about/",
    "/help/",
    "/accessibility/",
    "/privacy/",
    "/security/",
    "/corrections/",
    "/api/",
)
TEXTS = ("q",)
CLOSED = (
    *("department", "supporting", "status", "programme", "topic", "kind", "response", "timeliness", "strength"),
    *("gap", "claim_differs"),
)
DATES = ("made_after", "made_before")
SHAPING = ("sort", "page", "per_page")
UNKNOWN = (
    "password",
    "department[]",
    "status[0]",
    "status__in",
    "id",
    "__class__",
    "q\0",
    "DEPARTMENT",
    "format",
    "on",
)

# Texts that are an answer to no closed question, percent-encoded as they would arrive.
HOSTILE = (
    "bogus",
    "%00",
    "home-office%00",
    "%ff%fe",
    "%c0%ae%c0%ae",
    "%ed%a0%80",
    "%F0%9F%92%A9",
    "a" * 7000,
    "%27%20OR%201=1--",
    "%22%3B%20DROP%20TABLE%20tracker_commitment%3B--",
    "%22",
    "%27",
    "%5C",
    "((((((((",
    "a%20AND%20NOT%20NEAR(b",
    "*",
    "%25%25%25",
    "%5B%5D",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "%7B%7B7*7%7D%7D",
    "${jndi:ldap://x}",
    "..%2F..%2F..%2Fetc%2Fpasswd",
    "%0d%0aSet-Cookie:%20x=1",
    "-1",
    "0",
    "2147483648",
    "9223372036854775808",
    "9" * 21,
    "9" * 5000,
    "1e309",
    "NaN",
    "null",
    "None",
    "2025-02-31",
    "0000-00-00",
    "10000-01-01",
    "99999999-01-01",
    "2025-1-1T00:00",
    "now",
    "%E2%80%AE",
    "%E2%80%8B",
)
ODD_PATHS = (
    "/commitments/IICSA-13%00/",
    "/commitments/IICSA-13%0a/",
    "/commitments/IICSA-999/",
    "/commitments/%FF%FE/",
    "/commitments/-/",
    "/commitments/" + "A-" * 3000 + "1/",
    "/commitments/IICSA-%D9%A1%D9%A3/",
    "/commitments/../admin/",
    "/commitments/..%2fadmin/",
    "/commitments/%2e%2e/%2e%2e/etc/passwd",
    "/commitments//",
    "/departments/%00/",
    "/departments/HOME-OFFICE/",
    "/departments/home-office%27/",
    "/departments/" + "a" * 7000 + "/",
    "/topics/None/",
    "/programmes/%25/",
    "/documents/casey-government-response%00/",
    "/petitions/0/",
    "/petitions/-1/",
    "/petitions/2147483648/",
    "/petitions/9223372036854775808/",
    "/petitions/" + "9" * 21 + "/",
    "/petitions/" + "9" * 5000 + "/",
    "/petitions/%D9%A3/",
    "/petitions/3e5/",
    "/log/0/",
    "/log/-1/",
    "/log/900000000/",
    "/log/9223372036854775808/",
    "/log/" + "9" * 21 + "/",
    "/log/" + "9" * 5000 + "/",
    "/log/entries.json",
    "/log/checkpoint/0",
    "/log/checkpoint/%00",
    "/log/checkpoint/" + "9" * 21,
    "/log/verify.py/",
    "/static/../config/settings.py",
    "/static/%2e%2e/%2e%2e/config/settings.py",
    "/static/tracker/%00",
    "/static/..%5c..%5cmanage.py",
    "//example.org/%2f..",
    "/%00",
    "/%ff%fe%fd/",
    "/" + "a" * 7000,
)


def open_address(client: Client, path: str, query: str = "") -> Page | None:
    """Open an address, follow it to its end and return the page unless it is a refusal."""
    for _ in range(3):
        response = client.get(path, QUERY_STRING=query)
        assert response.status_code in {200, 301, 302, 400, 404}, f"{path}?{query[:200]} answers {response.status_code}"
        assert "Set-Cookie" not in response.headers
        if response.status_code not in {301, 302}:
            return Page(response) if response.status_code == 200 else None
        target = urlsplit(response["Location"])
        assert (target.scheme, target.netloc) == ("", ""), f"{path} leads away from the site"
        path, query = target.path, target.query
    pytest.fail(f"{path}?{query[:200]} redirects without end")


def assert_refused(page: Page | None) -> None:
    """A question that is not understood is answered with what is wrong and no rows, or refused."""
    if page is not None:
        assert page.errors != []
        assert (page.counted, page.rows) == (0, [])


@pytest.mark.parametrize("name", [*CLOSED, *DATES, *UNKNOWN])
def test_an_answer_that_is_none_of_the_choices_never_shows_the_whole_list(client, name):
    values = HOSTILE if name in {"department", "made_after"} else HOSTILE[::5]
    for value in values:
        assert_refused(open_address(client, "/commitments/", f"{quote(name)}={value}"))


def test_the_documents_refuse_what_they_do_not_know_too(client):
    for name in ("strength", "origin", "kind", "department", "status", "sort[]"):
        for value in HOSTILE[::3]:
            assert_refused(open_address(client, "/documents/", f"{quote(name)}={value}"))


def test_the_changes_are_refused_whole_where_anything_asked_is_not_understood(client):
    for name in ("department", "programme", "since", "until", "known", "status", "on", "page", "q", "since[]"):
        for value in HOSTILE[::3]:
            assert open_address(client, "/changes/", f"{quote(name)}={value}") is None


@pytest.mark.parametrize("path", ["/differences/", "/evidence-gaps/", "/compare/"])
def test_a_page_about_departments_is_refused_whole_where_anything_asked_is_not_understood(client, path):
    for name in ("department", "on", "known", "status", "gap", "page", "q", "department[]"):
        for value in HOSTILE[::5]:
            assert open_address(client, path, f"{quote(name)}={value}") is None


def test_one_wrong_answer_among_right_ones_spoils_the_question(client):
    for query in (
        "department=home-office&status=bogus",
        "status=delivered&status=bogus",
        "status=delivered&password=1",
        "made_after=2025-01-01&made_before=bogus",
        "q=inquiry&topic=bogus",
        "status=bogus&sort=title&page=2",
        "&".join(f"x{number}=1" for number in range(900)),
        "=1",
        ";status=delivered",
        "status=in-progress;department=home-office",
    ):
        assert_refused(open_address(client, "/commitments/", query))


@pytest.mark.parametrize("path", ["/commitments/", "/documents/"])
def test_any_words_may_be_looked_for(client, path):
    for value in HOSTILE:
        page = open_address(client, path, f"q={value}")
        assert page is None or page.counted == 0 or value in page.html or page.counted < ALL_COMMITMENTS


@pytest.mark.parametrize("value", ["%22", "%27", "*", "((((((((", "%25%25%25", "%E2%80%8B", "%F0%9F%92%A9", "-"])
def test_a_search_without_words_finds_nothing(client, value):
    page = open_address(client, "/commitments/", f"q={value}")
    assert page is not None
    assert (page.counted, page.errors) == (0, [])


@pytest.mark.parametrize("name", SHAPING)
def test_an_order_or_a_page_that_is_not_there_shows_the_list_and_says_so(client, name):
    for value in HOSTILE[:: 4 if name == "per_page" else 2]:
        page = open_address(client, "/commitments/", f"{name}={value}")
        if page is not None:
            assert page.counted == ALL_COMMITMENTS
            assert 1 <= len(page.rows) <= 100
            assert page.notes != [] or name == "per_page"


def test_what_stands_behind_the_question_mark_changes_no_other_page(client):
    for path in PAGES:
        plain = open_address(client, path)
        assert plain is not None
        for query in (f"q={HOSTILE[1]}", "page=999999999999999999999", "sort=password&x[]=1", "%ff=%00"):
            assert open_address(client, path, query).main == plain.main


@pytest.mark.parametrize("path", ODD_PATHS, ids=range(len(ODD_PATHS)))
def test_an_address_that_is_none_is_not_found(client, path):
    assert open_address(client, path) is None


def test_a_host_that_is_not_ours_is_refused(client):
    assert client.get("/", HTTP_HOST="example.org").status_code == 400


values = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=60).map(quote),
    st.binary(max_size=30).map(quote_from_bytes),
    st.integers().map(str),
)
names = st.one_of(
    st.sampled_from([*TEXTS, *CLOSED, *DATES, *SHAPING, *UNKNOWN]).map(quote),
    st.text(min_size=1, max_size=10).map(quote),
)
paths = st.sampled_from(["/commitments/", "/commitments/", "/documents/", "/changes/", *PAGES])


def test_no_address_breaks_the_site(client: Client, at_length: bool) -> None:
    @settings(max_examples=500 if at_length else 40, deadline=None, phases=QUICKLY)
    @given(path=paths, parts=st.lists(st.tuples(names, values), min_size=1, max_size=5))
    def open_one(path: str, parts: list[tuple[str, str]]) -> None:
        page = open_address(client, path, "&".join(f"{name}={value}" for name, value in parts))
        if page is not None and path in {"/commitments/", "/documents/"} and "?" in page.asked:
            asked = {part.split("=")[0] for part in page.asked.split("?", 1)[1].split("&")}
            if not asked <= {*SHAPING, *TEXTS, "supporting"}:
                assert_refused(page)

    open_one()


segments = st.one_of(
    values, st.text(alphabet="ABCI-0123456789", max_size=40), st.from_regex(r"[a-z0-9-]{0,60}", fullmatch=True)
)


rooms = st.sampled_from(["commitments", "departments", "programmes", "topics", "documents", "petitions", ""])


def test_no_path_breaks_the_site(client: Client, at_length: bool) -> None:
    @settings(max_examples=500 if at_length else 40, deadline=None, phases=QUICKLY)
    @given(room=rooms, name=segments)
    def open_one(room: str, name: str) -> None:
        open_address(client, f"/{room}/{name}/" if room else f"/{name.lstrip('/')}")

    open_one()
