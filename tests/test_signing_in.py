"""Staff sign in with a password and a second factor, and the desk opens to nobody else by any of its addresses."""

import base64
import io
import itertools
import json
import re
import runpy
import statistics
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry as StaffLogEntry
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from config.logs import LineOfJson
from tracker.models import SignInFailure, User
from tracker.signing_in import adapters, sessions, urls

PASSWORD = "tractor-lemon-violin-57"
LOGIN = "/accounts/login/"
DESK = "/admin/"
FAILED = "That username or e-mail address and that password do not belong together."
LIMITED = "Too many failed attempts. Wait five minutes, then try again."
MISMATCH = "That did not match. A code works once and for half a minute: wait for the next one."


def write_passkey(**response: str) -> str:
    """Write what a browser would send for a passkey that nobody has."""
    said = json.dumps({"type": "webauthn.get", "challenge": "AA", "origin": "http://testserver"}).encode()
    facts = {"clientDataJSON": encode(said), "authenticatorData": encode(bytes(37)), "signature": "AA"}
    return json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": facts | response})


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


STRANGE_PASSKEY = write_passkey(userHandle=encode(b"1"))

pytestmark = pytest.mark.django_db


# --- What the tests begin with ---------------------------------------------------------------


class App:
    """An authenticator app whose clock stands still until it is told to move."""

    def __init__(self) -> None:
        self.counter = 58_000_000
        self.secret = totp.generate_totp_secret()

    def code(self) -> str:
        return totp.format_hotp_value(totp.hotp_value(self.secret, self.counter))

    def wrong_code(self) -> str:
        return f"{(int(self.code()) + 1) % 1_000_000:06}"

    def wait_for_the_next(self) -> str:
        self.counter += 1
        return self.code()


@pytest.fixture(autouse=True)
def no_attempts(db: None) -> None:
    """Forget the attempts that a test with real transactions left behind."""
    cache.clear()


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    app = App()
    monkeypatch.setattr(totp, "yield_hotp_counters_from_time", lambda: iter([app.counter]))
    return app


def make_staff(username: str = "anna", **facts: Any) -> User:
    return User.objects.create_user(username, **{"password": PASSWORD, "is_staff": True, "is_superuser": True} | facts)


@pytest.fixture
def anna() -> User:
    return make_staff("anna", email="anna@example.org")


@pytest.fixture
def protected_anna(anna: User, app: App) -> User:
    """Staff with an authenticator app and recovery codes."""
    totp.TOTP.activate(anna, app.secret)
    adapters.Authenticator.objects.create(
        user=anna, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "ab" * 40, "used_mask": 0}
    )
    return anna


def give_password(client: Client, login: str = "anna", password: str = PASSWORD, **options: Any) -> Any:
    return client.post(LOGIN, {"login": login, "password": password}, **options)


def sign_in(client: Client, app: App) -> None:
    """Password, then code; the desk is open afterwards."""
    assert give_password(client).url == "/accounts/second-factor/use/"
    assert client.post("/accounts/second-factor/use/", {"code": app.wait_for_the_next()}).url == DESK
    assert client.get(DESK).status_code == 200


def read_errors(response: Any) -> list[str]:
    assert response.status_code == 200, response
    summary = re.search(r'govuk-error-summary__list">(.*?)</ul>', response.content.decode(), re.DOTALL)
    return [re.sub(r"<.*?>", "", item).strip() for item in re.findall(r"<li>(.*?)</li>", summary[1])] if summary else []


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# --- Username, e-mail address and password ---------------------------------------------------


@pytest.mark.parametrize("login", ["anna", "ANNA", " anna ", "anna@example.org", "Anna@Example.ORG"])
def test_a_username_or_an_e_mail_address_and_the_password_sign_in(client, anna, login):
    response = give_password(client, login)
    assert response.url == DESK
    assert client.session["_auth_user_id"] == str(anna.pk)


def test_an_e_mail_address_that_two_people_share_signs_in_neither(client, anna):
    make_staff("bert", email="anna@example.org", password="another-long-password-1")
    assert read_errors(give_password(client, "anna@example.org")) == [FAILED]
    assert read_errors(give_password(client, "anna@example.org", "another-long-password-1")) == [FAILED]


def test_a_username_that_looks_like_the_e_mail_address_of_another_is_a_username(client, anna):
    bert = make_staff("anna@example.org", password="another-long-password-1")
    assert read_errors(give_password(client, "anna@example.org")) == [FAILED]
    give_password(client, "anna@example.org", "another-long-password-1")
    assert client.session["_auth_user_id"] == str(bert.pk)


