"""A reader searches by words, phrases and references. The table of CASES is what SQLite and PostgreSQL both answer."""

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import (
    D,
    draft_commitment,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_programme,
    publish_as_approver,
)
from tests.reading import read_commitments, read_documents, read_page, read_text, search
from tests.seven import make_topic
from tracker.models import Commitment, Document
from tracker.moments import Moment
from tracker.querysets.ranking import find_ranks, find_ranks_by_terms
from tracker.words import Marked, read_search

pytestmark = pytest.mark.usefixtures("empty_register")


# --- What is found -------------------------------------------------------------------------------


@pytest.fixture
def register() -> None:
    """Six commitments, each with words that the others lack."""
    review = make_programme("lantern-review")
    six = {
        "IICSA-13": {
            "title": "Build a national helpline",
            "summary": "A café in Môn: “Tŷ Hafan” will be built for £5m by Casey’s team, face to face.",
            "department": make_department("ministry-of-lamps"),
            "programme": review,
        },
        "IICSA-1": {"title": "Policies on reporting", "summary": "Every child is heard in Parliament."},
        "IICSA-M3": {"title": "Assembly of technology", "summary": "It met in 2013 under section 130."},
        "JAN25-4": {"title": "Local inquiries", "summary": "Five local, independent inquiries; police help."},
        "PET20-7": {"title": "Inquiries, local police", "summary": "An inquiry is local. Police stop."},
        "PET20-8": {"title": "Nothing at all", "summary": "Nobody was asked.", "made_by": "Lord Example of Skye"},
    }
    for number, (reference, facts) in enumerate(six.items(), start=40):
        made = draft_commitment("SIX-1", **facts)
        made.reference, made.number = reference, number
        made.save()
        publish_as_approver(made)
    Commitment.objects.get(reference="PET20-8").topics.set([make_topic("safeguarding")])
    letter = make_document("letter", title="A letter to headteachers", publisher="The Gazette")
    told = draft_update(
        Commitment.objects.get(reference="PET20-8"),
        reason="Guidance was issued, and 5 million pounds were paid.",
        evidence={"document": letter},
    )
    publish_as_approver(told)


SIX = ["IICSA-1", "IICSA-13", "IICSA-M3", "JAN25-4", "PET20-7", "PET20-8"]
BOTH = ["JAN25-4", "PET20-7"]

