"""Makes requests that nobody means well, by number: a number is the same request on every machine and every day.

`python -m tests.hostile 4711` prints one of them.
"""

from __future__ import annotations

import functools
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from tests.addresses import PART, fill_in, list_routes
from tests.serving_alone import HOST, SITE

CANARY = "canary-that-nobody-repeats"
POISON = "poison.example"  # stands in headers alone, so it may stand in no answer
TOKEN = "t" * 32  # of the form's protection, in the cookie and in the form

VALUES: tuple[bytes, ...] = (
    *(b"", b"bogus", b"-1", b"0", b"2147483648", b"9223372036854775808", b"9" * 21, b"9" * 5000, b"1e309", b"NaN"),
    *(b"\0", b"home-office\0", b"\xff\xfe", b"\xc0\xae\xc0\xae", b"\xed\xa0\x80", "💩".encode(), b"a" * 7000),
    *("٣".encode(), "\uff11\uff12".encode(), "²".encode(), "\u202e\u200b".encode(), "ß".encode() * 300, "İ".encode()),
    *(b"2025-02-31", b"0000-00-00", b"10000-01-01", b"99999999-01-01", b"2025-1-1T00:00", b"now", b"-0001-01-01"),
    *(b"' OR 1=1--", b'"; DROP TABLE tracker_commitment;--', b"'", b'"', b"\\", b"((((((((", b"a AND NOT NEAR(b"),
    *(b"* OR *", b"title:x", b'"a" + NEAR("b", 3)', b"a:* & !b", b"<->", b"%%%", b"%_%", b"{!}", b"^a", b"-", b"-a"),
    *(b"<script>alert(1)</script>", b"{{7*7}}", b"${jndi:ldap://x}", b"%(x)s", b"{0.__class__}", b"%n%n%n"),
    *(b"../../../etc/passwd", b"..\\..\\manage.py", b"/etc/passwd", b"file:///etc/passwd", b"http://evil.example/"),
    *(b"//evil.example", b"/\\evil.example", b"\\\\evil.example", b"javascript:alert(1)", b"https:evil.example"),
    *(
        b"\r\nSet-Cookie: planted=1",
        b"a\r\nLocation: http://evil.example/\r\n\r\n",
        b"\n",
        b"null",
        b"[]",
        b"{}",
        b"true",
    ),
)
NAMES = (
    *("q", "department", "supporting", "status", "programme", "topic", "kind", "response", "timeliness", "strength"),
    *("gap", "claim_differs", "made_after", "made_before", "sort", "page", "per_page", "on", "known", "since", "until"),
    *("before", "origin", "basis", "format", "url", "maxwidth", "maxheight", "size", "first", "second", "index", "p"),
    *("next", "login", "password", "id", "__class__", "department[]", "status[0]", "status__in", "q\0", "_facets"),
    *("o", "all", "e", "_popup", "_to_field", "_changelist_filters", "app_label", "model_name", "field_name", "term"),
)
FIELDS = (
    *("login", "password", "next", "code", "credential", "name", "oldpassword", "password1", "password2", "version"),
    *("_save", "_submit", "_discard", "_send_back", "_publish", "note", "reason", "status", "commitment", "as_of"),
    *("action", "_selected_action", "index", "select_across", "started_from", "evidence-TOTAL_FORMS", "username"),
    *("evidence-INITIAL_FORMS", "evidence-0-document", "evidence-0-address", "is_superuser", "groups", "slug", "url"),
)
PROXIES = (
    *(
        "X-Forwarded-Host",
        "X-Forwarded-Server",
        "X-Forwarded-For",
        "X-Forwarded-Prefix",
        "X-Forwarded-Port",
        "Forwarded",
    ),
    *("X-Forwarded-Scheme", "X-Original-URL", "X-Rewrite-URL", "X-Host", "X-Original-Host", "X-HTTP-Host-Override"),
    *(
        "Origin",
        "Referer",
        "User-Agent",
        "Accept",
        "Accept-Language",
        "X-Real-IP",
        "Via",
        "Client-IP",
        "True-Client-IP",
    ),
    *("X-HTTP-Method-Override", "X-Script-Name", "Script-Name", "Content-Location", "X-Wap-Profile", "Proxy-Host"),
)
CONDITIONS = (
    *("If-None-Match", "If-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range", "Accept-Encoding"),
    *("Accept", "Authorization", "Content-Type", "Expect", "TE", "Upgrade", "Cache-Control", "Sec-Fetch-Site", "DNT"),
)
METHODS = (b"TRACE", b"PUT", b"DELETE", b"PATCH", b"PROPFIND", b"OPTIONS", b"HEAD", b"get", b"QUERY", b"X" * 2000)
SIGNS_OUT = ("logout", "password", "second-factor", "passkeys")  # where a session of staff would end

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Hostile:
    """One request, as it goes over the wire. `is_http` is False where no server could make sense of it."""

    number: int
    family: str
    method: str
    data: bytes
    is_http: bool = True


