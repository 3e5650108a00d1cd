"""A public page's ETag names the version of the register that it shows, so that who holds it costs no drawing."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.examples import draft_update, make_commitment, publish_as_approver
from tests.handing import Answer, Site
from tests.pages import ALL_PAGES, DataPage, HelpPage
from tracker import naming
from tracker.models import SiteState

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("on_21_november_2026", "connection_of_the_test_stays_open"),
]

PAGE = "/commitments/REV-1/"
NOT_SENT_AGAIN = {"Content-Disposition", "Content-Encoding", "Content-Length", "Content-Type"}
# The page of help is for nobody to keep, that of files may change while the register stays, the desk is personal.
NAMED = [
    page.path
    for page in ALL_PAGES
    if page.status == 200 and "password" not in page.path and page not in (DataPage, HelpPage)
]


def hold(answer: Answer) -> dict[str, str]:
    return {"if_none_match": answer.headers["ETag"]}


@pytest.fixture
def page(empty_register: None) -> Answer:
    make_commitment("REV-1")
    return Site().get(PAGE)


@pytest.mark.usefixtures("loaded_register")
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_who_holds_a_page_is_told_so_by_a_process_that_never_drew_it(django_assert_num_queries: Any, encoding: str):
    names = set()
    for path in NAMED[::3]:
        drawn = Site().get(path, accept_encoding=encoding)
        with django_assert_num_queries(2):  # two looks at the version
            held = Site().get(path, accept_encoding=encoding, **hold(drawn))
        assert (held.status, held.body, held.headers["ETag"]) == (304, b"", drawn.headers["ETag"]), path
        assert held.headers == {name: each for name, each in drawn.headers.items() if name not in NOT_SENT_AGAIN}, path
        assert Site().get(path, method="HEAD", accept_encoding=encoding, **hold(drawn)).status == 304
        names.add(drawn.headers["ETag"])
    assert len(names) == len(NAMED[::3])


def test_every_other_question_has_another_name(page: Answer):
    for address in (f"{PAGE}?on=2026-11-20", f"/cy{PAGE}", "/commitments/"):
        assert Site().get(address, **hold(page)).status == 200, address
    assert Site().get(PAGE, host="localhost", **hold(page)).status == 200
    assert Site().get(PAGE, accept_encoding="gzip", **hold(page)).status == 200
    assert Site().get(PAGE, **hold(page)).status == 304


def test_the_order_of_the_parameters_and_the_port_inside_make_no_other_name(page: Answer):
    one = Site().get("/commitments/?status=delivered&q=step")
    assert Site().get("/commitments/?q=step&status=delivered", **hold(one)).status == 304


def test_a_publication_gives_every_page_another_name(page: Answer):
    text = Site().get("/about/")
    publish_as_approver(draft_update(make_commitment("REV-2"), "2024-03-01"))
    assert [Site().get(path, **hold(held)).status for path, held in ((PAGE, page), ("/about/", text))] == [200, 200]


def test_so_does_a_new_day_in_london(page: Answer, monkeypatch: pytest.MonkeyPatch):
    late = dt.datetime(2026, 11, 21, 23, 59, 59, tzinfo=dt.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)
    assert Site().get(PAGE, **hold(page)).status == 304
    monkeypatch.setattr("django.utils.timezone.now", lambda: late + dt.timedelta(seconds=1))
    assert Site().get(PAGE, **hold(page)).status == 200


def test_so_does_a_notice_even_under_a_number_that_was_given_before(page: Answer):
    """As after an older backup of the database was put back."""
    SiteState.objects.update_or_create(pk=1, defaults={"notice": "Closed on Monday."})
    first = Site().get(PAGE, **hold(page))
    SiteState.objects.update(notice="Closed on Tuesday.")
    second = Site().get(PAGE, **hold(first))
    assert [(each.status, b"Closed on" in each.body) for each in (first, second)] == [(200, True)] * 2


@pytest.mark.parametrize(
    ("name", "value"), [("CONTACT_EMAIL", "errors@register.example"), ("SITE_URL", "https://register.example")]
)
def test_so_does_a_setting_that_pages_show(page: Answer, settings: Any, name: str, value: str):
    setattr(settings, name, value)
    assert Site().get(PAGE, **hold(page)).status == 200


def test_so_does_another_version_of_the_code(page: Answer, settings: Any, tmp_path: Path):
    for room in naming.ROOMS:
        (tmp_path / room).mkdir()
    for file in ("requirements.txt", "templates/page.html"):
        (tmp_path / file).write_text("before")
    settings.BASE_DIR = tmp_path
    before = naming.read_code()
    (tmp_path / "tracker" / "__pycache__").mkdir()
    (tmp_path / "tracker" / "__pycache__" / "urls.pyc").write_text("made again")
    assert naming.read_code() == before
    (tmp_path / "templates" / "page.html").write_text("after")
    assert naming.read_code() != before
    assert Site().get(PAGE, **hold(page)).status == 200


def test_no_name_is_believed_where_it_was_not_given(page: Answer):
    for address, status in (("/commitments/REV-9/", 404), ("/commitments/rev-1/", 301), ("/help/", 200)):
        assert Site().get(address, **hold(page)).status == status
    for made_up in ("*", '"0"', '""', '"register.name"', "\x00", page.headers["ETag"].strip('"')):
        assert Site().get(PAGE, if_none_match=made_up).status == (304 if made_up == "*" else 200)
    several = f'"other", W/{page.headers["ETag"]}'
    assert Site().get(PAGE, if_none_match=several).status == 304


def test_whoever_has_a_cookie_is_never_told_so_by_a_name(page: Answer):
    client = Client()
    client.force_login(get_user_model().objects.create(username="ada", is_staff=True))
    cookie = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
    for personal in ({"cookie": cookie}, {"cookie": "who=me"}, {"authorization": "Basic YTpi"}):
        answer = Site().get(PAGE, **hold(page), **personal)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "private, no-store")
        assert answer.headers.get("ETag") != page.headers["ETag"]


def test_what_other_sites_may_frame_says_so_again_when_it_has_not_changed(page: Answer):
    card = Site().get(f"{PAGE}card/")
    held = Site().get(f"{PAGE}card/", **hold(card))
    assert (card.status, held.status) == (200, 304)
    assert "frame-ancestors *" in held.headers["Content-Security-Policy"]