CASES: dict[str, list[str]] = {
    # words and their stems, without capitals and accents
    "building": ["IICSA-13"],
    "BUILT": ["IICSA-13"],
    "builds": ["IICSA-13"],
    "helplines": ["IICSA-13"],
    "policy": ["IICSA-1"],
    "policies": ["IICSA-1"],
    "pol": [],
    "police": BOTH,
    "assemblies": ["IICSA-M3"],
    "technological": ["IICSA-M3"],
    "children": [],
    "child": ["IICSA-1"],
    "cafe": ["IICSA-13"],
    "CAFÉ": ["IICSA-13"],
    "cafe\u0301": ["IICSA-13"],
    "mon": ["IICSA-13"],
    "ty hafan": ["IICSA-13"],
    "TŶ": ["IICSA-13"],
    "casey": ["IICSA-13"],
    "Casey's": ["IICSA-13"],
    "casey’s": ["IICSA-13"],
    "team": ["IICSA-13"],
    "is": ["IICSA-1", "PET20-7"],
    "i": [],
    # several words: all of them, wherever each stands
    "local police": BOTH,
    "police   LOCAL": BOTH,
    "child parliament policy": ["IICSA-1"],
    "child police": [],
    "helpline lamps lantern": ["IICSA-13"],
    # phrases
    '"local inquiries"': ["JAN25-4"],
    '"local inquiry"': ["JAN25-4"],
    '"inquiries local"': ["PET20-7"],
    '"local police"': ["PET20-7"],
    '"police local"': [],
    "“local police”": ["PET20-7"],
    '"local police" stop': ["PET20-7"],
    '"police stop" "inquiry is"': ["PET20-7"],
    '"local police': ["PET20-7"],
    "face-to-face": ["IICSA-13"],
    "face_to_face": ["IICSA-13"],
    '"to face"': ["IICSA-13"],
    "to-face-face": [],
    '"helpline a café"': [],
    '"reporting every child"': [],
    '"police local" inquiries': [],
    '""': [],
    '"': [],
    # what is left out
    "inquiries -police": [],
    "inquiries -child": BOTH,
    'inquiries -"local police"': ["JAN25-4"],
    "inquiries −five": ["PET20-7"],
    "local -five -stop": [],
    "-police": ["IICSA-1", "IICSA-13", "IICSA-M3", "PET20-8"],
    '-police -"every child" -lamps': ["IICSA-M3", "PET20-8"],
    "inquiries - police": BOTH,
    "self-police": [],
    "--police": ["IICSA-1", "IICSA-13", "IICSA-M3", "PET20-8"],
    # references and numbers
    "IICSA-13": ["IICSA-13"],
    "iicsa 13": ["IICSA-13"],
    "IICSA13": ["IICSA-13"],
    "iicsa-1": ["IICSA-1"],
    "iicsa 1": ["IICSA-1"],
    "iicsa-m3": ["IICSA-M3"],
    "iicsa m3": ["IICSA-M3"],
    "jan25-4": ["JAN25-4"],
    "jan25 4": ["JAN25-4"],
    "iicsa": ["IICSA-1", "IICSA-13", "IICSA-M3"],
    "13": ["IICSA-13"],
    "41": ["IICSA-1"],
    "4": ["JAN25-4"],
    "130": ["IICSA-M3"],
    "5m": ["IICSA-13", "PET20-8"],
    "£5m": ["IICSA-13", "PET20-8"],
    "5 million": ["PET20-8"],
    # where words are looked for
    "lamps": ["IICSA-13"],
    "lantern": ["IICSA-13"],
    "skye": ["PET20-8"],
    "recommendations": SIX,
    "safeguarding": ["PET20-8"],
    "guidance": ["PET20-8"],
    "headteacher": ["PET20-8"],
    "gazette": ["PET20-8"],
    "guidance gazette skye": ["PET20-8"],
    '"paid a letter"': [],
    # signs have no hidden meaning
    "AND": ["PET20-8"],
    "police OR child": [],
    "police NOT local": [],
    "local NEAR police": [],
    "NEAR(local police)": [],
    "poli*": [],
    "*": [],
    "^local": BOTH,
    "title:local": [],
    "title : local": [],
    "{title} local": [],
    "local & police": BOTH,
    "local | child": [],
    "!police": BOTH,
    "police:*": BOTH,
    "local <-> police": BOTH,
    "(local": BOTH,
    "local)": BOTH,
    "'local'": BOTH,
    "local';--": BOTH,
    "lo\\cal": [],
    "%": [],
    "_": [],
    "loc%": [],
    "-": [],
    "- -": [],
    "?!…": [],
    "👮": [],
    "👮 local": BOTH,
    "日本": [],
    "ǂ": [],
    "\u200b": [],
    "local\u00a0police": BOTH,
    "\tlocal\n": BOTH,
    "a" * 200: [],
}


def test_both_databases_answer_the_table_of_cases(client, register):
    assert {asked: sorted(search(client, asked)) for asked in CASES} == {
        asked: sorted(found) for asked, found in CASES.items()
    }


def test_a_past_day_answers_the_same_where_nothing_was_different(client, register):
    for asked, found in CASES.items():
        assert sorted(search(client, asked, on="2024-03-05")) == sorted(found), asked


@settings(max_examples=150, deadline=None)
@given(asked=st.text(alphabet=st.sampled_from("ab1 -\"'*^:()!&|<>%_\\{}+~@#ﬁŵÉ£ǂ👮日"), max_size=40))
def test_nothing_that_is_typed_is_an_error(asked):
    assert Commitment.objects.published().rank_matches(asked) == {}
    assert list(Document.objects.published().matching(asked)) == []


def test_a_document_is_searched_in_the_same_way(client):
    make_document("one", title="Building local inquiries", publisher="The Café Gazette")
    make_document("two", title="Local police inquiry", publisher="Home Office")
    cases = {
        "builds": ["one"],
        '"local inquiry"': ["one"],
        "inquiries -police": ["one"],
        "cafe": ["one"],
        "local gazettes": ["one"],
        '"inquiry home"': [],
        "-police": ["one"],
        "5m*": [],
    }
    names = {"Building local inquiries": "one", "Local police inquiry": "two"}
    pages = {asked: read_documents(client, urlencode({"q": asked})) for asked in cases}
    assert {asked: [names[row[0]] for row in page.rows] for asked, page in pages.items()} == cases


# --- On a past day -------------------------------------------------------------------------------


