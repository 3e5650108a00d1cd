"""What granian serves while the bench measures: the site without its finished pages, Django's own list in the admin,
and a bare Django view. BENCH says which.
"""

import os
from collections.abc import Callable

import django
from django.conf import settings

from config.patience import serve_from

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
for database in settings.DATABASES.values():
    serve_from(database)  # as config/wsgi.py does
django.setup()

from django.contrib import admin  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

from tracker import keeping  # noqa: E402
from tracker.models import Commitment, User  # noqa: E402

BARE, UNCACHED, NOTHING_KEPT = "bare", "uncached", "nothing kept"
ADMIN, ADMIN_WITH_FACETS = "Django admin, no facets", "Django admin with facets"
ASKED = os.environ.get("BENCH", UNCACHED)

STOCK_TEMPLATES = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
        ],
    },
}


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Nothing.")


def as_superuser(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Let everybody in without a look at sessions and users, which the admin would have to pay for."""
    person = User(username="bench", is_active=True, is_staff=True, is_superuser=True)

    def respond(request: HttpRequest) -> HttpResponse:
        request.user = person
        return get_response(request)

    return respond


class StockAdmin(admin.ModelAdmin):
    """The list as anybody would write it first. Documents are not in a choice of twenty thousand, which favours it."""

    list_display = (
        *("reference", "title", "department", "programme", "kind", "current_status", "made_on", "next_due_on"),
    )
    list_filter = ("department", "current_status", "programme", "topics", "kind", "current_answer", "current_strength")
    list_per_page = 25
    list_select_related = ("department", "programme")
    ordering = ("reference",)
    raw_id_fields = ("source_document",)
    search_fields = ("reference", "title", "summary", "current_update__reason")
    show_facets = admin.ShowFacets.ALWAYS if ASKED == ADMIN_WITH_FACETS else admin.ShowFacets.NEVER


urlpatterns = [path("bare", bare)]
if ASKED == NOTHING_KEPT:
    keeping.LIMIT = keeping.LARGE = keeping.ONE = 0
if ASKED == BARE:
    # Django and nothing around it: what any page must cost at least.
    settings.MIDDLEWARE = []
    settings.ROOT_URLCONF = __name__
if ASKED in {ADMIN, ADMIN_WITH_FACETS}:
    desk = admin.AdminSite()
    desk.register(Commitment, StockAdmin)
    urlpatterns.append(path("admin/", desk.urls))
    settings.MIDDLEWARE = [f"{__name__}.as_superuser"]
    settings.ROOT_URLCONF = __name__
    settings.TEMPLATES = [STOCK_TEMPLATES]
    settings.FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

application = WSGIHandler()
