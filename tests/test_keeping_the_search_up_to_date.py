"""The database itself keeps the search up to date, whatever writes to it, and nothing but what is public is in it."""

from typing import Any

import pytest
from django.db import connection

from tests.examples import (
    D,
    draft_commitment,
    draft_document,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_programme,
    publish_as_approver,
)
from tests.seven import make_topic
from tracker import guards, indexing
from tracker.auditing import find_broken_invariants
from tracker.models import Commitment, Department, Document, Evidence, StatusUpdate, Withdrawal
from tracker.moments import Moment
from tracker.words import stem

pytestmark = pytest.mark.usefixtures("empty_register")


def search(asked: str, moment: Moment | None = None) -> list[str]:
    """Return what the database finds, without the counts that a page keeps until the log grows."""
    rows = Commitment.objects.as_at(moment) if moment else Commitment.objects.published()
    found = [key for keys in rows.rank_matches(asked).values() for key in keys]
    return list(Commitment.objects.filter(pk__in=found).order_by("reference").values_list("reference", flat=True))


@pytest.fixture
def quagga() -> Commitment:
    """A commitment with a published update and its evidence, and no word of a quagga."""
    made = make_commitment("REV-1")
    made.topics.set([make_topic("schools")])
    made.supporting.set([make_department("ofsted")])
    publish_as_approver(draft_update(made, evidence={"document": make_document("told")}))
    draft_update(make_commitment("REV-2", programme=make_programme("the-act"), department=make_department("justice")))
    return made


def execute(sql: str, *values: Any) -> None:
    with guards.set_aside(), connection.cursor() as cursor:
        cursor.execute(sql, values)


WRITES = {
    "a title": "UPDATE tracker_commitment SET title = 'A quagga' WHERE reference = 'REV-1'",
    "a Welsh title": "UPDATE tracker_commitment SET title_cy = 'Cwagga quagga' WHERE reference = 'REV-1'",
    "a summary": "UPDATE tracker_commitment SET summary = 'Quaggas.' WHERE reference = 'REV-1'",
    "a Welsh summary": "UPDATE tracker_commitment SET summary_cy = 'Quaggas.' WHERE reference = 'REV-1'",
    "who made it": "UPDATE tracker_commitment SET made_by = 'Quagga Secretary' WHERE reference = 'REV-1'",
    "a reason": "UPDATE tracker_statusupdate SET reason = 'Quaggas came.' WHERE published_at IS NOT NULL",
    "a Welsh reason": "UPDATE tracker_statusupdate SET reason_cy = 'Quaggas.' WHERE published_at IS NOT NULL",
    "evidence": "UPDATE tracker_document SET title = 'On the quagga' WHERE identifier = 'told'",
    "a publisher": "UPDATE tracker_document SET publisher = 'Quagga Office' WHERE identifier = 'told'",
    "a department": "UPDATE tracker_department SET name = 'Quagga Office' WHERE slug = 'home-office'",
    "an abbreviation": "UPDATE tracker_department SET abbreviation = 'QUAGGA' WHERE slug = 'home-office'",
    "a supporting body": "UPDATE tracker_department SET name = 'Quagga Office' WHERE slug = 'ofsted'",
    "a programme": "UPDATE tracker_programme SET name = 'Quagga review' WHERE slug = 'the-review'",
    "a topic": "UPDATE tracker_topic SET name = 'Quaggas' WHERE slug = 'schools'",
}


@pytest.mark.parametrize("what", WRITES)
def test_whoever_writes_the_search_knows_at_once(quagga, what):
    assert search("quagga") == []
    assert "quagga" not in indexing.read_vocabulary()
    execute(WRITES[what])
    assert search("quagga") == ["REV-1"]
    assert "quagga" in indexing.read_vocabulary()
    assert indexing.find_stale() == {}


LOSSES = {
    "ofsted": "DELETE FROM tracker_commitment_supporting",
    "schools": "DELETE FROM tracker_commitment_topics",
    "commons": "UPDATE tracker_statusupdate SET reason = 'Nothing more is said.'",
    "told": "DELETE FROM tracker_evidence",
    "review": "UPDATE tracker_commitment SET programme_id = (SELECT id FROM tracker_programme WHERE slug = 'the-act'), "
    "number = 9 WHERE reference = 'REV-1'",
    "office": "UPDATE tracker_commitment SET made_by = 'Somebody', department_id = "
    "(SELECT id FROM tracker_department WHERE slug = 'justice')",
}