def test_a_past_day_is_searched_by_the_words_that_were_public_and_true_then(client, on_21_november_2026):
    made = make_commitment("REV-1", title="Of zebras")
    early = draft_update(made, "2024-03-01", reason="The quagga was counted, as the page says.")
    late = draft_update(
        made,
        "2025-03-01",
        reason="The giraffe was counted, as the page says.",
        evidence={"document": make_document("gnu")},
    )
    for update in (early, late):
        publish_as_approver(update)
    days = ("2024-02-01", "2024-03-01", "2025-02-28", "2025-03-01")
    found = {
        word: [bool(search(client, word, on=day)) for day in days] for word in ("zebra", "quagga", "giraffe", "gnu")
    }
    assert found == {
        "zebra": [True, True, True, True],
        "quagga": [False, True, True, True],
        "giraffe": [False, False, False, True],
        "gnu": [False, False, False, True],
    }
    assert search(client, "zebra -giraffe", on="2025-02-28") == ["REV-1"]
    assert search(client, "zebra -giraffe", on="2025-03-01") == []
    assert search(client, '"quagga was counted"', on="2024-05-01") == ["REV-1"]
    # One update told one word, another the other; and what is left out was told by one alone.
    both = {asked: [bool(search(client, asked, on=day)) for day in days] for asked in ("quagga gnu", "-gnu", "-quagga")}
    assert both == {
        "quagga gnu": [False, False, False, True],
        "-gnu": [True, True, True, False],
        "-quagga": [True, False, False, False],
    }
    assert [bool(search(client, "zebra -gnu -quagga", on=day)) for day in days] == [True, False, False, False]


@pytest.fixture
def stories(monkeypatch) -> None:
    """Two commitments, one of them with two updates, which have words that others have elsewhere and tell of other days
    than those on which they were published.
    """
    zebras, giraffe = make_commitment("REV-1", title="Of zebras"), make_commitment("REV-2", title="A giraffe")
    told = [
        draft_update(zebras, "2024-03-01", reason="The quagga was counted, as the page says."),
        draft_update(giraffe, "2024-05-01", reason="Five zebras, £5m and one quagga were counted."),
        draft_update(
            zebras,
            "2025-03-01",
            reason="The giraffe came, and it was seen by many.",
            evidence={"document": make_document("gnu")},
        ),
    ]
    for update, day in zip(told, ("2024-06-01", "2024-05-02", "2025-03-01"), strict=True):
        noon = dt.datetime.fromisoformat(f"{day}T12:00Z")
        monkeypatch.setattr("django.utils.timezone.now", lambda noon=noon: noon)
        publish_as_approver(update)


WORDS = st.sampled_from(("quagga", "giraffe", "gnu", "zebra", "rev 1", '"of zebras"', "counted", "review", "5m"))
DAYS = st.sampled_from(("2024-02-28", "2024-03-01", "2024-05-01", "2024-05-02", "2024-06-01", "2025-03-01")).map(D)
MOMENTS = st.builds(Moment, today=st.just(D("2026-11-21")), on=st.none() | DAYS, known=st.none() | DAYS)
PARTS = st.tuples(st.sampled_from(("", "-")), WORDS).map("".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(PARTS, min_size=1, max_size=4).map(" ".join), moment=st.none() | MOMENTS)
def test_one_reading_finds_what_is_found_term_by_term(stories, asked, moment):
    search, rows = read_search(asked), Commitment.objects.ever_published()
    found, by_terms = find_ranks(search, rows, moment), find_ranks_by_terms(search, rows, moment)
    assert {step: sorted(keys) for step, keys in found.items()} == {
        step: sorted(keys) for step, keys in by_terms.items()
    }


# --- In which order, and why ---------------------------------------------------------------------

BEST_FIRST: dict[str, list[str]] = {
    "inquiries": ["JAN25-4", "PET20-7"],  # both in their titles, so by reference
    "stop inquiries": ["PET20-7"],
    "parliament": ["IICSA-1"],
    "iicsa": ["IICSA-1", "IICSA-13", "IICSA-M3"],
    "built": ["IICSA-13"],
    "police": ["PET20-7", "JAN25-4"],  # in the title, then in the summary
    "local police": ["PET20-7", "JAN25-4"],
    "million": ["PET20-8"],
    "13": ["IICSA-13"],
    "-police": ["IICSA-1", "IICSA-13", "IICSA-M3", "PET20-8"],  # nothing is wanted, so by reference
}


