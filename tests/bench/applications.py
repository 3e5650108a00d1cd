"""What granian serves while the bench measures: the site without its finished pages, and a bare Django view."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

from tracker import keeping  # noqa: E402

if os.environ.get("BENCH") == "nothing kept":
    keeping.LIMIT = 0
if os.environ.get("BENCH") == "bare":
    # Django and nothing around it: what any page must cost at least.
    settings.MIDDLEWARE = []
    settings.ROOT_URLCONF = __name__


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Nothing.")


urlpatterns = [path("bare", bare)]
application = WSGIHandler()
