"""A reader follows what changes in a feed: what the filters describe, what a page is about, one commitment or all."""

import re

import feedparser
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.examples import (
    REASON,
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_person,
    publish_as_approver,
)
from tests.feeds import find_faults
from tests.reading import read_page
from tests.seven import find, make_seven_commitments, make_topic
from tracker.models import Checkpoint, Withdrawal

pytestmark = pytest.mark.usefixtures("empty_register")

WHY = "It was entered twice, see ACT-1 of the same set."
SITE = "http://127.0.0.1:8000"


@pytest.fixture
def seven(on_21_november_2026, db) -> None:
    make_seven_commitments()


def read_feed(client, address: str) -> feedparser.FeedParserDict:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert "Set-Cookie" not in response.headers
    feed = feedparser.parse(response.content)
    assert (feed.bozo, feed.version) == (False, "atom10")
    return feed


def list_titles(client, address: str) -> list[str]:
    return [entry.title for entry in read_feed(client, address).entries]


ALL = [
    "REV-2: Delivered. Write to every school",
    "ACT-4: Replaced. Review the old cases",
    "ACT-3: Cannot be judged. Publish the data each year",
    "ACT-2: Partly delivered. Pay for local inquiries",
    "ACT-1: In progress. Make reporting a duty",
    "REV-1: In progress. Open a helpline for children",
]


@pytest.mark.parametrize(
    ("address", "references"),
    [
        ("/commitments.atom", ["REV-2", "ACT-4", "ACT-3", "ACT-2", "ACT-1", "REV-1"]),
        ("/commitments.atom?status=in-progress&department=home-office", ["REV-1"]),
        ("/commitments.atom?department=home-office&supporting=on", ["REV-2", "ACT-3", "ACT-1", "REV-1"]),
        ("/commitments.atom?q=%22make+reporting%22&sort=title&page=7", ["ACT-1"]),
        ("/commitments.atom?q=zeppelin", []),
        ("/departments/home-office/feed/", ["REV-2", "ACT-3", "REV-1"]),
        ("/programmes/the-act/feed/", ["ACT-4", "ACT-3", "ACT-2", "ACT-1"]),
        ("/topics/policing/feed/", ["REV-2", "ACT-3"]),
        ("/commitments/ACT-2/feed/", ["ACT-2"]),
        ("/commitments/rev-3/feed/", []),
    ],
)
def test_a_feed_holds_the_updates_of_what_its_address_describes_newest_published_first(
    client, seven, address, references
):
    assert list_titles(client, address) == [
        next(title for title in ALL if title.startswith(f"{reference}:")) for reference in references
    ]


def test_an_entry_has_the_whole_update_with_its_evidence_under_its_permanent_address(client, seven):
    (entry,) = read_feed(client, "/commitments/ACT-1/feed/").entries
    assert (entry.id, entry.link) == (f"{SITE}/commitments/ACT-1/#update-1",) * 2
    assert entry.updated == entry.published == "2026-11-21T12:00:00+00:00"
    assert [tag.term for tag in entry.tags] == ["In progress"]
    html = entry.content[0].value
    words = " ".join(re.sub("<[^>]+>", " ", html).split())
    assert words == (
        "In progress , true since 1 July 2025. Our assessment, on weak evidence only. "
        f"{REASON} Evidence: The news , Home Office, 1 July 2025 (Weak evidence; about this document ). "
        "Says what was done. Led by Justice. ACT-1: the whole history"
    )
    assert re.findall('href="([^"]+)"', html) == [
        "https://www.gov.uk/the-news",
        f"{SITE}/documents/the-news/",
        f"{SITE}/commitments/ACT-1/",
    ]


def test_a_feed_says_what_it_is_whose_it_is_and_where_it_is(client, seven):
    feed = read_feed(client, "/commitments.atom?status=in-progress&department=home-office&page=2").feed
    address = "?department=home-office&status=in-progress"
    assert feed.title == "Commitments Register: Home Office, In progress"
    assert feed.id == f"{SITE}/commitments.atom{address}"
    assert {link.rel: link.href for link in feed.links} == {
        "alternate": f"{SITE}/commitments/{address}",
        "self": f"{SITE}/commitments.atom{address}",
        "license": f"{SITE}/about/#licence",
        "related": f"{SITE}/log/checkpoint/{Checkpoint.objects.first().size}",
    }
    assert (feed.author, feed.updated) == ("Commitments Register", "2026-11-21T12:00:00+00:00")
    assert "#licence" in feed.rights


def test_each_reader_is_given_the_newest_checkpoint_as_it_was_signed(client, seven):
    text = client.get("/commitments.atom").content.decode()
    start = '<tlog:checkpoint xmlns:tlog="https://c2sp.org/tlog-checkpoint">'
    assert text.partition(start)[2].partition("</tlog:checkpoint>")[0] == client.get("/log/checkpoint").content.decode()


