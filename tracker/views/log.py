"""The public log: its pages, its download, its checkpoints and proofs, and the file that checks them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker import verify
from tracker.models import Checkpoint, LogEntry
from tracker.publishing import find_newest_checkpoint, prove_consistency, prove_inclusion

PAGE_SIZE = 50
CHUNK = 500
MAXIMUM = 2**62  # more than any log will hold, and less than any database refuses
PLAIN = "text/plain; charset=utf-8"


class Unanswerable(Exception):
    """Raised with a sentence when the numbers in an address make no sense."""


def read_number(request: HttpRequest, name: str, default: int | None = None) -> int:
    """Return a number from the address. Raises Unanswerable when there is none."""
    text = request.GET.get(name, "")
    if not text and default is not None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19 and int(text) < MAXIMUM):
        raise Unanswerable(_("“%(name)s” must be a whole number; not “%(text)s”.") % {"name": name, "text": text[:20]})
    return int(text)


# --- Pages -----------------------------------------------------------------------------------


def log_list(request: HttpRequest) -> HttpResponse:
    """Show the newest entries, or those before a number, of every kind or of one."""
    kind, entries, errors = request.GET.get("kind", ""), list[LogEntry](), []
    try:
        before = read_number(request, "before", MAXIMUM)
        if kind and kind not in LogEntry.Kind.values:
            raise Unanswerable(_("There is no kind of entry called “%(kind)s”.") % {"kind": kind[:20]})
        rows = LogEntry.objects.filter(sequence__lt=before, **({"kind": kind} if kind else {}))
        entries = list(rows.order_by("-sequence")[: PAGE_SIZE + 1])
    except Unanswerable as error:
        before, errors = MAXIMUM, [{"message": str(error)}]
    context = {
        "errors": errors,
        "entries": entries[:PAGE_SIZE],
        "older": entries[PAGE_SIZE - 1].sequence if len(entries) > PAGE_SIZE else None,
        "is_newest": before == MAXIMUM,
        "kind": kind,
        "kinds": LogEntry.Kind.choices,
        "checkpoint": find_newest_checkpoint(),
        "losses": LogEntry.objects.filter(kind=LogEntry.Kind.LOSS),
    }
    return render(request, "tracker/log_list.html", context)


def log_entry(request: HttpRequest, sequence: int) -> HttpResponse:
    entry = get_object_or_404(LogEntry, sequence=sequence)
    checkpoint = find_newest_checkpoint()
    is_signed = checkpoint is not None and sequence <= checkpoint.size
    context = {
        "entry": entry,
        "checkpoint": checkpoint if is_signed else None,
        "path": prove_inclusion(sequence - 1, checkpoint.size) if checkpoint and is_signed else [],
        "redaction": find_redaction(entry) if entry.is_redacted else None,
    }
    return render(request, "tracker/log_entry.html", context)


def find_redaction(entry: LogEntry) -> LogEntry | None:
    """Return the later entry that says why an entry has no words any more. There are few."""
    redactions = LogEntry.objects.filter(kind=LogEntry.Kind.REDACTION, sequence__gt=entry.sequence)
    return next((each for each in redactions if each.content and entry.sequence in each.content["entries"]), None)


# --- Files -----------------------------------------------------------------------------------


def log_jsonl(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Send every entry that the newest checkpoint covers, or those after a number, one a line."""
    try:
        after = read_number(request, "after", 0)
    except Unanswerable as error:
        return refuse(str(error))
    checkpoint = find_newest_checkpoint()
    response = StreamingHttpResponse(
        write_lines(after, checkpoint.size if checkpoint else MAXIMUM), content_type="application/jsonl; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="entries.jsonl"'
    if checkpoint:
        response["Log-Checkpoint"] = settings.SITE_URL + reverse("tracker:log-checkpoint", args=[checkpoint.size])
    return response


def write_lines(after: int, size: int) -> Iterator[bytes]:
    entries = LogEntry.objects.filter(sequence__gt=after, sequence__lte=size)
    for entry in entries.order_by("sequence").iterator(CHUNK):
        yield entry.as_line()


def log_checkpoint(request: HttpRequest, size: int | None = None) -> HttpResponse:
    """Send a checkpoint as it was signed: the newest, or the one over that many entries."""
    checkpoint = find_newest_checkpoint() if size is None else Checkpoint.objects.filter(size=size).first()
    if checkpoint is None:
        raise Http404
    return HttpResponse(checkpoint.note, content_type=PLAIN)


def log_key(request: HttpRequest) -> HttpResponse:
    """Send each public key that checkpoints were signed with, the present one first."""
    keys = Checkpoint.objects.order_by().values("key").annotate(newest=Max("size")).order_by("-newest")
    if not keys:
        raise Http404
    return HttpResponse("".join(f"{each['key']}\n" for each in keys), content_type=PLAIN)


def log_verifier(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Path(verify.__file__).read_bytes(), content_type="text/x-python; charset=utf-8")


# --- Proofs ----------------------------------------------------------------------------------


def log_inclusion(request: HttpRequest) -> HttpResponse:
    """Prove that an entry is in the tree of a size, with the names that RFC 6962 gives to the parts."""
    try:
        newest = find_newest_size()
        sequence = read_number(request, "sequence")
        size = read_number(request, "size", newest)
        if not 1 <= sequence <= size <= newest:
            raise Unanswerable(f"There is no proof that entry {sequence} is among the first {size}, of {newest}.")
    except Unanswerable as error:
        return refuse(str(error))
    return JsonResponse({"leaf_index": sequence - 1, "audit_path": encode(prove_inclusion(sequence - 1, size))})


def log_consistency(request: HttpRequest) -> HttpResponse:
    """Prove that the tree of one size begins that of another."""
    try:
        newest = find_newest_size()
        first = read_number(request, "from")
        second = read_number(request, "to", newest)
        if not 1 <= first <= second <= newest:
            raise Unanswerable(
                f"There is no proof that the first {first} entries begin the first {second}, of {newest}."
            )
    except Unanswerable as error:
        return refuse(str(error))
    return JsonResponse({"consistency": encode(prove_consistency(first, second))})


def find_newest_size() -> int:
    checkpoint = find_newest_checkpoint()
    return checkpoint.size if checkpoint else 0


def encode(path: list[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in path]


def refuse(sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", content_type=PLAIN, status=400)