def make_request(number: int, sessions: Sequence[str] = ("session",)) -> Hostile:
    """Return the request of this number; staff ones use one of the sessions."""
    rng = random.Random(number)  # noqa: S311  It must be the same each time.
    families = list(FAMILIES)
    family = rng.choices(families, [FAMILIES[each][1] for each in families])[0]
    session = rng.choice(sessions)
    return FAMILIES[family][0](rng, number, session)


@functools.cache
def routes() -> tuple[str, ...]:
    return tuple(list_routes())


# --- Pieces -------------------------------------------------------------------------------------


def pick_value(rng: random.Random) -> bytes:
    kind = rng.random()
    if kind < 0.6:
        return rng.choice(VALUES)
    if kind < 0.75:
        return rng.randbytes(rng.randint(1, 40))
    if kind < 0.9:
        return "".join(
            chr(rng.choice((rng.randint(32, 0x2FF), rng.randint(0x3000, 0xD7FF)))) for _ in range(9)
        ).encode()
    return rng.choice(VALUES) + rng.choice(VALUES)[:200]


def write(value: bytes, rng: random.Random) -> bytes:
    """Write a value into an address: mostly percent-encoded, sometimes twice, sometimes as little as goes."""
    encoded = quote_from_bytes(value, safe=rng.choice(("", "/", "/:'()*!$,;@")))
    return (quote_from_bytes(encoded.encode(), safe="") if rng.random() < 0.1 else encoded).encode()


def make_query(rng: random.Random, names: Sequence[str] = NAMES) -> bytes:
    pairs = []
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        name = rng.choice(names).encode() if rng.random() < 0.9 else pick_value(rng)[:50]
        pairs.append(write(name, rng) + b"=" + write(pick_value(rng), rng))
    if rng.random() < 0.1:
        pairs *= rng.choice((2, 50))
    return rng.choice((b"&", b"&", b"&", b";", b"&&")).join(pairs)


def pick_path(rng: random.Random, *, start: tuple[str, ...] = ("/",), never: tuple[str, ...] = ()) -> bytes:
    """Return an address of the site, or one with something hostile in place of a part of it."""
    chosen = [route for route in routes() if route.startswith(start) and not any(word in route for word in never)]
    route = rng.choice(chosen)
    parts = PART.split(route)
    if len(parts) == 1 or rng.random() < 0.6:
        return fill_in(route).encode()
    return b"".join(part.encode() + (write(pick_value(rng), rng) or b"-") for part in parts[:-1]) + parts[-1].encode()


def pick_public_path(rng: random.Random) -> bytes:
    return pick_path(rng, never=("/admin/", "/accounts/"))


def spell(
    method: bytes, target: bytes, headers: Headers, body: bytes = b"", *, host: bytes = HOST.encode(), own: bool = True
) -> bytes:
    """Return a request's bytes: with the headers that the proxy in front sets, and a length where there is a body."""
    known = [(b"Host", host), (b"X-Forwarded-Proto", b"https")] if own else []
    lengths = [(b"Content-Length", str(len(body)).encode())] if body or method == b"POST" else []
    lines = [b"%b: %b" % pair for pair in [*known, *headers, *lengths, (b"Connection", b"close")]]
    return b"%b %b HTTP/1.1\r\n%b\r\n\r\n%b" % (method, target[:60_000], b"\r\n".join(lines), body)