def test_every_failure_is_told_in_the_same_words(client, anna):
    make_staff("gone", is_active=False)
    pages = [
        give_password(client, login, password)
        for login, password in [
            ("anna", "wrong"),
            ("anna@example.org", "wrong"),
            ("nobody", "wrong"),
            ("nobody@example.org", "wrong"),
            ("gone", "wrong"),
            ("gone", PASSWORD),
        ]
    ]
    assert [read_errors(page) for page in pages] == [[FAILED]] * 6
    fixed = {re.sub(r'csrfmiddlewaretoken" value="\w+|name="login" value="\S+"', "", p.content.decode()) for p in pages}
    assert len(fixed) == 1
    assert not is_signed_in(client)


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password is worked out, which is what takes the time."""

    counted = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.counted += 1
        return super().encode(password, salt)


def list_logins() -> dict[str, str]:
    """Make accounts of every kind, and return what each failure of signing in is about by what is typed."""
    make_staff("gone", is_active=False)
    User.objects.create_user("passkey-only", is_staff=True).save()
    return {
        "anna": "a name that is known",
        "anna@example.org": "an address that is known",
        "nobody": "a name that is not",
        "nobody@example.org": "an address that is not",
        "gone": "an account that was switched off",
        "passkey-only": "an account without a password",
    }


def test_every_failure_works_out_one_password(client, anna, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    anna.set_password(PASSWORD)
    anna.save()
    counted = {}
    for login, about in list_logins().items():
        before = CountingHasher.counted
        assert read_errors(give_password(client, login, "wrong")) == [FAILED]
        counted[about] = CountingHasher.counted - before
    assert counted == dict.fromkeys(counted, 1)


@pytest.mark.long
def test_every_failure_takes_the_same_time(anna, settings):
    """By the processor's time and in turn, so that what else the machine does counts for all alike."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    anna.set_password(PASSWORD)
    anna.save()
    times: dict[str, list[float]] = {login: [] for login in list_logins() if login != "passkey-only"}
    for number in range(60):
        for login in sorted(times, key=lambda name: hash((name, number))):
            cache.clear()
            client = Client()
            start = time.process_time()
            assert read_errors(give_password(client, login, "wrong")) == [FAILED]
            times[login].append(time.process_time() - start)
    medians = {login: statistics.median(found) for login, found in times.items()}
    print(medians)
    assert max(medians.values()) < 1.15 * min(medians.values())


@pytest.mark.parametrize("login", ["", "an\0na", "a" * 255])
def test_a_name_that_cannot_be_one_is_refused_without_a_record(client, anna, login):
    assert len(read_errors(give_password(client, login))) == 1
    assert SignInFailure.objects.count() == 0


def test_there_is_no_way_to_sign_up_or_to_have_a_password_sent(client):
    gone = [
        "signup/",
        "password/reset/",
        "password/reset/done/",
        "password/set/",
        "email/",
        "inactive/",
        "3rdparty/",
        "",
    ]
    assert {path: client.get(f"/accounts/{path}").status_code for path in gone} == dict.fromkeys(gone, 404)
    assert adapters.StaffAdapter().is_open_for_signup(None) is False


def test_leaving_signs_out_and_only_by_a_button(client, protected_anna, app):
    sign_in(client, app)
    assert client.get("/accounts/logout/").status_code == 200
    assert is_signed_in(client)
    assert client.post("/accounts/logout/").url == LOGIN
    assert not is_signed_in(client)
    assert Session.objects.count() == 0


def test_the_desks_own_sign_out_and_change_of_password_are_those_of_the_account(client, protected_anna, app):
    sign_in(client, app)
    assert client.get("/admin/password_change/").url == "/accounts/password/"
    assert client.get("/admin/password_change/done/").url == "/accounts/password/"
    assert client.post("/admin/logout/").url == LOGIN
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("short-1-pw", "at least 12 characters"),
        ("anna@example.or", "too similar to the email address"),
        ("password1234", "too common"),
        ("835027461938", "entirely numeric"),
        ("violin-Register-57", "Leave out “register”"),
    ],
)
def test_a_weak_password_is_refused(client, protected_anna, app, password, complaint):
    sign_in(client, app)
    response = client.post(
        "/accounts/password/", {"oldpassword": PASSWORD, "password1": password, "password2": password}
    )
    assert complaint in " ".join(read_errors(response))


def test_a_new_password_ends_the_other_sessions_and_not_this_one(client, protected_anna, app):
    elsewhere = Client()
    sign_in(elsewhere, app)
    sign_in(client, app)
    new = "a-better-password-58"
    wrong = client.post("/accounts/password/", {"oldpassword": "wrong", "password1": new, "password2": new})
    assert read_errors(wrong) == ["That is not your password."]
    changed = client.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert changed.url == "/accounts/second-factor/"
    assert client.get(DESK).status_code == 200
    assert elsewhere.get(DESK).url == "/admin/login/?next=/admin/"
    assert authenticate(None, username="anna", password=new) == protected_anna


def test_passwords_may_be_long_pasted_and_managed(client, protected_anna, app):
    sign_in(client, app)
    page = client.get("/accounts/password/").content.decode()
    fields = re.findall(r"<input[^>]*password[^>]*>", page)
    assert len(fields) == 3
    assert [field for field in fields if 'type="password"' not in field] == []
    assert "current-password" in page
    assert "new-password" in page
    assert "onpaste" not in page
    long = " Tractor ÿ€ 🚜 violin " * 6
    client.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": long, "password2": long})
    assert authenticate(None, username="anna", password=long) == protected_anna
    assert authenticate(None, username="anna", password=long.strip()) is None
    assert authenticate(None, username="anna", password=long.lower()) is None


def test_passwords_are_kept_as_argon2(read_settings):
    assert read_settings()["PASSWORD_HASHERS"][0] == "django.contrib.auth.hashers.Argon2PasswordHasher"


