"""Questions that are put into SQL once for each process and database, and from then on only asked.

Django works out the same SQL anew for each reader, which costs a page more than the answer does. The queryset stays the
one place where a question is put.
"""

from __future__ import annotations

import datetime as dt
import json
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, NamedTuple

from django.db import connections, models
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable, get_related_populators


class KeysField(models.Field):  # type: ignore[type-arg]  # it takes none when the program runs
    """Keys of rows, however many there are, as one value of a question: see `Listed`."""

    def get_db_prep_value(self, value: Iterable[int], connection: Any, prepared: bool = False) -> Any:
        written = json.dumps([*value])  # as one text, which is written much faster than a value for each
        return written if connection.vendor == "sqlite" else f"{{{written[1:-1]}}}"


FIELDS: dict[type, models.Field[Any, Any]] = {
    array: KeysField(),
    int: models.BigIntegerField(),
    str: models.CharField(),
    dt.date: models.DateField(),
    dt.datetime: models.DateTimeField(),
}
Read = Callable[[Iterable[Any]], Iterable[Any]]


class Slot(Expression):
    """The place in a question of a value that is known only when it is asked."""

    def __init__(self, name: str, field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class Listed(Expression):
    """Keys that are found elsewhere: given, in the slot of a question, or by `find` when the database is asked."""

    output_field = models.BigIntegerField()

    def __init__(self, keys: Iterable[int] | Slot | Callable[[], Iterable[int]]) -> None:
        super().__init__()
        self.keys = keys if callable(keys) or isinstance(keys, Slot) else tuple(keys)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        return "(SELECT value FROM json_each(%s))", [self._give(connection)]

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        return "(SELECT unnest(%s::bigint[]))", [self._give(connection)]

    def _give(self, connection: Any) -> Any:
        keys = self.keys
        if isinstance(keys, Slot):
            return keys
        return FIELDS[array].get_db_prep_value(keys() if callable(keys) else keys, connection)


class Prepared(NamedTuple):
    """A question in SQL with what stands in its gaps, and what makes rows of an answer."""

    sql: str
    parameters: tuple[Any, ...]
    read: Read


def prepared(build: Callable[..., models.QuerySet[Any, Any]]) -> Callable[..., list[Any]]:
    """Ask the question that a function puts as a queryset, by its named values: numbers, texts, days, times or None.

    The function is called once for those that are not None, with slots in their places; keys of rows, as an array, are
    for `Listed`. What it asks for are whole rows, with those that they lead to, or values.
    """
    questions: dict[tuple[str, ...], models.QuerySet[Any, Any]] = {}
    known: dict[tuple[str, tuple[str, ...]], Prepared] = {}

    @wraps(build)
    def ask(**values: Any) -> list[Any]:
        names = tuple([name for name, value in values.items() if value is not None])
        if names not in questions:
            slots = {name: Slot(name, FIELDS[type(values[name])]) for name in names}
            questions[names] = build(**dict.fromkeys(values) | slots)
        alias = questions[names].db  # the router may say otherwise from one reader to the next
        if (alias, names) not in known:
            known[alias, names] = prepare(questions[names], alias)
        return answer(known[alias, names], alias, values)

    return ask


def answer(question: Prepared, alias: str, values: dict[str, Any]) -> list[Any]:
    connection = connections[alias]
    parameters = [
        each.output_field.get_db_prep_value(values[each.name], connection) if isinstance(each, Slot) else each
        for each in question.parameters
    ]
    with connection.cursor() as cursor:
        cursor.execute(question.sql, parameters)
        return [*question.read(cursor.fetchall())]


def prepare(rows: models.QuerySet[Any, Any], alias: str) -> Prepared:
    compiler: Any = rows.query.get_compiler(alias)
    sql, parameters = compiler.as_sql()
    converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])

    def convert(found: Iterable[Any]) -> Iterable[Any]:
        return compiler.apply_converters(found, converters) if converters else found

    if issubclass(rows._iterable_class, ModelIterable):
        make = compile_rows(compiler, alias)
        return Prepared(sql, tuple(parameters), lambda found: make(convert(found)))
    return Prepared(sql, tuple(parameters), convert)


def compile_rows(compiler: Any, alias: str) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """Return what makes rows of what was found, as Django's ModelIterable does, with what they lead to."""
    facts = compiler.klass_info
    model, fields = facts["model"], facts["select_fields"]
    first, end = fields[0], fields[-1] + 1
    names = [compiler.select[place][0].target.attname for place in fields]
    leads_to = get_related_populators(facts, compiler.select, alias)  # type: ignore[call-arg]  # the stubs are of Django 6
    noted = [(name, place) for name, place in (compiler.annotation_col_map or {}).items()]

    def make(found: Iterable[Any]) -> Iterator[Any]:
        for row in found:
            thing = model.from_db(alias, names, row[first:end])
            for related in leads_to:
                related.populate(row, thing)
            for name, place in noted:
                setattr(thing, name, row[place])
            yield thing

    return make