def from_somewhere(rng: random.Random) -> tuple[bytes, bytes]:
    return b"X-Real-IP", f"198.51.{rng.randint(0, 255)}.{rng.randint(0, 255)}".encode()


def clean(value: bytes) -> bytes:
    """Leave out of a header what HTTP forbids there: a header that has it is of the family "broken"."""
    return bytes(byte for byte in value if byte >= 32 and byte != 127)[:8000]


# --- Families -----------------------------------------------------------------------------------


def ask_strangely(rng: random.Random, number: int, session: str) -> Hostile:
    target = pick_public_path(rng) + b"?" + make_query(rng)
    return Hostile(number, "query", "GET", spell(b"GET", target, [from_somewhere(rng)]))


def go_nowhere(rng: random.Random, number: int, session: str) -> Hostile:
    odd = (
        b"//evil.example/%2f..",
        b"/\\evil.example/",
        b"/%5cevil.example",
        b"/commitments/..%2f..%2fadmin/",
        b"/.git/config",
    )
    more = (
        b"/static/../config/settings.py",
        b"/static/%2e%2e/manage.py",
        b"/;/admin/",
        b"/%2fadmin/",
        b"/cy//evil.example",
    )
    target = rng.choice((*odd, *more, b"/" + write(pick_value(rng), rng), pick_path(rng), pick_path(rng)))
    return Hostile(number, "path", "GET", spell(b"GET", target, [from_somewhere(rng)]))


def send_headers(rng: random.Random, number: int, session: str) -> Hostile:
    poison = (POISON, f"{POISON}:443", f"https://{POISON}/", f"for={POISON};host={POISON};proto=http", f"/{POISON}")
    headers = [(name.encode(), rng.choice(poison).encode()) for name in rng.sample(PROXIES, rng.randint(1, 6))]
    headers += [(rng.choice(CONDITIONS).encode(), clean(pick_value(rng))) for _ in range(rng.randint(0, 3))]
    host = rng.choice(
        (HOST, HOST, HOST, HOST.upper(), f"{HOST}:443", f"{HOST}.{POISON}", POISON, f"{HOST}:99999")
    ).encode()
    data = spell(b"GET", pick_path(rng), headers, host=host)
    return Hostile(number, "header", "GET", data, is_http=b"Expect" not in data and b"Upgrade" not in data)


def send_cookies(rng: random.Random, number: int, session: str) -> Hostile:
    names = (
        b"__Host-sessionid",
        b"__Host-csrftoken",
        b"sessionid",
        b"messages",
        b"django_language",
        clean(pick_value(rng)),
    )
    cookies = b"; ".join(rng.choice(names) + b"=" + clean(pick_value(rng)) for _ in range(rng.choice((1, 2, 5, 60))))
    return Hostile(number, "cookie", "GET", spell(b"GET", pick_path(rng), [(b"Cookie", cookies[:20_000])]))


def send_body(rng: random.Random, number: int, session: str) -> Hostile:
    path = pick_path(rng) if rng.random() < 0.4 else pick_path(rng, start=("/accounts/", "/admin/login/"))
    return Hostile(number, "body", "POST", spell(b"POST", path, *make_form(rng, b"")))


def make_form(rng: random.Random, cookies: bytes) -> tuple[Headers, bytes]:
    """Return headers and body of a form that the protection against forged ones lets through, or of what is no form."""
    fields = b"csrfmiddlewaretoken=" + TOKEN.encode() + b"&" + make_query(rng, FIELDS)
    part = b'--b\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n'
    file = part % (clean(pick_value(rng))[:90], b'; filename="../../x"', pick_value(rng))
    token = part % (b"csrfmiddlewaretoken", b"", TOKEN.encode())
    kind, body = rng.choice(
        (
            *[(b"application/x-www-form-urlencoded", fields)] * 4,
            (b"multipart/form-data; boundary=b", token + file + b"--b--\r\n"),
            (b"multipart/form-data; boundary=b", token + file),
            (b"multipart/form-data; boundary=" + b"b" * 300, file),
            (b"multipart/form-data", file),
            (b"application/json", b'{"login": ' + pick_value(rng)),
            (b"application/x-www-form-urlencoded; charset=" + clean(pick_value(rng))[:20], fields),
            (clean(pick_value(rng))[:100], pick_value(rng)),
            (b"application/x-www-form-urlencoded", b"&".join(b"x%d=1" % count for count in range(1500))),
        )
    )
    cookie = b"; ".join(filter(None, [b"__Host-csrftoken=" + TOKEN.encode(), cookies]))
    headers = [(b"Content-Type", kind), (b"Cookie", cookie), (b"Origin", SITE.encode()), from_somewhere(rng)]
    return headers, body