# --- Too many attempts -----------------------------------------------------------------------


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow the clock of the limits, which are by the minute, however long a busy machine takes for the attempts.

    Each look is a microsecond later than the one before: an attempt is known by its time.
    """
    microseconds = itertools.count(round(time.time() * 1_000_000))
    monkeypatch.setattr(time, "time", lambda: next(microseconds) / 1_000_000)


AT_ONCE = pytest.mark.usefixtures("at_once")


@AT_ONCE
def test_ten_failures_of_an_account_from_an_address_are_enough(client, anna):
    answers = [read_errors(give_password(client, password="wrong")) for _ in range(10)]
    assert answers == [[FAILED]] * 10
    assert read_errors(give_password(client)) == [LIMITED]
    assert read_errors(give_password(client, "ANNA@example.org")) == [LIMITED]
    assert not is_signed_in(client)


@AT_ONCE
def test_an_unknown_name_is_limited_in_the_same_words(client):
    answers = [read_errors(give_password(client, "nobody", "wrong")) for _ in range(11)]
    assert answers == [[FAILED]] * 10 + [[LIMITED]]


@AT_ONCE
def test_an_account_that_was_switched_off_is_limited_even_with_its_password(client):
    make_staff("gone", is_active=False)
    answers = [read_errors(give_password(client, "gone")) for _ in range(11)]
    assert answers == [[FAILED]] * 10 + [[LIMITED]]


@AT_ONCE
def test_nobody_is_locked_out_by_failures_from_another_address(client, anna):
    for _ in range(11):
        give_password(client, password="wrong", REMOTE_ADDR="192.0.2.1")
    assert give_password(client, REMOTE_ADDR="192.0.2.2").url == DESK


@AT_ONCE
def test_others_at_the_same_address_are_not_locked_out(client, anna):
    make_staff("bert")
    for _ in range(11):
        give_password(client, password="wrong")
    assert give_password(client, "bert").url == DESK


@AT_ONCE
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Client-IP", "CF-Connecting-IP"])
def test_a_header_that_claims_another_address_is_not_believed(client, anna, header):
    for number in range(10):
        give_password(client, password="wrong", headers={header: f"192.0.2.{number}"})
    assert read_errors(give_password(client, headers={header: "192.0.2.99"})) == [LIMITED]
    assert set(SignInFailure.objects.values_list("address", flat=True)) == {"127.0.0.1"}


def test_behind_a_proxy_of_ours_the_address_is_the_one_that_it_names(client, anna, settings):
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/24")]
    for number in range(10):
        headers = {"X-Real-IP": "192.0.2.1", "X-Forwarded-For": f"203.0.113.{number}", "Forwarded": "for=203.0.113.9"}
        give_password(client, password="wrong", REMOTE_ADDR="::ffff:10.0.0.7", headers=headers)
    limited, other = {"X-Real-IP": "192.0.2.1", "X-Forwarded-For": "192.0.2.2"}, {"X-Real-IP": "192.0.2.2"}
    assert read_errors(give_password(client, REMOTE_ADDR="10.0.0.7", headers=limited)) == [LIMITED]
    assert set(SignInFailure.objects.values_list("address", flat=True)) == {"192.0.2.1"}
    assert give_password(client, REMOTE_ADDR="10.0.0.7", headers=other).url == DESK


@pytest.mark.parametrize(
    ("comes_from", "claimed"),
    [
        ("10.0.1.7", "192.0.2.1"),  # no proxy of ours
        ("10.0.0.7", "192.0.2.1, 192.0.2.2"),  # sent twice, once by somebody else
        ("10.0.0.7", "localhost"),
        ("10.0.0.7", ""),
    ],
)
def test_a_proxy_is_not_believed_where_it_is_not_ours_or_names_no_address(client, settings, comes_from, claimed):
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/24")]
    give_password(client, password="wrong", REMOTE_ADDR=comes_from, headers={"X-Real-IP": claimed})
    assert [address for _, address, _ in read_failures()] == [comes_from]


@AT_ONCE
def test_all_the_addresses_of_one_ipv6_network_count_as_one(client, anna):
    for number in range(10):
        give_password(client, password="wrong", REMOTE_ADDR=f"2001:db8::{number + 1}")
    assert read_errors(give_password(client, REMOTE_ADDR="2001:db8::99")) == [LIMITED]
    assert give_password(client, REMOTE_ADDR="2001:db8:0:1::1").url == DESK


@AT_ONCE
def test_a_sign_in_that_succeeds_does_not_wipe_the_failures_before_it(client, anna):
    for _ in range(9):
        give_password(client, password="wrong")
    other = Client()
    assert give_password(other).url == DESK
    give_password(client, password="wrong")
    assert read_errors(give_password(client)) == [LIMITED]


@AT_ONCE
def test_an_address_that_tries_one_name_after_the_other_is_stopped(client):
    answers = [give_password(client, f"name-{number}", "wrong").status_code for number in range(31)]
    assert answers == [200] * 30 + [429]
    assert "Too many attempts" in give_password(client, "name-x").content.decode()
    assert SignInFailure.objects.count() == 30


@AT_ONCE
def test_asking_for_passkeys_does_not_start_sessions_without_end(client):
    answers = [
        Client().get("/accounts/passkeys/sign-in/", headers={"Accept": "application/json"}).status_code
        for _ in range(31)
    ]
    assert answers == [200] * 30 + [429]
    assert Session.objects.count() == 30


@AT_ONCE
def test_ten_wrong_codes_are_enough_wherever_they_come_from(client, protected_anna, app):
    give_password(client)
    answers = [
        read_errors(client.post("/accounts/second-factor/use/", {"code": app.wrong_code()}, REMOTE_ADDR=f"192.0.2.{n}"))
        for n in range(10)
    ]
    assert answers == [[MISMATCH]] * 10
    response = client.post("/accounts/second-factor/use/", {"code": app.code()}, REMOTE_ADDR="192.0.2.99")
    assert read_errors(response) == [LIMITED]
    assert not is_signed_in(client)


# --- Failures are recorded -------------------------------------------------------------------


def read_failures() -> list[tuple[str, str | None, str]]:
    return list(SignInFailure.objects.order_by("pk").values_list("username", "address", "step"))


def test_failures_are_recorded_as_typed_with_address_and_step(client, protected_anna, app):
    give_password(client, "Anna@Example.org", "wrong", REMOTE_ADDR="192.0.2.1")
    give_password(client, "n" * 200, "wrong", REMOTE_ADDR="2001:db8::1")
    make_staff("gone", is_active=False)
    give_password(client, "gone")
    give_password(client)
    client.post("/accounts/second-factor/use/", {"code": app.wrong_code()})
    client.post("/accounts/second-factor/use/", {"credential": STRANGE_PASSKEY})
    Client().post("/accounts/passkeys/sign-in/", {"credential": STRANGE_PASSKEY})
    assert read_failures() == [
        ("Anna@Example.org", "192.0.2.1", "password"),
        ("n" * 150, "2001:db8::1", "password"),
        ("gone", "127.0.0.1", "password"),
        ("anna", "127.0.0.1", "code"),
        ("anna", "127.0.0.1", "passkey"),
        ("", "127.0.0.1", "passkey"),
    ]


def test_a_wrong_password_when_asked_once_more_is_recorded_too(client, anna):
    give_password(client)
    forget_proofs(client, after=600)
    client.post("/accounts/confirm/", {"password": "wrong"})
    assert read_failures() == [("anna", "127.0.0.1", "password")]


@AT_ONCE
def test_attempts_that_the_limit_refuses_are_not_recorded(client, anna):
    for _ in range(15):
        give_password(client, password="wrong")
    assert SignInFailure.objects.count() == 10


def test_a_sign_in_that_succeeds_leaves_no_failure(client, protected_anna, app):
    sign_in(client, app)
    assert read_failures() == []


def test_only_the_newest_failures_are_kept(client, monkeypatch):
    monkeypatch.setattr(adapters, "FAILURES_KEPT", 3)
    for number in range(5):
        give_password(client, f"name-{number}", "wrong")
    assert [username for username, _, _ in read_failures()] == ["name-2", "name-3", "name-4"]


def test_each_sign_in_and_each_failure_is_in_the_log_and_nobodys_name_or_address(client, protected_anna, app, caplog):
    with caplog.at_level("INFO", logger="register.signing_in"):
        give_password(client, password="wrong")
        sign_in(client, app)
    facts = [(each.getMessage(), getattr(each, "account", None), each.step) for each in caplog.records]
    assert facts == [("Signing in failed", None, "password"), ("Signed in", protected_anna.pk, "password and totp")]
    line = json.loads(LineOfJson().format(caplog.records[1]))
    assert (line["message"], line["account"], line["step"]) == ("Signed in", protected_anna.pk, "password and totp")
    assert set(line) - {"request_id"} == {"time", "level", "logger", "message", "account", "step"}
    told = " ".join(map(LineOfJson().format, caplog.records))
    assert [word for word in ("anna", "127.0.0.1", PASSWORD) if word in told.lower()] == []


def test_a_password_that_awaits_its_code_is_no_sign_in(client, protected_anna, caplog):
    with caplog.at_level("INFO", logger="register.signing_in"):
        give_password(client)
    assert caplog.records == []


# --- The second factor -----------------------------------------------------------------------


def test_a_password_alone_does_not_sign_in_who_has_a_second_factor(client, protected_anna, app):
    assert give_password(client).url == "/accounts/second-factor/use/"
    assert not is_signed_in(client)
    assert client.get(DESK).url == "/admin/login/?next=/admin/"
    assert client.get("/accounts/second-factor/").url == "/accounts/login/?next=/accounts/second-factor/"
    assert client.get("/accounts/password/").url.startswith("/accounts/login/")


def test_a_code_works_once(client, protected_anna, app):
    sign_in(client, app)
    other = Client()
    give_password(other)
    assert read_errors(other.post("/accounts/second-factor/use/", {"code": app.code()})) == [MISMATCH]
    assert other.post("/accounts/second-factor/use/", {"code": app.wait_for_the_next()}).url == DESK


def test_an_older_code_does_not_work(client, protected_anna, app):
    old = app.code()
    app.wait_for_the_next()
    give_password(client)
    assert read_errors(client.post("/accounts/second-factor/use/", {"code": old})) == [MISMATCH]


def test_a_recovery_code_opens_the_desk_once(client, protected_anna):
    codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    give_password(client)
    assert client.post("/accounts/second-factor/use/", {"code": codes[0]}).url == DESK
    assert client.get(DESK).status_code == 200
    other = Client()
    give_password(other)
    assert read_errors(other.post("/accounts/second-factor/use/", {"code": codes[0]})) == [MISMATCH]


def test_staff_without_a_second_factor_set_one_up_before_they_see_anything(client, anna, app):
    assert give_password(client).url == DESK
    assert client.get(DESK, follow=True).redirect_chain == [
        ("/admin/login/?next=/admin/", 302),
        ("/accounts/second-factor/?next=/admin/", 302),
    ]
    assert "Set up a second factor first" in client.get("/accounts/second-factor/").content.decode()
    page = client.get("/accounts/second-factor/app/add/")
    app.secret = page.context["form"].secret
    assert app.secret in page.content.decode()
    assert read_errors(client.post("/accounts/second-factor/app/add/", {"code": app.wrong_code()})) == [MISMATCH]
    assert client.get(DESK).status_code == 302
    response = client.post("/accounts/second-factor/app/add/", {"code": app.code()})
    assert response.url == "/accounts/second-factor/codes/"
    assert client.get(DESK).status_code == 200
    codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    shown = client.get("/accounts/second-factor/codes/").content.decode()
    assert [code for code in codes if code not in shown] == []
    download = client.get("/accounts/second-factor/codes/download/")
    assert download["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert download.content.decode().split()[-10:] == codes


def test_the_picture_for_the_app_says_whose_key_it_is(client, anna):
    give_password(client)
    page = client.get("/accounts/second-factor/app/add/")
    secret = page.context["form"].secret
    assert page.context["totp_url"] == f"otpauth://totp/anna?secret={secret}&issuer=Commitments%20Register"
    assert page.content.decode().count("<svg:svg") + page.content.decode().count("<svg ") == 2
    assert "data:image" not in page.content.decode()


def test_a_factor_that_was_set_up_elsewhere_is_asked_for_in_this_session_too(client, anna, app):
    give_password(client)
    totp.TOTP.activate(anna, app.secret)
    chain = client.get("/admin/tracker/user/", follow=True).redirect_chain
    here = "?next=%2Fadmin%2Ftracker%2Fuser%2F"
    assert chain[-1][0] == f"/accounts/second-factor/confirm/{here}"
    response = client.post(f"/accounts/second-factor/confirm/{here}", {"code": app.code()})
    assert response.url == "/admin/tracker/user/"
    assert client.get("/admin/tracker/user/").status_code == 200


def test_the_desk_closes_when_the_factor_is_taken_away(client, protected_anna, app):
    sign_in(client, app)
    Authenticator.objects.all().delete()
    assert client.get(DESK).url == "/admin/login/?next=/admin/"


def test_a_password_alone_opens_the_desk_where_no_second_factor_is_required(client, anna, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    give_password(client)
    assert client.get(DESK).status_code == 200
    assert "Set up a second factor first" not in client.get("/accounts/second-factor/").content.decode()


def test_whoever_has_a_second_factor_uses_it_even_where_none_is_required(client, protected_anna, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    give_password(client)
    assert client.get(DESK).url == "/admin/login/?next=/admin/"


def forget_proofs(client: Client, *, after: int) -> None:
    """Let that many seconds pass since the sign-in."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= after
    session.save()


