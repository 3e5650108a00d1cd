"""Every feed is one by the rules of the feed validator, whatever is in it, and says when it last changed."""

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.examples import (
    draft_update,
    make_commitment,
    make_department,
    make_document,
    make_person,
    publish_as_approver,
)
from tests.feeds import ATOM, etree, find_faults, read_date
from tests.files import SITE, fetch
from tests.seven import find, make_seven_commitments
from tracker.models import Commitment, Department, Programme, Redaction, Topic, Withdrawal

WHY = "It was entered twice, see ACT-1 of the same set."
NAME = "Jane Roe"
SAID = f"The bill was introduced after {NAME} spoke of it."


def check(address: str) -> None:
    """Read a feed and hold it to the rules."""
    response = Client().get(address)
    assert (response.status_code, response["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    assert find_faults(response.content, SITE + address) == []


@pytest.mark.usefixtures("loaded_register")
def test_each_feed_of_the_register_is_valid():
    addresses = ["/commitments.atom", "/commitments.atom?department=home-office&status=in-progress"]
    addresses += ["/commitments.atom?on=2025-06-16", f"/commitments.atom?{urlencode({'q': 'children <data> & more'})}"]
    for name, model in (("departments", Department), ("programmes", Programme), ("topics", Topic)):
        addresses += [f"/{name}/{slug}/feed/" for slug in model.objects.published().values_list("slug", flat=True)]
    references = Commitment.objects.published().values_list("reference", flat=True)
    addresses += [f"/commitments/{reference}/feed/" for reference in references]
    for address in addresses:
        check(address)


@pytest.mark.usefixtures("empty_register")
@pytest.mark.parametrize("address", ["/commitments.atom", "/commitments.atom?q=zeppelin", "/departments/justice/feed/"])
def test_a_feed_without_entries_is_valid(address: str):
    if "justice" in address:
        make_department("justice")
    check(address)
    assert etree.fromstring(fetch(address)).find(f"{ATOM}entry") is None


@pytest.mark.usefixtures("empty_register")
def test_a_feed_of_odd_words_corrections_and_withdrawals_is_valid():
    make_seven_commitments()
    wrong = find("REV-2").status_updates.get()
    publish_as_approver(draft_update(find("REV-2"), "2024-06-10", status="in-progress", corrects=wrong))
    publish_as_approver(Withdrawal.objects.create(commitment=find("ACT-2"), reason=WHY))
    odd = make_commitment("REV-9", title='"Quotes" \x0b & <b>marks</b> ]]> \u2028 \U0001f600')
    publish_as_approver(draft_update(odd, reason="<script>alert(1)</script> & <a href='/here'>a reason</a>."))
    for address in ("/commitments.atom", "/commitments/REV-2/feed/", "/commitments/ACT-2/feed/"):
        check(address)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("<id>", "<id> </id><id>", "Extra element id"),
        ('rel="self"', 'rel="related"', "its address is"),
        ('type="html"', 'type="text"', "no HTML as its content"),
        ("/commitments/REV-1/#update-1</id>", "/commitments/REV-2/#update-1</id>", "the same id"),
        ("<updated>2026-11-21T", "<updated>2025-11-21T", "updated before it was published"),
        ("&lt;p&gt;&lt;strong", "&lt;script&gt;&lt;/script&gt;&lt;p&gt;&lt;strong", "<script>"),
    ],
)
@pytest.mark.usefixtures("on_21_november_2026", "empty_register")
def test_the_rules_find_what_is_wrong(before: str, after: str, fault: str):
    make_seven_commitments()
    content = fetch("/commitments.atom").decode()
    assert find_faults(content.encode(), f"{SITE}/commitments.atom") == []
    assert before in content
    faults = find_faults(content.replace(before, after).encode(), f"{SITE}/commitments.atom")
    assert fault in " ".join(faults)


def read_updated(address: str) -> dict[str, dt.datetime]:
    """Return when a feed, and each entry by the end of its id, last changed."""
    feed = etree.fromstring(fetch(address))
    entries = {each.findtext(f"{ATOM}id").rpartition("/commitments/")[2]: each for each in feed.iter(f"{ATOM}entry")}
    return {name: read_date(each, "updated") for name, each in {"feed": feed, **entries}.items()}


MORNING, NOON, EVENING = (dt.datetime(2026, 11, 21, hour, tzinfo=dt.UTC) for hour in (9, 12, 18))


@pytest.fixture
def corrected(empty_register: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two commitments: one has had a correction since, the other will lose a name in the evening."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: MORNING)
    first, second = make_commitment("REV-1"), make_commitment("REV-2")
    wrong = publish_as_approver(draft_update(first))
    story = make_document("the-story", title=f"What {NAME} said")
    publish_as_approver(draft_update(second, reason=SAID, evidence={"document": story, "note": f"{NAME} says so."}))
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)
    publish_as_approver(draft_update(first, status="not-started", corrects=wrong))
    monkeypatch.setattr("django.utils.timezone.now", lambda: EVENING)


def test_an_update_that_is_corrected_was_updated_then(corrected: None):
    assert read_updated("/commitments.atom") == {
        "feed": NOON,
        "REV-1/#update-1": NOON,
        "REV-1/#update-2": NOON,
        "REV-2/#update-1": MORNING,
    }


@pytest.mark.parametrize("phrase", [NAME, "spoke of it", "says so", f"What {NAME}"])
def test_a_feed_and_the_entry_that_lost_words_were_updated_then(corrected: None, phrase: str):
    publish_as_approver(Redaction.objects.create(phrase=phrase, reason="court-order", author=make_person("author")))
    assert read_updated("/commitments.atom") == {
        "feed": EVENING,
        "REV-1/#update-1": NOON,
        "REV-1/#update-2": NOON,
        "REV-2/#update-1": EVENING,
    }
    assert phrase not in fetch("/commitments/REV-2/feed/").decode()
    check("/commitments.atom")