def work_as_staff(rng: random.Random, number: int, session: str) -> Hostile:
    path = pick_path(rng, start=("/admin/",), never=SIGNS_OUT)
    if rng.random() < 0.5:
        headers = [(b"Cookie", b"__Host-sessionid=" + session.encode())]
        return Hostile(number, "staff", "GET", spell(b"GET", path + b"?" + make_query(rng), headers))
    headers, body = make_form(rng, b"__Host-sessionid=" + session.encode())
    return Hostile(number, "staff", "POST", spell(b"POST", path, headers, body))


def use_methods(rng: random.Random, number: int, session: str) -> Hostile:
    method = rng.choice(METHODS)
    headers = [(b"X-Canary", CANARY.encode()), (b"Cookie", b"canary=" + CANARY.encode())]
    body = b"" if method in {b"TRACE", b"HEAD"} else pick_value(rng)
    return Hostile(number, "method", method.decode(), spell(method, pick_path(rng), headers, body))


def break_http(rng: random.Random, number: int, session: str) -> Hostile:
    path, host = pick_public_path(rng), HOST.encode()
    smuggled = b"GET /admin/ HTTP/1.1\r\nHost: %b\r\n\r\n" % POISON.encode()
    data = rng.choice(
        (
            spell(b"GET", path, [(b"X-Odd", pick_value(rng))]),
            spell(b"GET", path, [(b"Host", POISON.encode())]),
            spell(b"GET", path, [], own=False),
            spell(b"GET", path + b"?" + pick_value(rng), []),
            spell(b"GET", b"http://%b/" % POISON.encode(), []),
            spell(b"POST", path, [(b"Transfer-Encoding", b"chunked")], b"0\r\n\r\n" + smuggled),
            spell(b"POST", path, [(b"Transfer-Encoding", b"chunked")], b"zz\r\n" + pick_value(rng)),
            spell(b"POST", path, [(b"Content-Length", b"-1")], smuggled),
            spell(b"POST", path, [(b"Content-Length", b"4"), (b"Content-Encoding", b"gzip")], b"abcd"),
            spell(b"GET", path, [(b"X-%d" % count, b"x" * 200) for count in range(rng.choice((50, 200)))]),
            spell(b"GET", path, [(b"X-Long", b"x" * rng.choice((9000, 70_000, 500_000)))]),
            spell(b"CONNECT", b"evil.example:443", []),
            b"GET %b\r\n\r\n" % path,
            b"GET %b HTTP/9.9\r\nHost: %b\r\n\r\n" % (path, host),
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET %b HTTP/1.1\nHost: %b\nConnection: close\n\n" % (path, host),
            b"\x16\x03\x01" + rng.randbytes(60) + b"\r\n\r\n",
            rng.randbytes(300) + b"\r\n\r\n",
        )
    )
    return Hostile(number, "broken", "GET", data, is_http=False)


Maker = Callable[[random.Random, int, str], Hostile]
FAMILIES: dict[str, tuple[Maker, float]] = {
    "query": (ask_strangely, 0.30),
    "path": (go_nowhere, 0.15),
    "header": (send_headers, 0.15),
    "cookie": (send_cookies, 0.06),
    "body": (send_body, 0.12),
    "staff": (work_as_staff, 0.12),
    "method": (use_methods, 0.04),
    "broken": (break_http, 0.06),
}


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.buffer.write(make_request(int(sys.argv[1])).data + b"\n")