def test_the_factor_is_changed_only_by_who_has_just_shown_it(client, protected_anna, app):
    sign_in(client, app)
    forget_proofs(client, after=600)
    pages = ["app/remove/", "codes/", "codes/new/", "codes/download/", "../passkeys/add/", "../passkeys/1/remove/"]
    answers = [client.get(urljoin("/accounts/second-factor/", page)) for page in pages]
    answers += [
        client.post(urljoin("/accounts/second-factor/", page))
        for page in pages
        if page.endswith(("remove/", "new/", "add/"))
    ]
    assert {urlsplit(answer.url).path for answer in answers} == {"/accounts/second-factor/confirm/"}
    by_password = client.post("/accounts/confirm/?next=/accounts/passkeys/add/", {"password": PASSWORD})
    assert urlsplit(by_password.url).path == "/accounts/second-factor/confirm/"
    assert client.get("/accounts/passkeys/add/").status_code == 302
    client.post("/accounts/second-factor/confirm/", {"code": app.wait_for_the_next()})
    assert client.get("/accounts/passkeys/add/").status_code == 200


def test_who_has_no_factor_yet_is_asked_for_the_password_once_more_after_a_while(client, anna):
    give_password(client)
    assert client.get("/accounts/second-factor/app/add/").status_code == 200
    forget_proofs(client, after=600)
    here = "/accounts/second-factor/app/add/"
    assert client.get(here).url == "/accounts/confirm/?next=%2Faccounts%2Fsecond-factor%2Fapp%2Fadd%2F"
    assert read_errors(client.post(f"/accounts/confirm/?next={here}", {"password": "x"})) == [
        "That is not your password."
    ]
    assert client.post(f"/accounts/confirm/?next={here}", {"password": PASSWORD}).url == here
    assert client.get(here).status_code == 200


