"""The pages that are lists: the home page, the commitments and the documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django_filters.views import FilterView
from django_tables2 import RequestConfig, SingleTableMixin

from tracker.answers import (
    Question,
    RowPaginator,
    offer_files,
    offer_following,
    read_as_at,
    slice_rows,
    suggest,
)
from tracker.charts import build_chart
from tracker.filters import (
    CommitmentFilter,
    Counting,
    DocumentFilter,
    add_query,
    build_filter_groups,
    build_filter_tags,
    order,
    shorten,
)
from tracker.models import Commitment, Department, Document, Programme
from tracker.querysets import ByteOrder
from tracker.statuses import Strength, Timeliness
from tracker.tables import CommitmentTable, DocumentTable
from tracker.views.errors import list_errors
from tracker.views.moments import at_moment

PAGE_SIZE = 25
LATEST = 8  # rows in each short list of the home page
MAXIMUM_PAGE_SIZE = 100


class TablePaginator(RowPaginator):
    """Keeps a page's size in bounds, because django-tables2 takes any number from the address over its own setting."""

    def __init__(self, object_list: Any, per_page: int, **options: Any) -> None:
        super().__init__(object_list, min(max(per_page, 1), MAXIMUM_PAGE_SIZE), **options)

    def read(self, first: int, last: int) -> Any:
        rows = self.object_list
        return type(rows)(super().read(first, last), table=rows.table)

    def slice(self, first: int, last: int) -> Any:
        return slice_rows(self.object_list.data.data, first, last, self.count)


class RegisterList(SingleTableMixin, FilterView):
    """A filtered table with a short, shareable address. An invalid question shows its errors and no rows."""

    strict = True
    drawn: tuple[str, ...] | None = None  # the filters that stand on the page; all, where nothing else is said

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        short = shorten(request.GET)
        if [*short.lists()] != [*request.GET.lists()]:
            return HttpResponseRedirect(add_query(request.path, short))
        return super().dispatch(request, *args, **kwargs)

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        # Bound even without parameters, so that the form always speaks the same way.
        return super().get_filterset_kwargs(filterset_class) | {"data": self.request.GET}

    def get_table_pagination(self, table: Any) -> dict[str, Any]:
        return {"paginator_class": TablePaginator, "per_page": PAGE_SIZE}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["errors"] = [] if self.filterset.is_valid() else list_errors(self.filterset, self.drawn)
        context["canonical_path"] = add_query(self.request.path, order(self.request.GET))
        context["notes"] = [
            *self.describe_page(context["table"]),
            *self.describe_sort(context["table"]),
        ]
        return context

    def describe_page(self, table: Any) -> Iterator[str]:
        """Say which page is shown when it is not the one that was asked for."""
        asked = self.request.GET.get("page", "1")
        if asked != str(table.page.number):
            facts = {"asked": asked[:20], "number": table.page.number, "count": table.paginator.num_pages}
            yield _("There is no page “%(asked)s”. This is page %(number)s of %(count)s.") % facts

    def describe_sort(self, table: Any) -> Iterator[str]:
        """Say so when the list cannot be sorted as was asked."""
        asked = self.request.GET.get("sort", "")
        if asked and asked.removeprefix("-") not in {column.name for column in table.columns if column.orderable}:
            yield _("The list cannot be sorted by “%(asked)s”.") % {"asked": asked[:20]}


@method_decorator(at_moment, name="dispatch")
class CommitmentList(RegisterList):
    model = Commitment
    table_class = CommitmentTable
    filterset_class = CommitmentFilter
    template_name = "tracker/commitment_list.html"

    def get_filterset(self, filterset_class: Any) -> Any:
        self.question = Question(self.request.GET, self.request.moment, self.request.version)
        return self.question.filterset

    def get_table(self, **options: Any) -> CommitmentTable:
        table = self.question.table
        return RequestConfig(self.request, paginate=self.get_table_pagination(table)).configure(table)

    def get_table_pagination(self, table: CommitmentTable) -> dict[str, Any]:
        return super().get_table_pagination(table) | {"count": len(table.data), "find": self.question.find_rows}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["sort"] = self.request.GET.get("sort", "")
        context["departments"], *context["groups"] = build_filter_groups(self.filterset)
        context["tags"] = [] if context["errors"] else build_filter_tags(self.filterset, self.link_without)
        if not context["errors"]:
            context |= offer_following(self.question.query)
            context["files"] = offer_files(self.question, context["table"].paginator.count)
            context |= self.describe_search(context["table"])
        return context

    def describe_search(self, table: CommitmentTable) -> dict[str, Any]:
        """Say that the best match comes first, or what else could be searched for where nothing was found."""
        if not table.search.wanted:
            return {}
        if not table.paginator.count:
            return {"suggestion": suggest(self.question)}
        return {"best_first": not table.order_by}

    def link_without(self, name: str, value: str) -> str:
        """Return the address of the same question without one value of a filter."""
        query = self.request.GET.copy()
        is_several = len(query.getlist(name)) > 1
        query.setlist(name, [each for each in query.getlist(name) if is_several and each != value])
        return add_query(self.request.path, shorten(query, without=("page",)))


class DocumentList(RegisterList):
    model = Document
    table_class = DocumentTable
    filterset_class = DocumentFilter
    drawn = ("q",)
    template_name = "tracker/document_list.html"

    def get_queryset(self) -> Any:
        # The order is given here, because counting drops the model's own.
        return Document.objects.published().with_use().order_by(Lower(ByteOrder("title")), "pk")


@at_moment
def home(request: Any) -> HttpResponse:
    """Show how the whole register stands."""
    moment = request.moment
    commitments = Commitment.objects.as_at(moment)
    counting = Counting(commitments, request.version, moment.day)
    by_programme = counting.count_statuses("programme")
    by_department = counting.count_statuses("department")
    shown = read_short_lists(commitments, request)
    context = {
        "chart": build_chart(counting.count("status")),
        "programmes": [
            (programme, build_chart(by_programme.get(programme.slug, {})))
            for programme in read_as_at(Programme.objects.published(), moment)
        ],
        "departments": [
            (department, build_chart(by_department[department.slug]))
            for department in read_as_at(Department.objects.published(), moment)
            if department.slug in by_department
        ],
        "changes": shown["changes"],
        "overdue": shown["overdue"],
        "due_soon": shown["due_soon"][:LATEST],
        "more_due_soon": len(shown["due_soon"]) > LATEST,
        "counts": {
            "weak": counting.count("strength").get(Strength.WEAK, 0),
            "overdue": counting.count("timeliness").get(Timeliness.OVERDUE, 0),
        },
    }
    return render(request, "tracker/home.html", context)


def read_short_lists(commitments: Any, request: Any) -> dict[str, list[Commitment]]:
    """Return the first rows of each short list of the home page, all of them in one query by the keys that are kept."""
    today = request.moment.day
    lists = {
        "changes": commitments.lately_changed()[:LATEST],
        "overdue": commitments.overdue(today=today)[:LATEST],
        "due_soon": commitments.due_soon(today=today)[: LATEST + 1],
    }

    def find() -> dict[str, list[int]]:
        return {name: list(rows.values_list("pk", flat=True)) for name, rows in lists.items()}

    keys = request.version.keep(("home", request.moment), find)
    found = commitments.for_listing().in_bulk({key for each in keys.values() for key in each})
    return {name: [found[key] for key in each if key in found] for name, each in keys.items()}
