"""The headers that neither Django nor django-csp sends, who a request comes from, who may keep an answer."""

import re
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.middleware.gzip import GZipMiddleware
from django.middleware.http import ConditionalGetMiddleware
from django.middleware.security import SecurityMiddleware

# Nothing on the site needs any of these, so a script that got in could not ask for them either.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


METHODS = "GET, HEAD, OPTIONS"

# What programs on the pages of other sites may read: the API, the files, and the log as it is checked.
OPEN = re.compile(
    r"/(?:api/.*|commitments(?:/updates|/evidence)?\.(?:csv|jsonl?)|data/.+"
    r"|log/(?:entries\.jsonl|checkpoint.*|key|proof/.+))"
)
# What is made to be shown by other sites, besides: badges, cards, and the pictures that go with a shared address.
SHOWN_ELSEWHERE = re.compile(
    rf"(?:/cy)?/commitments/[^/]+/(?:badge\.svg|card/)|/oembed/|/{settings.STATIC_URL.strip('/')}/tracker/share/.+"
)


def policies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give every answer, whoever made it, the headers that say what may be done with it."""
    security = SecurityMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponse:
        # Django's own middleware refuses a host that is not ours before it looks at answers: once more, for those.
        response = security.process_response(request, get_response(request))
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = find_readers(request.path_info)
        return response

    return middleware


# What is the same for everyone, caches in front keep for a second, a little longer while they ask whether it still
# stands, and for a day where the site does not answer. Browsers ask each time: a page of theirs is never behind.
FOR_CACHES = "s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
# A long file takes seconds to write, so that the first who asks for it anew must not be one of a hundred.
LONG_FOR_CACHES = "s-maxage=1, stale-while-revalidate=10, stale-if-error=86400"
FOR_NOBODY = "private, no-store"


def say_who_may_keep(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Say what caches may do with an answer: nobody keeps one for a reader who has a cookie, or is given one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        told = response.get("Cache-Control", "")
        for_caches = LONG_FOR_CACHES if response.streaming else FOR_CACHES
        is_personal = request.method not in {"GET", "HEAD"} or request.COOKIES or response.cookies
        if "no-store" in told:
            return response
        if is_personal or "Authorization" in request.headers:
            response["Cache-Control"] = FOR_NOBODY + (", no-transform" if "no-transform" in told else "")
        elif response.status_code in {200, 304} and not told:
            response["Cache-Control"] = f"public, max-age=0, {for_caches}"
        elif "public" in told and "no-cache" not in told:
            response["Cache-Control"] = f"{told}, {for_caches}"
        return response

    return middleware


def refuse_trace(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer nothing to a TRACE, which asks to have the request repeated, cookies included."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return HttpResponseNotAllowed(METHODS.split(", ")) if request.method == "TRACE" else get_response(request)

    return middleware


def read_forms(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse a form that cannot be read before anything else is looked at.

    Django reads it first when it draws the page that says that an address is not there, and broke where it could not.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            _ = request.POST
        return get_response(request)

    return middleware


def find_readers(path: str) -> str:
    """Say whose pages may load what is at this path, as Cross-Origin-Resource-Policy puts it."""
    return "cross-origin" if OPEN.fullmatch(path) or SHOWN_ELSEWHERE.fullmatch(path) else "same-origin"


def real_address(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let a request come from the address that a proxy of ours says it came from, in its X-Real-IP.

    From anybody else that header is not believed, nor is any other that claims an address.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        claimed = read_address(request.headers.get("X-Real-IP", ""))
        if claimed and is_trusted(request.META.get("REMOTE_ADDR", "")):
            request.META["REMOTE_ADDR"] = claimed
        return get_response(request)

    return middleware


def is_trusted(address: str) -> bool:
    known = read_address(address)
    return bool(known) and any(ip_address(known) in network for network in settings.TRUSTED_PROXIES)


def read_address(text: str) -> str:
    """Return an address as it is usually written; nothing where the text is none."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return ""
    # A socket that listens to both kinds names old addresses in the new way.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


class ConditionalGetWithPolicies(ConditionalGetMiddleware):
    """Lets a view's exceptions from the policies hold for a 304 too: a browser puts its headers over those it keeps."""

    EXCEPTIONS = ("_csp_replace", "xframe_options_exempt")

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        answer = super().process_response(request, response)
        vars(answer).update({name: value for name, value in vars(response).items() if name in self.EXCEPTIONS})
        return answer


class GZipUnlessForbidden(GZipMiddleware):
    """Compresses what does not say `Cache-Control: no-transform`: a file that does keeps its length and its ETag."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if "no-transform" in response.get("Cache-Control", ""):
            return response
        return super().process_response(request, response)


FOR_OTHER_SITES = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Log-Checkpoint",
}
BEFOREHAND = {
    "Allow": METHODS,
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Accept, If-Modified-Since, If-None-Match",
    "Access-Control-Max-Age": "86400",  # seconds
}


def open_to_other_sites(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let any site read what is open, without cookies, and answer the question that a browser asks beforehand."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not OPEN.fullmatch(request.path_info):
            return get_response(request)
        asks_beforehand = request.method == "OPTIONS"
        response = HttpResponse(status=204, headers=BEFOREHAND) if asks_beforehand else get_response(request)
        for name, value in FOR_OTHER_SITES.items():
            response[name] = value
        return response

    return middleware