def test_the_only_second_factor_cannot_be_removed_where_one_is_required(client, protected_anna, app, settings):
    sign_in(client, app)
    refused = client.post("/accounts/second-factor/app/remove/")
    assert read_errors(refused) == ["This is your only second factor. Set up another one first."]
    assert Authenticator.objects.count() == 2
    settings.REQUIRE_SECOND_FACTOR = False
    assert client.post("/accounts/second-factor/app/remove/").url == "/accounts/second-factor/"
    assert Authenticator.objects.count() == 0


@pytest.mark.parametrize(
    "credential",
    [
        *("", "x", "[]", "null", "1", '"text"', "{}", "[" * 50_000, "9" * 5000, '{"id": "\\u0000"}', '{"id": "AA"}'),
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": []}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", "signature": "AA"}}',
        '{"id": "AA", "rawId": 999999999, "type": "public-key", "response": {"clientDataJSON": 999999999999}}',
        write_passkey(userHandle="!"),
        write_passkey(userHandle=encode(b"zzzzzzzzzzzzz")),
        write_passkey(authenticatorData="AA"),
        write_passkey(clientDataJSON="e30"),
        write_passkey(attestationObject="oA"),
    ],
    ids=range(19),
)
def test_a_broken_passkey_is_refused_at_every_door(client, anna, protected_anna, app, credential):
    data = {"credential": credential, "name": "mine"}
    assert client.post("/accounts/passkeys/sign-in/", data).url == LOGIN
    give_password(client)
    assert client.post("/accounts/second-factor/use/", data).status_code == 200
    client.post("/accounts/second-factor/use/", {"code": app.code()})
    client.get("/accounts/passkeys/add/")
    assert client.post("/accounts/passkeys/add/", data).status_code == 200
    assert Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).count() == 0


