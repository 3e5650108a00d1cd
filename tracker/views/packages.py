"""The page "Data": what is in every file; and the files of the whole register, as `export_register` built them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.dateparse import parse_datetime
from django.utils.http import http_date
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tracker.answers import MAXIMUM_PAGE_SIZE
from tracker.exports import (
    FORMATS,
    LICENCE,
    LICENCE_NAME,
    NEUTRALISED,
    SCHEMA_VERSION,
    SHEETS,
)
from tracker.exports.package import (
    ESCAPED,
    MANIFEST,
    OWN,
    SUMS,
    TABLES,
    VOCABULARIES,
    Package,
    find_package,
    list_words,
)
from tracker.models import LogEntry
from tracker.publishing import find_newest_checkpoint
from tracker.statuses import Timeliness
from tracker.views.moments import at_moment

# The files of the whole register: how each is sent, what it is called and what it holds.
FILES = {
    "register.zip": (
        "application/zip",
        _("CSV files in a zip"),
        _("A Frictionless data package: a table to each file."),
    ),
    "register.jsonl": ("application/jsonl", _("JSON Lines"), _("A row to each line, with the name of its table.")),
    "register.sqlite3": (
        "application/vnd.sqlite3",
        _("SQLite database"),
        _("With keys, indexes and, in the table search, full-text search."),
    ),
    MANIFEST: (
        "application/json",
        _("What the files are"),
        _("Where they stand, their licence, lengths and sums, as JSON."),
    ),
    SUMS: ("text/plain; charset=utf-8", _("SHA-256 sums"), _("For sha256sum -c.")),
}


def find_offer() -> Package | None:
    """Return the files that may be sent: whole, and made since words were last removed from the register."""
    package = find_package(settings.EXPORT_FOLDER)
    if package is None:
        return None
    removed_since = LogEntry.objects.filter(kind=LogEntry.Kind.REDACTION, sequence__gt=package.about["log_entry"])
    return None if removed_since.exists() else package


@require_safe
def register_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send one of the files, as it lies on the disk, or say on a page that there is none now."""
    if name not in FILES:
        raise Http404
    package = find_offer()
    if package is None:
        return render(request, "tracker/no_package.html", {"name": name}, status=HTTPStatus.NOT_FOUND)
    kept, about = package.files[name], package.about
    etag, modified = f'"{kept.sha256}"', int(kept.path.stat().st_mtime)
    unchanged = get_conditional_response(request, etag=etag, last_modified=modified)
    response = unchanged or FileResponse(kept.path.open("rb"), as_attachment=True, filename=name)
    response["Content-Type"] = FILES[name][0]
    response["ETag"] = etag
    response.headers.setdefault("Last-Modified", http_date(modified))
    # New files may come at any time; and whatever compresses them would take away their length.
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Robots-Tag"] = "noindex"
    links = {"license": about["licence"], "describedby": about["data_dictionary"]}
    response["Link"] = ", ".join(f'<{address}>; rel="{rel}"' for rel, address in links.items())
    response["Log-Checkpoint"] = about["checkpoint"]
    return response


def list_offered(package: Package) -> list[dict[str, Any]]:
    """Return each file as the page offers it."""
    return [
        {
            "address": reverse("tracker:register-file", args=[name]),
            "name": name,
            "label": label,
            "sentence": sentence,
            "bytes": package.files[name].bytes,
        }
        for name, (_type, label, sentence) in FILES.items()
    ]


@at_moment
def data_dictionary(request: Any) -> HttpResponse:
    """Say what is in every file: each column, each code, the licence and how to cite it."""
    package = find_offer()
    context = {
        "package": package and package.about | {"at": parse_datetime(package.about["published_at"])},
        "package_files": list_offered(package) if package else [],
        "tables": TABLES,
        "escaped": ESCAPED,
        "own": OWN,
        "sheets": SHEETS,
        "formats": [(each, reverse(f"tracker:{each.address_name}")) for each in FORMATS],
        "codes": VOCABULARIES | {"timeliness": list_words(Timeliness)},
        "licence": LICENCE,
        "licence_name": LICENCE_NAME,
        "neutralised": NEUTRALISED,
        "maximum_page_size": MAXIMUM_PAGE_SIZE,
        "schema_version": SCHEMA_VERSION,
        "today": timezone.localdate(),
        "checkpoint": find_newest_checkpoint(),
    }
    response = render(request, "tracker/data.html", context)
    response["Cache-Control"] = "no-cache"  # new files may come at any time
    return response