@pytest.mark.parametrize("word", LOSSES)
def test_what_is_gone_is_no_longer_found(quagga, word):
    Document.objects.filter(identifier="told").update(publisher="Somebody")
    assert search(word) == ["REV-1"]
    assert stem(word) in indexing.read_vocabulary()
    execute(LOSSES[word])
    assert search(word) == []
    assert stem(word) not in indexing.read_vocabulary()
    assert indexing.find_stale() == {}


MOVES = {
    "to a later day": ("as_of = '2024-03-02'", []),
    "to a later publication": ("published_at = '2024-06-02 12:00+00:00'", []),
    "out of what is published": ("published_at = NULL, number = NULL", []),
    "to another commitment": (
        "number = 9, commitment_id = (SELECT id FROM tracker_commitment WHERE reference = 'REV-2')",
        ["REV-2"],
    ),
}


@pytest.mark.parametrize("where", MOVES)
def test_whoever_moves_an_update_the_search_of_a_past_day_knows_at_once(quagga, where):
    moment = Moment(D("2026-11-21"), on=D("2024-03-01"), known=D("2024-06-01"))
    update = "UPDATE tracker_statusupdate SET {} WHERE published_at IS NOT NULL"
    execute(update.format("published_at = '2024-06-01 12:00+00:00'"))
    assert search("commons", moment) == ["REV-1"]
    change, found = MOVES[where]
    execute(update.format(change))
    assert search("commons", moment) == found
    assert indexing.find_stale() == {}


of_postgresql = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite keeps no stems or days beside its words, so none that could differ"
)


@of_postgresql
def test_stems_that_are_not_those_of_the_index_are_noticed(quagga):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO search_stems VALUES ('quagga')")
        cursor.execute("DELETE FROM search_stems WHERE stem = 'school'")
    assert {name: sorted(stems) for name, stems in indexing.find_stale().items()} == {
        "search_stems": ["quagga", "school"]
    }
    assert [said for said in find_broken_invariants() if "search_stems" in said] == [
        "The search does not know what is public now of 2 rows of search_stems."
    ]
    indexing.take_down()
    indexing.put_up()
    assert indexing.find_stale() == {}


@of_postgresql
@pytest.mark.parametrize("beside", ["commitment = 0", "as_of = '2024-03-02'", "published_at = '2024-06-02'"])
def test_what_stands_beside_the_words_and_is_not_true_is_noticed(quagga, beside):
    key = StatusUpdate.objects.ever_published().get().pk
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE search_update SET {beside}")  # noqa: S608
    assert indexing.find_stale() == {"search_update": [key]}


@of_postgresql
def test_an_index_of_another_shape_is_made_anew(quagga):
    moment = Moment(D("2026-11-21"), on=D("2024-03-01"))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE search_update")
        cursor.execute("CREATE TABLE search_update (id bigint PRIMARY KEY, words tsvector NOT NULL)")
        cursor.execute("COMMENT ON VIEW search_update_text IS 'another'")
    assert indexing.find_missing() == ["search_update_text"]
    indexing.put_up()
    assert (indexing.find_missing(), indexing.find_stale()) == ([], {})
    assert search("commons", moment) == ["REV-1"]


@of_postgresql
def test_the_database_keeps_no_stems_in_its_statistics_and_says_where_they_have_no_table(quagga):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_stems")
        cursor.execute("SELECT count(*) FROM pg_stats WHERE tablename = 'search_stems'")
        assert cursor.fetchone() == (0,)
        cursor.execute("DROP TABLE search_stems")
    assert indexing.find_missing() == ["search_stems"]
    indexing.put_up()
    assert (indexing.find_missing(), indexing.find_stale()) == ([], {})