# --- The desk opens by none of its addresses ---------------------------------------------------


def list_addresses(patterns: list[Any], start: str = DESK) -> Iterator[str]:
    """Yield one address for each pattern of the desk."""
    for each in patterns:
        route = re.sub(r"<[^>]+>", "1", str(each.pattern))
        route = {"^": "tracker/", "(": "nowhere/"}.get(route[:1], route)
        if isinstance(each, URLResolver):
            yield from list_addresses(each.url_patterns, start + route)
        elif isinstance(each, URLPattern):
            yield start + route


def test_the_desk_is_closed_at_every_address_and_for_every_method(client, anna, app):
    addresses = sorted(set(list_addresses(admin.site.urls[0])))
    assert len(addresses) > 50
    visitors = {
        "/accounts/login/": Client(),
        "/accounts/second-factor/": Client(),
        "/accounts/confirm/": Client(),
    }
    give_password(visitors["/accounts/second-factor/"])
    bert = make_staff("bert")
    give_password(visitors["/accounts/confirm/"], "bert")
    totp.TOTP.activate(bert, app.secret)
    before = User.objects.count()
    open_doors = {}
    for place, visitor in visitors.items():
        for address in addresses:
            for method in (visitor.get, visitor.post, visitor.put, visitor.delete, visitor.head):
                response = method(address)
                for _ in range(3):
                    if response.status_code == 302 and response.url.startswith("/admin/"):
                        response = visitor.get(response.url)
                if response.status_code != 302 or urlsplit(response.url).path != place:
                    open_doors[place, address, method.__name__] = response
    assert open_doors == {}
    assert User.objects.count() == before
    assert StaffLogEntry.objects.count() == 0


def test_the_desks_own_sign_in_signs_nobody_in(client, anna):
    data = {"username": "anna", "password": PASSWORD, "next": "/admin/tracker/user/", "this_is_the_login_form": "1"}
    response = client.post("/admin/login/", data)
    assert response.url == "/accounts/login/?next=/admin/tracker/user/"
    assert not is_signed_in(client)


def test_people_who_are_not_staff_stay_outside(client, app):
    person = make_staff("carl", is_staff=False)
    totp.TOTP.activate(person, app.secret)
    give_password(client, "carl")
    client.post("/accounts/second-factor/use/", {"code": app.code()})
    assert is_signed_in(client)
    assert client.get(DESK, follow=True).status_code == 403


def test_an_account_that_is_switched_off_is_out_at_once(client, protected_anna, app):
    sign_in(client, app)
    User.objects.update(is_active=False)
    assert client.get(DESK).url == "/admin/login/?next=/admin/"


def test_staff_who_lose_their_standing_are_out_at_once(client, protected_anna, app):
    sign_in(client, app)
    User.objects.update(is_staff=False)
    assert client.get(DESK, follow=True).status_code == 403


def test_the_page_that_was_asked_for_opens_after_both_steps(client, protected_anna, app):
    first = client.get("/admin/tracker/user/?q=a", follow=True)
    assert first.redirect_chain[-1][0] == "/accounts/login/?next=/admin/tracker/user/%3Fq%3Da"
    client.post(LOGIN, {"login": "anna", "password": PASSWORD, "next": "/admin/tracker/user/?q=a"})
    response = client.post("/accounts/second-factor/use/", {"code": app.code()})
    assert response.url == "/admin/tracker/user/?q=a"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_nobody_is_led_to_another_site(client, protected_anna, app, elsewhere):
    response = client.get("/admin/login/", {"next": elsewhere})
    assert parse_qs(urlsplit(response.url).query) == {"next": ["/admin/"]}
    client.post(LOGIN, {"login": "anna", "password": PASSWORD, "next": elsewhere})
    assert client.post("/accounts/second-factor/use/", {"code": app.code(), "next": elsewhere}).url == DESK
    assert client.get(LOGIN, {"next": elsewhere}).url == DESK
    assert client.post("/accounts/logout/", {"next": elsewhere}).url == LOGIN


def test_the_desk_does_not_show_what_is_behind_second_factors():
    assert not admin.site.is_registered(Authenticator)
    assert not admin.site.is_registered(EmailAddress)


# --- Sessions end ----------------------------------------------------------------------------


def read_minutes_left() -> int:
    return round((Session.objects.get().expire_date - timezone.now()).total_seconds() / 60)


def test_a_session_ends_after_half_an_hour_without_anything_done(client, protected_anna, app):
    sign_in(client, app)
    assert read_minutes_left() == 30
    Session.objects.update(expire_date=timezone.now())
    assert client.get(DESK).url == "/admin/login/?next=/admin/"


def test_signing_in_makes_a_new_session(client, protected_anna, app):
    client.get("/accounts/passkeys/sign-in/", headers={"Accept": "application/json"})
    before = client.cookies["sessionid"].value
    sign_in(client, app)
    assert client.cookies["sessionid"].value != before
    assert Session.objects.count() == 1


def test_a_session_that_was_left_opens_nothing_any_more(client, protected_anna, app):
    sign_in(client, app)
    key = client.cookies["sessionid"].value
    client.post("/accounts/logout/")
    thief = Client()
    thief.cookies["sessionid"] = key
    assert thief.get(DESK).url == "/admin/login/?next=/admin/"


