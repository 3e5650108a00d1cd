"""Answers each address in the language that it names, and in no other: nothing is read from headers or cookies.

Django's own middleware would answer one address in several languages, which no cache could keep apart.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from tracker.languages import find_language


def speak_as_addressed(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        with translation.override(find_language(request.path_info)):
            return get_response(request)

    return middleware