def test_rows_written_at_once_are_all_found(quagga):
    update = StatusUpdate.objects.ever_published().get()
    with guards.set_aside():
        others = [
            StatusUpdate(
                commitment=quagga,
                number=number,
                status="in-progress",
                as_of=D("2024-04-01"),
                reason=f"Zebras and the number {number}.",
                published_at=update.published_at,
            )
            for number in range(70, 75)
        ]
        StatusUpdate._base_manager.bulk_create(others)
        Evidence._base_manager.bulk_create(
            Evidence(status_update=other, document=make_document("gnus")) for other in others
        )
    assert [search(asked) for asked in ("zebra 70 74", "gnu")] == [["REV-1"], ["REV-1"]]
    assert indexing.find_stale() == {}


def test_what_is_undone_was_never_found(quagga):
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before")
        cursor.execute(WRITES["a topic"])
        cursor.execute("ROLLBACK TO SAVEPOINT before")
    assert search("quagga") == []
    assert search("schools") == ["REV-1"]
    assert {stem("quagga"), stem("schools")} & {*indexing.read_vocabulary()} == {stem("schools")}


def test_nothing_of_a_draft_is_in_the_index(quagga):
    draft_update(quagga, reason="The quagga is still a draft, so nobody must find it.")
    draft_commitment(
        "REV-3",
        title="Quagga",
        summary="Quagga",
        department=Department.objects.create(slug="quagga", name="Quagga", kind="regulator"),
    )
    StatusUpdate.objects.drafts().update(reason="A quagga is in this draft, and later another word.")
    draft_document("quagga", publisher="Quagga")
    with connection.cursor() as cursor:
        cursor.execute(WRITES["a reason"].replace("IS NOT NULL", "IS NULL"))
    assert (search("quagga"), list(Document.objects.published().matching("quagga"))) == ([], [])
    assert read_index("quagga") == []


def read_index(word: str) -> list[str]:
    """Return the names of the indexes in which a word is."""
    held = {"sqlite": "{0} MATCH %s", "postgresql": "words @@ %s::tsquery"}[connection.vendor]
    found = []
    with connection.cursor() as cursor:
        for name in ("search_commitment", "search_update", "search_document"):
            cursor.execute(f"SELECT count(*) FROM {name} WHERE {held.format(name)}", [stem(word)])  # noqa: S608
            found += [name] if cursor.fetchone()[0] else []
    return found


def test_what_is_withdrawn_leaves_the_index_at_once(quagga):
    execute(WRITES["a reason"])
    assert read_index("quagga") == ["search_commitment", "search_update"]
    reason = "It was entered twice: the other entry is the right one."
    publish_as_approver(Withdrawal.objects.create(commitment=quagga, reason=reason))
    assert (search("quagga"), read_index("quagga")) == ([], [])


# --- The index itself ----------------------------------------------------------------------------


def test_every_part_of_the_index_stands():
    assert indexing.find_missing() == []


def drop_one() -> str:
    name = "search_commitment_update_statusupdate"
    sqlite, postgresql = f"DROP TRIGGER {name}", f"DROP TRIGGER {name} ON tracker_statusupdate"
    with connection.cursor() as cursor:
        cursor.execute({"sqlite": sqlite, "postgresql": postgresql}[connection.vendor])
    return name


def test_a_missing_trigger_is_noticed_and_put_up_again(quagga):
    name = drop_one()
    execute(WRITES["a reason"])
    assert indexing.find_missing() == [name]
    assert indexing.find_stale() == {"search_commitment": [quagga.pk]}
    sentences = list(find_broken_invariants())
    assert (
        f"The database does not keep the search up to date: {name} is missing. `manage.py migrate` mends it."
        in sentences
    )
    assert "The search does not know what is public now of 1 row of search_commitment." in " ".join(sentences)
    assert search("quagga") == []
    indexing.put_up()
    assert (indexing.find_missing(), indexing.find_stale()) == ([], {})
    assert search("quagga") == ["REV-1"]


def test_a_migration_takes_the_triggers_down_and_the_index_is_filled_anew(quagga):
    indexing.take_down()
    assert search("schools") == ["REV-1"]  # while it lasts, a search finds what it found before
    execute(WRITES["a topic"])
    indexing.put_up()
    assert [search(asked) for asked in ("schools", "quagga")] == [[], ["REV-1"]]


def test_much_is_written_with_the_index_set_aside(quagga):
    with indexing.set_aside():
        execute(WRITES["a title"])
    assert search("quagga") == ["REV-1"]