def read_sessions(client: Client) -> tuple[int, list[str]]:
    """Return how many sessions a person is shown, and the names by which she may end others."""
    page = client.get("/accounts/sessions/").content.decode()
    return page.count("Signed in "), re.findall(r'<dd>.*?name="session" value="(\w+)"', page, re.DOTALL)


def test_people_see_where_they_are_signed_in_and_end_those_sessions(client, protected_anna, app):
    others = [Client(), Client(), Client()]
    for each in (*others, client):
        sign_in(each, app)
    count, names = read_sessions(client)
    assert (count, len(set(names))) == (4, 3)
    keys = {each.cookies["sessionid"].value for each in (*others, client)}
    assert not any(key in client.get("/accounts/sessions/").content.decode() for key in keys)
    ended = client.post("/accounts/sessions/", {"session": names[0]}, follow=True)
    assert "One session was ended." in ended.content.decode()
    assert sorted(is_signed_in(each) for each in others) == [False, True, True]
    ended = client.post("/accounts/sessions/", {"session": names}, follow=True).content.decode()
    assert ("2 sessions were ended." in ended, "You are signed in nowhere else." in ended) == (True, True)
    assert [is_signed_in(each) for each in (*others, client)] == [False, False, False, True]


def test_nobody_ends_the_session_of_somebody_else_nor_this_one(client, protected_anna, app):
    bert = Client()
    bert.force_login(make_staff("bert"))
    sign_in(client, app)
    assert read_sessions(client) == (1, [])
    keys = [each.cookies["sessionid"].value for each in (bert, client)]
    names = [*map(sessions.name_session, keys), *keys]
    answer = client.post("/accounts/sessions/", {"session": names}, follow=True)
    assert "That session had ended already." in answer.content.decode()
    assert (is_signed_in(bert), is_signed_in(client)) == (True, True)


def test_a_session_is_ended_only_by_who_has_just_shown_the_factor(client, protected_anna, app):
    other = Client()
    sign_in(other, app)
    sign_in(client, app)
    (name,) = read_sessions(client)[1]
    forget_proofs(client, after=600)
    assert client.get("/accounts/sessions/").status_code == 200
    answer = client.post("/accounts/sessions/", {"session": name})
    assert answer.url.startswith(("/accounts/confirm/", "/accounts/second-factor/confirm/"))
    assert is_signed_in(other)


def test_work_at_the_desk_keeps_the_session_alive(client, protected_anna, app):
    sign_in(client, app)
    session = client.session
    session["desk_used_at"] -= 61
    session.save()
    Session.objects.update(expire_date=timezone.now() + timezone.timedelta(minutes=5))
    client.get(DESK)
    assert read_minutes_left() == 30


def test_a_session_ends_after_twelve_hours_however_busy(client, protected_anna, app):
    sign_in(client, app)
    forget_proofs(client, after=12 * 60 * 60 - 60)
    assert client.get(DESK).status_code == 200
    forget_proofs(client, after=60)
    assert client.get(DESK, follow=True).redirect_chain[-1][0] == "/accounts/login/?next=/admin/"
    assert not is_signed_in(client)


def test_cookies_are_closed_to_scripts_and_other_sites(client, protected_anna, app):
    client.get(LOGIN)
    sign_in(client, app)
    assert {
        name: (bool(cookie["httponly"]), cookie["samesite"], cookie["max-age"], cookie["domain"], cookie["path"])
        for name, cookie in client.cookies.items()
    } == dict.fromkeys(["csrftoken", "sessionid"], (True, "Lax", "", "", "/"))