def test_a_feed_about_nothing_yet_is_a_feed(client):
    assert list_titles(client, "/commitments.atom") == []


def test_ids_stay_when_the_same_update_is_asked_for_in_another_way_and_on_another_day(client, seven):
    def read_ids(address: str) -> set[tuple[str, str]]:
        entries = read_feed(client, address).entries
        return {(entry.id, entry.updated) for entry in entries if "ACT-1" in entry.id}

    found = [
        read_ids(address) for address in ("/commitments.atom", "/departments/justice/feed/", "/commitments/ACT-1/feed/")
    ]
    evidence = {"document": make_document("the-law")}
    publish_as_approver(draft_update(find("ACT-1"), "2026-01-01", status="partly-delivered", evidence=evidence))
    later = read_ids("/commitments.atom?on=2025-12-31")
    assert found == [later] * 3
    assert len(read_ids("/commitments.atom")) == 2


def test_a_correction_and_what_it_corrects_say_so(client, seven):
    wrong = find("REV-2").status_updates.get()
    publish_as_approver(draft_update(find("REV-2"), "2024-06-10", status="in-progress", corrects=wrong))
    newer, older = read_feed(client, "/commitments/REV-2/feed/").entries
    assert (newer.title, older.title) == (
        "REV-2: Correction: In progress. Write to every school",
        "REV-2: Delivered. Write to every school",
    )
    assert f'This corrects <a href="{SITE}/commitments/REV-2/#update-1">update 1</a>' in newer.content[0].value
    assert f'Corrected by <a href="{SITE}/commitments/REV-2/#update-2">update 2</a>' in older.content[0].value


def test_a_claim_is_named_as_one(client, seven):
    publish_as_approver(draft_update(find("REV-3"), "2026-01-01", status="delivered", basis="claim"))
    assert list_titles(client, "/commitments/REV-3/feed/") == [
        "REV-3: The body's own claim: Delivered. Train every teacher"
    ]


def test_a_withdrawal_takes_the_place_of_the_updates(client, seven):
    draft = Withdrawal.objects.create(commitment=find("ACT-2"), reason=WHY, author=make_person("a"))
    assert list_titles(client, "/commitments/ACT-2/feed/") == ["ACT-2: Partly delivered. Pay for local inquiries"]
    publish_as_approver(draft)
    (entry,) = read_feed(client, "/departments/education/feed/").entries
    assert entry.title == "ACT-2: Withdrawn. Pay for local inquiries"
    assert f"The reason: {WHY}" in entry.content[0].value
    assert (entry.id, entry.link) == (f"{SITE}/commitments/ACT-2/#withdrawal-1", f"{SITE}/commitments/ACT-2/")


def test_a_feed_that_leaves_a_word_out_still_says_what_was_withdrawn(client, seven):
    publish_as_approver(Withdrawal.objects.create(commitment=find("ACT-2"), reason=WHY, author=make_person("a")))
    titles = list_titles(client, "/commitments.atom?q=-teacher")
    assert "ACT-2: Withdrawn. Pay for local inquiries" in titles
    assert not [title for title in titles if "teacher" in title]
    assert list_titles(client, "/commitments.atom?q=local+inquiries") == []


def test_no_draft_is_in_a_feed(client, seven):
    before = client.get("/commitments.atom").content
    draft_update(find("REV-2"), "2026-01-01", corrects=find("REV-2").status_updates.get())
    draft_update(find("REV-3"), "2026-01-01")
    Withdrawal.objects.create(commitment=find("ACT-2"), reason=WHY)
    assert client.get("/commitments.atom").content == before


def test_a_feed_of_a_past_day_ends_on_that_day(client, seven):
    address = "/commitments.atom?on=2025-07-02"
    assert list_titles(client, address) == [
        title for title in ALL if title.startswith(("REV-2", "ACT-2", "ACT-1", "REV-1"))
    ]
    assert list_titles(client, "/commitments.atom?known=2026-11-20") == []
    assert list_titles(client, "/topics/policing/feed/?on=2025-07-02") == [ALL[0]]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/commitments.atom?status=bogus", "“bogus” is not one of the choices of “Status”."),
        (
            "/commitments.atom?made_after=31-02-2025",
            "“Made on or after” must be a real date, written like 2026-11-21.",
        ),
        ("/commitments.atom?password=1", "“password” is not a filter of this list. Remove it from the address."),
        ("/commitments.atom?on=2025-02-31", "“2025-02-31” is not a real date. Write “on” like 2025-04-09."),
        ("/commitments.atom?q=%00", "Null characters are not allowed."),
        (
            "/departments/home-office/feed/?status=delivered",
            "“status” means nothing here. /commitments.atom takes every filter of the list.",
        ),
        ("/commitments/REV-1/feed/?q=x", "“q” means nothing here. Remove it from the address."),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_plain_words(client, seven, address, sentence):
    response = client.get(address)
    assert (response.status_code, response["Content-Type"]) == (400, "application/atom+xml; charset=utf-8")
    assert find_faults(response.content, f"{SITE}{address}") == []
    feed = feedparser.parse(response.content)
    assert feed.feed.title == "Commitments Register: this question cannot be answered"
    assert [(entry.title, entry.content[0].value) for entry in feed.entries] == [(sentence, f"<p>{sentence}</p>")]