@pytest.mark.parametrize("on", ["", "2024-03-05"])
def test_the_best_match_comes_first_unless_another_order_is_asked_for(client, register, on):
    day = {"on": on} if on else {}
    assert {asked: search(client, asked, **day) for asked in BEST_FIRST} == BEST_FIRST
    assert search(client, "police", sort="reference", **day) == ["JAN25-4", "PET20-7"]
    assert search(client, "police", sort="-reference", **day) == ["PET20-7", "JAN25-4"]
    assert search(client, "police", sort="nonsense", **day) == ["PET20-7", "JAN25-4"]


def test_what_the_words_name_comes_before_what_merely_has_them(client, register):
    publish_as_approver(
        draft_update(Commitment.objects.get(reference="IICSA-1"), reason="As IICSA-13 was built, so was this.")
    )
    assert search(client, "IICSA-13") == ["IICSA-13", "IICSA-1"]
    assert search(client, "iicsa 13") == ["IICSA-13", "IICSA-1"]


def test_a_file_and_the_api_have_the_order_of_the_page(client, register):
    lines = client.get("/commitments.csv?q=police").getvalue().decode().splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == ["PET20-7", "JAN25-4"]
    answer = client.get("/api/commitments/?q=police&per_page=1&page=2").json()
    assert [each["reference"] for each in answer["commitments"]] == ["JAN25-4"]


def test_the_page_says_that_the_best_match_comes_first_only_where_it_does(client, register):
    sentence = "The best match comes first."
    assert sentence in read_commitments(client, q="police").main
    for question in ("", "q=police&sort=title", "q=nothing-of-the-kind", "q=-police"):
        assert sentence not in read_commitments(client, question).main, question


def read_marks(client: Client, asked: str, **others: str) -> dict[str, list[str]]:
    """Return the words that are marked in each row, and before them what its line of context says."""
    page = read_commitments(client, q=asked, **others)
    rows = [row for table in page.find_all("table", css="register-table") for row in table.findall("./tbody/tr")]
    found = {}
    for row in rows:
        lines = [read_text(line) for line in row.iter("div") if "excerpt" in line.get("class", "")]
        found[read_text(row[0])] = [*lines, *(read_text(mark) for mark in row.iter("mark"))]
    return found


MARKED: dict[str, dict[str, list[str]]] = {
    "builds": {"IICSA-13": ["Build"]},
    '"national helpline"': {"IICSA-13": ["national helpline"]},
    "cafe built": {
        "IICSA-13": [
            "Summary: A café in Môn: “Tŷ Hafan” will be built for £5m by Casey’s team, face to face.",
            *("café", "built"),
        ]
    },
    "helpline cafe": {
        "IICSA-13": [
            "Summary: A café in Môn: “Tŷ Hafan” will be built for £5m by Casey’s team, face to face.",
            *("helpline", "café"),
        ]
    },
    "gazette": {"PET20-8": ["Evidence: A letter to headteachers, The Gazette", "Gazette"]},
    "5m nobody": {"PET20-8": ["Summary: Nobody was asked.", "Nobody"]},
    "5m guidance": {
        "PET20-8": ["Reason: Guidance was issued, and 5 million pounds were paid.", "Guidance", "5 million"]
    },
    "safeguarding": {"PET20-8": ["Topic: Safeguarding", "Safeguarding"]},
    "skye": {"PET20-8": ["Made by: Lord Example of Skye", "Skye"]},
    "lantern": {"IICSA-13": ["Programme: Lantern review", "Lantern"]},
    "iicsa 13": {"IICSA-13": []},
    "inquiries -police": {},
    "-police": {"IICSA-1": [], "IICSA-13": [], "IICSA-M3": [], "PET20-8": []},
}


@pytest.mark.parametrize("on", ["", "2024-03-05"])
def test_each_row_shows_where_the_words_are_that_found_it(client, register, on):
    day = {"on": on} if on else {}
    assert {asked: read_marks(client, asked, **day) for asked in MARKED} == MARKED


def test_the_line_of_context_shows_what_the_title_does_not(client):
    made = make_commitment("REV-1", title="Of zebras", summary="Each zebra is counted.")
    publish_as_approver(draft_update(made, reason="An okapi was seen beside the river."))
    assert read_marks(client, "zebra okapi")["REV-1"][0] == "Reason: An okapi was seen beside the river."


def test_a_past_day_shows_no_words_that_were_written_later(client, register):
    publish_as_approver(
        draft_update(Commitment.objects.get(reference="PET20-8"), "2025-03-01", reason="Guidance of zebras was issued.")
    )
    assert read_marks(client, "guidance")["PET20-8"][0] == "Reason: Guidance of zebras was issued."
    assert read_marks(client, "guidance", on="2024-06-01")["PET20-8"][0].startswith("Reason: Guidance was issued, and")