@pytest.fixture
def read_settings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Run the settings file in an environment of these variables alone."""

    def run(**variables: str) -> dict[str, Any]:
        for name in ("DATABASE_URL", "DEBUG", "REQUIRE_SECOND_FACTOR", "SITE_URL"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(settings.BASE_DIR / "config" / "settings.py"))

    return run


def test_over_https_no_other_host_can_plant_a_cookie(read_settings):
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    found = read_settings(SITE_URL="https://register.example.org")
    assert [found[name] for name in names] == ["__Host-sessionid", "__Host-csrftoken", True, True]
    found = read_settings()
    assert [found.get(name) for name in names] == [None, None, False, False]


def test_a_second_factor_is_required_exactly_when_not_debugging_unless_told_otherwise(read_settings):
    cases = [{}, {"DEBUG": "1"}, {"REQUIRE_SECOND_FACTOR": "off"}, {"DEBUG": "1", "REQUIRE_SECOND_FACTOR": "on"}]
    assert [read_settings(**case)["REQUIRE_SECOND_FACTOR"] for case in cases] == [True, False, False, True]


PUBLIC = ["home", "commitment-list", "department-list", "document-list", "petition-list", "help", "about", "privacy"]


@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages_set_no_cookie_and_are_the_same_with_one(client, protected_anna, app, name):
    address = reverse(f"tracker:{name}")
    sign_in(client, app)
    for visitor in (Client(), client):
        response = visitor.get(address)
        assert response.status_code == 200
        assert list(response.cookies) == []
        assert "Cookie" not in response.get("Vary", "")


def test_pages_of_the_account_are_never_kept(client, protected_anna, app):
    assert "no-store" in client.get(LOGIN)["Cache-Control"]
    sign_in(client, app)
    pages = [reverse(each.name) for each in urls.urlpatterns if "<" not in str(each.pattern)]
    answers = {page: client.get(page) for page in pages}
    assert [page for page, answer in answers.items() if "no-store" not in answer.get("Cache-Control", "")] == []


# --- The demonstration -----------------------------------------------------------------------


def make_demonstration_accounts() -> str:
    said = io.StringIO()
    call_command("create_demonstration_accounts", stdout=said)
    return said.getvalue()


def test_the_demonstration_has_an_editor_and_a_reviewer_whose_passwords_are_said_once(settings):
    settings.DEMONSTRATION = True
    said = make_demonstration_accounts()
    assert "The staff desk: http://localhost:8000/admin/" in said
    passwords = dict(re.findall(r"^  (\w+) +((?:[a-z2-9]{5}-?){4})  ", said, re.MULTILINE))
    assert sorted(passwords) == ["editor", "reviewer"]
    assert len(set(passwords.values())) == 2
    assert {name: authenticate(None, username=name, password=word) for name, word in passwords.items()} == {
        user.username: user for user in User.objects.all()
    }
    rows = User.objects.values_list("username", "groups__name", "is_staff", "is_superuser")
    assert sorted(rows) == [("editor", "Editor", True, False), ("reviewer", "Reviewer", True, False)]
    again = make_demonstration_accounts()
    assert [word for word in passwords.values() if word in again] == []
    assert User.objects.count() == 2


def test_accounts_are_not_made_outside_the_demonstration():
    with pytest.raises(CommandError, match="No account was made"):
        make_demonstration_accounts()
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    "variables",
    [
        {"SITE_URL": "https://register.example.org"},
        {"SITE_URL": "http://register.example.org"},
        {"SITE_URL": "http://192.168.1.10:8000"},
        {"SITE_URL": "https://localhost"},
        {"DATABASE_URL": "postgres://someone@database/register"},
        {"DATABASE_URL": "sqlite:////srv/register.sqlite3"},
    ],
)
def test_only_ones_own_copy_is_a_demonstration(read_settings, variables):
    assert read_settings()["DEMONSTRATION"] is True
    assert read_settings(**variables)["DEMONSTRATION"] is False


# --- In a browser ----------------------------------------------------------------------------


@pytest.fixture
def complaints(page: Any) -> Iterator[list[str]]:
    """What the browser's console says; nothing, when the policy holds and no script fails."""
    found: list[str] = []

    def listen(said: Any) -> None:
        if said.location["url"].endswith("/favicon.ico"):  # Django's admin names no icon, so browsers guess.
            return
        found.append(f"{said.type}: {said.text} {said.location}")

    page.on("console", listen)
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert found == []


@pytest.fixture
def passkey_device(page: Any) -> None:
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def give_password_in_browser(page: Any, live_server: Any) -> None:
    page.goto(f"{live_server.url}{DESK}")
    page.get_by_label("Username or e-mail address").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_an_app_is_set_up_and_used(page, live_server, complaints, anna, app):
    give_password_in_browser(page, live_server)
    page.get_by_role("link", name="Set up an authenticator app").click()
    picture = page.get_by_role("img", name="The key below as a QR code").locator("svg")
    assert picture.bounding_box()["width"] > 150
    app.secret = page.locator("#key").inner_text().strip()
    page.get_by_label("Code that the app shows").fill(app.code())
    page.get_by_role("button", name="Set up").click()
    assert page.locator("h1").inner_text() == "Your recovery codes"
    codes = page.locator("#codes li").all_inner_texts()
    assert len(codes) == 10
    with page.expect_download() as download:
        page.get_by_role("link", name="Download them as a text file").click()
    assert download.value.path().read_text().split()[-10:] == codes
    page.get_by_role("link", name="Go to the staff desk").click()
    page.wait_for_url(f"{live_server.url}{DESK}")
    page.goto(f"{live_server.url}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    give_password_in_browser(page, live_server)
    page.get_by_label("Code").fill(app.wrong_code())
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert page.title() == "Error: Your second factor - Commitments Register"
    page.get_by_label("Code").fill(app.wait_for_the_next())
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{live_server.url}{DESK}")


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_a_passkey_is_set_up_and_used(page, live_server, complaints, passkey_device, anna):
    give_password_in_browser(page, live_server)
    page.get_by_role("link", name="Set up a passkey").click()
    page.get_by_label("Name", exact=True).fill("My phone")
    page.get_by_label("Sign in with this passkey alone").check()
    page.get_by_role("button", name="Add this passkey").click()
    page.wait_for_url("**/accounts/second-factor/codes/")
    page.goto(f"{live_server.url}{DESK}")
    assert page.url == f"{live_server.url}{DESK}"
    page.goto(f"{live_server.url}/accounts/passkeys/")
    assert "My phone" in page.locator("dl").inner_text()
    page.get_by_role("link", name="Remove My phone").click()
    page.get_by_role("button", name="Remove").click()
    assert "This is your only second factor." in page.get_by_role("alert").inner_text()

    page.goto(f"{live_server.url}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    give_password_in_browser(page, live_server)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{live_server.url}{DESK}")

    page.goto(f"{live_server.url}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{live_server.url}/admin/tracker/user/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{live_server.url}/admin/tracker/user/")


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_without_a_passkey_the_page_says_so(page, live_server, complaints, anna):
    page.goto(f"{live_server.url}{LOGIN}")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('cancelled')) }")
    page.get_by_role("button", name="Sign in with a passkey").click()
    assert "Your browser gave no passkey." in page.get_by_role("alert").inner_text()
