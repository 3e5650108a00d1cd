"""The answer to a question as a file, with the filters, the order and the day of the page; and what is in the files."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.answers import (
    Question,
    Unanswerable,
    describe_page,
    link_pages,
)
from tracker.exports import (
    FORMATS,
    LICENCE,
    NEUTRALISED,
    SCHEMA_VERSION,
    Format,
    Selection,
    describe_commitments,
    list_errors,
    read_sheets,
    write_csv,
    write_errors,
    write_json_lines,
    write_ods,
    write_xlsx,
)
from tracker.moments import ImpossibleMoment, read_moment
from tracker.publishing import find_newest_checkpoint

BY_NAME = {each.address_name: each for each in FORMATS}
Answering = Callable[[HttpRequest, Question, Format], HttpResponseBase]


def answers(address_name: str) -> Callable[[Answering], Callable[[HttpRequest], HttpResponseBase]]:
    """Give a view the question of its address, and say what is wrong with one that is not valid, in its own format."""
    form = BY_NAME[address_name]

    def decorate(view: Answering) -> Callable[[HttpRequest], HttpResponseBase]:
        @require_safe
        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponseBase:
            try:
                question = Question(request.GET, read_moment(request.GET, today=timezone.localdate()))
                response = refuse(form, question.errors) if question.errors else view(request, question, form)
            except (ImpossibleMoment, Unanswerable) as error:
                response = refuse(form, [str(error)])
            response["X-Robots-Tag"] = "noindex"
            return response

        return answer

    return decorate


def refuse(form: Format, messages: list[str]) -> HttpResponse:
    """Say what is wrong with a question, never answering another one."""
    if form.ending in {"json", "jsonl"}:
        problem = {"type": "about:blank", "title": "This question cannot be answered.", "status": 400}
        problem |= {"detail": " ".join(messages), "errors": messages}
        return JsonResponse(problem, status=HTTPStatus.BAD_REQUEST, content_type="application/problem+json")
    if form.ending == "csv":
        return HttpResponse(write_errors(messages), "text/csv; charset=utf-8", HTTPStatus.BAD_REQUEST)
    sheets = list_errors(messages)
    if form.ending == "ods":
        return HttpResponse(write_ods(sheets), form.media_type, HTTPStatus.BAD_REQUEST)
    write_xlsx(file := io.BytesIO(), sheets)
    return HttpResponse(file.getvalue(), form.media_type, HTTPStatus.BAD_REQUEST)


# --- What each file says of itself -----------------------------------------------------------


def describe_source(question: Question) -> dict[str, Any]:
    """Return where an answer is from: its address, day, licence and the newest checkpoint of the log."""
    checkpoint = find_newest_checkpoint()
    moment = question.moment
    return {
        "question": settings.SITE_URL + question.address,
        "on": moment.day.isoformat(),
        "known": moment.known.isoformat() if moment.known else None,
        "downloaded_on": moment.today.isoformat(),
        "licence": LICENCE,
        "data_dictionary": settings.SITE_URL + reverse("tracker:data"),
        "checkpoint": (
            settings.SITE_URL + reverse("tracker:log-checkpoint", args=[checkpoint.size]) if checkpoint else None
        ),
    }


def name_file(form: Format, question: Question) -> str:
    """Name a file by what it holds, the day of the download and the day that was asked about."""
    parts = [form.sheet.name if form.sheet else "commitments", question.moment.today.isoformat()]
    asked = {"on": question.moment.on, "known": question.moment.known}
    parts += [f"{name}-{day.isoformat()}" for name, day in asked.items() if day]
    return f"{'-'.join(parts)}.{form.ending}"


def label(response: Any, form: Format, question: Question, source: dict[str, Any], how: str = "attachment") -> Any:
    """Say in a response's head what the file is called and where it is from."""
    response["Content-Type"] = form.media_type + ("; charset=utf-8" if form.media_type.startswith("text/") else "")
    response["Content-Disposition"] = f'{how}; filename="{name_file(form, question)}"'
    links = {"license": source["licence"], "describedby": source["data_dictionary"], "canonical": source["question"]}
    response["Link"] = ", ".join(f'<{address}>; rel="{rel}"' for rel, address in links.items())
    if source["checkpoint"]:
        response["Log-Checkpoint"] = source["checkpoint"]
    return response


def select(question: Question, keys: Iterable[int] | None = None) -> Selection:
    """Read which commitments answer a question, or take the keys of some, before anything is sent."""
    found = question.list_keys() if keys is None else keys
    return Selection(found, question.moment, settings.SITE_URL)


# --- The files -------------------------------------------------------------------------------


def send_stream(question: Question, form: Format, chunks: Iterable[bytes]) -> HttpResponseBase:
    return label(StreamingHttpResponse(chunks), form, question, describe_source(question))


def send_sheet(request: HttpRequest, question: Question, form: Format) -> HttpResponseBase:
    return send_stream(question, form, write_csv(form.sheet, select(question)))  # type: ignore[arg-type]


commitment_csv, update_csv, evidence_csv = (
    answers(name)(send_sheet) for name in ("commitment-csv", "update-csv", "evidence-csv")
)


@answers("commitment-jsonl")
def commitment_jsonl(request: HttpRequest, question: Question, form: Format) -> HttpResponseBase:
    return send_stream(question, form, write_json_lines(select(question)))


def select_for_workbook(question: Question, form: Format) -> Selection:
    selection = select(question)
    if form.limit is not None and len(selection) > form.limit:
        raise Unanswerable(
            f"This workbook holds at most {form.limit:,} commitments, and this question has {len(selection):,}. "
            "Narrow the question, or take the CSV files, which have no limit."
        )
    return selection


def list_facts(source: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the lines of the sheet that says where a workbook is from."""
    return [("what", "value"), *((name, value or "") for name, value in source.items()), ("note", str(NEUTRALISED))]


@answers("commitment-xlsx")
def commitment_xlsx(request: HttpRequest, question: Question, form: Format) -> HttpResponseBase:
    selection, source = select_for_workbook(question, form), describe_source(question)
    # The response closes it, and with that it is deleted.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    write_xlsx(file, read_sheets(selection, list_facts(source)))
    file.seek(0)
    return label(FileResponse(file), form, question, source)


@answers("commitment-ods")
def commitment_ods(request: HttpRequest, question: Question, form: Format) -> HttpResponseBase:
    selection = select_for_workbook(question, form)
    return send_stream(question, form, write_ods(read_sheets(selection, list_facts(describe_source(question)))))


@answers("commitment-json")
def commitment_json(request: HttpRequest, question: Question, form: Format) -> HttpResponseBase:
    """Send one page of the answer; `Link` leads to the others."""
    source, page = describe_source(question), question.read_page_of_keys()
    content = {
        "schema_version": SCHEMA_VERSION,
        **source,
        **describe_page(page),
        "commitments": list(describe_commitments(select(question, page.object_list))),
    }
    response = label(JsonResponse(content, json_dumps_params={"ensure_ascii": False}), form, question, source, "inline")
    links = link_pages(page, settings.SITE_URL + reverse("tracker:commitment-json"), question.query)
    response["Link"] += "".join(f', <{address}>; rel="{rel}"' for rel, address in links.items())
    return response