@pytest.mark.parametrize("address", ["/departments/bogus/feed/", "/commitments/REV-9/feed/", "/topics/bogus/feed/"])
def test_there_is_no_feed_about_what_is_not_in_the_register(client, seven, address):
    assert client.get(address).status_code == 404


def test_words_that_no_feed_can_hold_are_left_out(client, seven):
    publish_as_approver(draft_update(find("REV-3"), "2026-01-01", reason=f"\x0b{REASON} & <b>more</b>\x1f"))
    (entry,) = read_feed(client, "/commitments.atom?q=%0bteacher").entries
    assert f"<p>{REASON} &amp; &lt;b&gt;more&lt;/b&gt;</p>" in entry.content[0].value


def test_a_feed_that_is_unchanged_is_not_sent_again(client, seven):
    first = client.get("/commitments.atom")
    again = client.get("/commitments.atom", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_feed_holds_fifty_entries_at_most_and_asks_as_much_of_one_commitment_as_of_three(client):
    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            read_feed(client, address)
        return len(queries)

    questions = {
        "/commitments.atom": 8,
        "/departments/home-office/feed/": 13,
        "/commitments/REV-1/feed/": 9,
        "/commitments.atom?on=2026-01-01": 7,
    }
    of_one_and_of_three = []
    for numbers in ((1,), (2, 3)):
        for number in numbers:
            commitment = make_commitment(f"REV-{number}", department=make_department())
            commitment.topics.set([make_topic("everything")])
            evidence = {"document": make_document(f"document-{number}")}
            publish_as_approver(draft_update(commitment, evidence=evidence))
        of_one_and_of_three.append({address: count(address) for address in questions})
    assert of_one_and_of_three == [questions, questions]
    for number in range(50):
        publish_as_approver(draft_update(find("REV-1"), "2024-04-01", reason=f"{REASON} {number}"))
    titles = [entry.content[0].value for entry in read_feed(client, "/commitments.atom").entries]
    assert [f"{REASON} {number}</p>" in title for number, title in zip(range(49, -1, -1), titles, strict=True)] == [
        True
    ] * 50


@pytest.mark.parametrize(
    ("address", "feed", "calendar"),
    [
        ("/commitments/", "/commitments.atom", "/commitments.ics"),
        (
            "/commitments/?department=justice&sort=title&on=2025-12-31",
            "/commitments.atom?department=justice&on=2025-12-31",
            "/commitments.ics?department=justice&on=2025-12-31",
        ),
        ("/departments/justice/", "/departments/justice/feed/", "/commitments.ics?department=justice"),
        ("/programmes/the-act/", "/programmes/the-act/feed/", "/commitments.ics?programme=the-act"),
        (
            "/topics/policing/?on=2025-12-31",
            "/topics/policing/feed/?on=2025-12-31",
            "/commitments.ics?topic=policing&on=2025-12-31",
        ),
        ("/commitments/ACT-1/", "/commitments/ACT-1/feed/", "/commitments/ACT-1/calendar/"),
        ("/changes/", "/commitments.atom", "/commitments.ics"),
        (
            "/changes/?since=2026-01-01&until=2026-06-30&department=justice&programme=the-act",
            "/commitments.atom?department=justice&programme=the-act",
            "/commitments.ics?department=justice&programme=the-act",
        ),
    ],
)
def test_a_page_offers_the_feed_and_the_calendar_of_what_it_shows(client, seven, address, feed, calendar):
    shown = read_page(client, address)
    assert (shown.links_named("feed of changes"), shown.links_named("calendar of the dates")) == ([feed], [calendar])
    others = [link for link in shown.find_all("link") if link.get("type") in {"application/atom+xml", "text/calendar"}]
    assert {link.get("type"): link.get("href") for link in others} == {
        "application/atom+xml": feed,
        "text/calendar": calendar,
    }
    assert (client.get(feed).status_code, client.get(calendar).status_code) == (200, 200)
