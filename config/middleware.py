"""The headers that neither Django nor django-csp sends, who may keep an answer, and what is not compressed."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

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


def permissions_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        return response

    return middleware


# What is the same for everyone, caches in front keep for a second, a little longer while they ask whether it still
# stands, and for a day where the site does not answer. Browsers ask each time: a page of theirs is never behind.
FOR_CACHES = "s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
FOR_ALL = f"public, max-age=0, {FOR_CACHES}"
FOR_NOBODY = "private, no-store"


def say_who_may_keep(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Say what caches may do with an answer: nobody keeps one for a reader who has a cookie, or is given one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        told = response.get("Cache-Control", "")
        is_personal = request.method not in {"GET", "HEAD"} or request.COOKIES or response.cookies
        if "no-store" in told:
            return response
        if is_personal or "Authorization" in request.headers:
            response["Cache-Control"] = FOR_NOBODY + (", no-transform" if "no-transform" in told else "")
        elif response.status_code in {200, 304} and not told:
            response["Cache-Control"] = FOR_ALL
        elif "public" in told and "no-cache" not in told:
            response["Cache-Control"] = f"{told}, {FOR_CACHES}"
        return response

    return middleware


class GZipUnlessForbidden(GZipMiddleware):
    """Compresses what does not say `Cache-Control: no-transform`: a file that does keeps its length and its ETag."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if "no-transform" in response.get("Cache-Control", ""):
            return response
        return super().process_response(request, response)


# What programs on the pages of other sites may read: the API, the files, and the log as it is checked.
OPEN = re.compile(
    r"/(?:api/.*|commitments(?:/updates|/evidence)?\.(?:csv|jsonl?)|data/.+"
    r"|log/(?:entries\.jsonl|checkpoint.*|key|proof/.+))"
)
METHODS = "GET, HEAD, OPTIONS"
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