def test_words_that_look_like_markup_are_shown_as_words(client):
    make_commitment("REV-1", title="<b>Bold</b> & brave", summary='The "quotes" of <script>alert(1)</script> zebras.')
    page = read_commitments(client, q="bold zebras")
    assert "&lt;b&gt;<mark>Bold</mark>&lt;/b&gt; &amp; brave" in page.html
    assert "&lt;<mark>b&gt;Bold</mark>&lt;/b&gt;" in read_commitments(client, q='"b bold"').html
    assert "of &lt;script&gt;alert(1)&lt;/script&gt; <mark>zebras</mark>" in page.html


def test_a_long_text_is_cut_to_where_most_of_the_words_are():
    words = [f"w{number}" for number in range(100)]
    words[10], words[70], words[75] = "zebra", "zebras", "okapi"
    pieces = Marked(read_search("zebra okapi"), " ".join(words)).cut()
    assert [piece.text for piece in pieces if piece.is_found] == ["zebras", "okapi"]
    shown = "".join(piece.text for piece in pieces)
    assert shown.startswith("…w64 w65")
    assert shown.endswith("w91…")
    short = Marked(read_search("okapi zebra"), "Zebra zebra, okapi.")
    assert [tuple(piece) for piece in short.cut()] == [
        *(("Zebra", True), (" ", False), ("zebra", True), (", ", False), ("okapi", True), (".", False))
    ]
    end = Marked(read_search("w99"), " ".join(words)).cut()
    assert "".join(piece.text for piece in end) == "…" + " ".join(words[72:])


# --- Where nothing is found ----------------------------------------------------------------------

MEANT: dict[str, str | None] = {
    "polcie": "police",
    "Hepline": "helpline",
    "natoinal helpline": "national helpline",
    '"local inquireis"': '"local inquiries"',
    "inquery -stop": "inquiry -stop",
    "guidence": "guidance",
    "hafna": "hafan",
    "safegarding": "safeguarding",
    "police parliament": None,  # both are there, but not together
    "polcie parliament": None,
    "xylophone": None,
    "👮": None,
    "-": None,
}


@pytest.mark.parametrize("on", ["", "2024-03-05"])
def test_the_nearest_words_of_the_register_are_offered_if_they_find_something(client, register, on):
    day = {"on": on} if on else {}
    offered = {}
    for asked in MEANT:
        page = read_commitments(client, q=asked, **day)
        assert page.counted == 0, asked
        offered[asked] = next((read_text(link) for link in page.find_all("a") if link.get("class") == "meant"), None)
    assert offered == MEANT


def test_what_is_offered_keeps_the_rest_of_the_question(client, register):
    page = read_commitments(client, q="polcie", status="not-yet-checked", sort="title", page="3")
    (address,) = page.links_named("police")
    found = read_page(client, address)
    assert (found.counted, found.references) == (2, ["PET20-7", "JAN25-4"])
    assert "Did you mean police? 2 commitments match that." in page.main
    assert read_commitments(client, q="polcie", status="delivered").links_named("police") == []


def test_of_words_that_are_equally_near_the_commonest_is_offered(client, register):
    for reference, word in {"PET20-7": "stoap", "PET20-8": "stoat", "JAN25-4": "stoat"}.items():
        reason = f"There is one {word} in this report, which nobody else has counted."
        publish_as_approver(draft_update(Commitment.objects.get(reference=reference), "2025-03-01", reason=reason))
    assert "Did you mean stoat? 2 commitments match that." in read_commitments(client, q="stoax").main


def test_a_word_that_begins_with_a_figure_is_left_as_it_is_and_never_offered(client, register):
    reason = "There are 48151623 of them in the 4police report, and one stoat."
    publish_as_approver(draft_update(Commitment.objects.get(reference="PET20-8"), "2025-03-01", reason=reason))
    assert "Did you mean 4police stoat?" in read_commitments(client, q="4police stoax").main
    assert "Did you mean" not in read_commitments(client, q="48151624").main


def test_no_word_is_offered_that_is_not_public(client, register):
    draft_update(Commitment.objects.get(reference="PET20-8"), "2025-03-01", reason="A pangolin.")
    assert "Did you mean" not in read_commitments(client, q="pangolins").main
    assert "Did you mean" not in read_commitments(client, q="pangoiln").main
