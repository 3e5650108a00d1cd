"""The database's own refusal to rewrite history: triggers, worked out from the models, on both engines.

`apps` puts them up whenever the database's tables may have changed; `auditing` asks whether all are in place. They stop
mistakes and hurried hands. Whoever owns the database can take them down: that is what the log and its hashes are for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tracker.models import Checkpoint, LogEntry, LogNode, Redaction
from tracker.models.base import AppendOnly, PartOfHistory, Publishable, is_permanent_name, list_texts

# Tables to which rows are only ever added, drafts or not. A new one is added here, and nothing else needs to be done.
ADDED_TO_ALONE: tuple[type[models.Model], ...] = (LogEntry, LogNode, Checkpoint)

PREFIX = "guard_"
Columns = list[str]


@dataclass(frozen=True)
class Guard:
    """One trigger: what it refuses on which table, under which condition, and in which words."""

    table: str
    event: str
    condition: str
    sentence: str

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.event.lower()}_{self.table}"


@dataclass(frozen=True)
class Protected:
    """A table of history. `fixed` are the columns that no longer change once `published` holds of a row, and `words`
    those in which only a redaction may change something, as far as `redacted` says.
    """

    table: str
    key: str
    published: str  # a condition on one row, which is written {row}
    fixed: Columns
    words: Columns
    redacted: str
    unique: list[Columns]
    takes_no_more: bool = False  # whether no row is added to what is published: true of its parts


def list_guards(connection: BaseDatabaseWrapper) -> list[Guard]:
    """Return every trigger that this database should have. A table or column that it has not yet needs none."""
    guards: list[Guard] = []
    is_sqlite = connection.vendor == "sqlite"
    for each in _find_protected(_read_columns(connection)):
        changed = _find_change(each, "IS NOT" if is_sqlite else "IS DISTINCT FROM")
        rows = {"OLD": each.published.format(row="OLD"), "NEW": each.published.format(row="NEW")}
        # Only a part can become history by moving: it would join an owner that is published.
        either = f"({rows['OLD']} OR {rows['NEW']})" if each.takes_no_more else rows["OLD"]
        conditions = {
            "UPDATE": [f"{either} AND {changed}"],
            "DELETE": [rows["OLD"]],
            "INSERT": [rows["NEW"]] if each.takes_no_more else [],
        }
        if is_sqlite:
            # Its REPLACE deletes what stands in the way and asks no other trigger.
            conditions["INSERT"].append(_is_in_the_way(each, ""))
            conditions["UPDATE"].append(_is_in_the_way(each, f" AND stood.{each.key} <> OLD.{each.key}"))
        else:
            conditions["TRUNCATE"] = ["TRUE"]
        guards += [
            Guard(each.table, event, " OR ".join(f"({one})" for one in asked), _put_into_words(each, event))
            for event, asked in conditions.items()
            if asked
        ]
    return guards


def _put_into_words(each: Protected, event: str) -> str:
    done = {"UPDATE": "changed", "INSERT": "added to" if each.takes_no_more else "replaced"}.get(event, "deleted")
    return f"What is published in {each.table} cannot be {done}."


def _find_protected(columns: dict[str, set[str]]) -> Iterator[Protected]:
    is_redacting = _IS_REDACTING if "carried_out_at" in columns.get(Redaction._meta.db_table, ()) else "1 = 0"
    for model in apps.get_app_config("tracker").get_models():
        known = columns.get(model._meta.db_table, set())
        fixed = [field.column for field in _find_fixed(model) if field.column in known]
        if not fixed:
            continue
        words = [name for name in fixed if name in _find_redactable(model)]
        published, redacted, is_part = "{row}.published_at IS NOT NULL", is_redacting, issubclass(model, PartOfHistory)
        if model in ADDED_TO_ALONE:
            published = "{row}." + f"{model._meta.pk.column} IS NOT NULL"
            redacted = " AND ".join([is_redacting, *(f"NEW.{name} IS NULL" for name in words)])
        elif is_part:
            published = _is_owner_published(model)
        unique = [group for group in _find_unique(model) if set(group) <= known]
        hard = [name for name in fixed if name not in words]
        table, key = model._meta.db_table, model._meta.pk.column
        yield Protected(table, key, published, hard, words, redacted, unique, is_part)


# A redaction is in this state only within the transaction of the verb that carries it out.
_IS_REDACTING = (
    "EXISTS (SELECT 1 FROM tracker_redaction AS redaction WHERE redaction.published_at IS NOT NULL "
    "AND redaction.carried_out_at IS NULL)"
)


def _find_redactable(model: Any) -> set[str]:
    """Return the columns in which a redaction may remove something."""
    if model in ADDED_TO_ALONE:
        return {"salt", "content"}  # these two are emptied together, and nothing else is touched
    done = {"carried_out_at"} if model is Redaction else set()
    return done | {field.column for field in list_texts(model)}


def _find_fixed(model: Any) -> list[Any]:
    """Return the fields that publication fixes: all of history's, and of a noun, whose words may be revised, its names
    and how it came to be public. Caches, which the verbs move, stay free.
    """
    fields = [field for field in model._meta.local_concrete_fields if field.name not in getattr(model, "caches", ())]
    if issubclass(model, (AppendOnly, PartOfHistory, *ADDED_TO_ALONE)):
        return fields
    if issubclass(model, Publishable):
        return [field for field in fields if field.name in _HOW_PUBLISHED or is_permanent_name(field)]
    return []


_HOW_PUBLISHED = ("published_at", "author", "approver", "created_at")


def _find_unique(model: Any) -> list[Columns]:
    constraints = [each for each in model._meta.constraints if isinstance(each, models.UniqueConstraint)]
    return [
        *([field.column] for field in model._meta.local_concrete_fields if field.unique),
        *([model._meta.get_field(name).column for name in constraint.fields] for constraint in constraints),
    ]


def _is_owner_published(model: Any) -> str:
    owner = model._meta.get_field(model.owner_field)
    table, key = owner.related_model._meta.db_table, owner.related_model._meta.pk.column
    return (
        f"EXISTS (SELECT 1 FROM {table} AS owner WHERE owner.{key} = {{row}}.{owner.column} "  # noqa: S608
        "AND owner.published_at IS NOT NULL)"
    )


def _find_change(each: Protected, operator: str) -> str:
    changed = _differ(each.fixed, operator)
    return f"({changed} OR ({_differ(each.words, operator)} AND NOT ({each.redacted})))" if each.words else changed


def _differ(columns: Columns, operator: str) -> str:
    return "(" + " OR ".join(f'OLD."{column}" {operator} NEW."{column}"' for column in columns) + ")"


def _is_in_the_way(each: Protected, condition: str) -> str:
    """Return the condition that a published row stands where the new one wants to be."""
    same = " OR ".join(" AND ".join(f'stood."{name}" = NEW."{name}"' for name in group) for group in each.unique)
    published = each.published.format(row="stood")
    return f"EXISTS (SELECT 1 FROM {each.table} AS stood WHERE ({same}){condition} AND {published})"  # noqa: S608


# In one question: Django's own introspection takes a quarter of a second on SQLite.
_COLUMNS = {
    "sqlite": "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'",
    "postgresql": (
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0"
    ),
}


def _read_columns(connection: BaseDatabaseWrapper) -> dict[str, set[str]]:
    """Return the columns of each table that is there: while migrating back, some of the models' are not."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS[connection.vendor])
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
    return found


# --- Putting them up, taking them down, and looking whether they stand -------------------------


def put_up(using: str = "default") -> None:
    """Make the triggers of a database what they should be; nothing is touched where they are."""
    connection = connections[using]
    guards = list_guards(connection)
    if _read_standing(connection) == {guard.name: _write(guard, connection)[0] for guard in guards}:
        return
    with transaction.atomic(using=using):
        take_down(using)
        with connection.cursor() as cursor:
            for guard in guards:
                for statement in _write(guard, connection):
                    cursor.execute(statement)


def take_down(using: str = "default") -> None:
    """Drop the triggers, for a migration: SQLite rebuilds tables, and data of what is published may have to move."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for name in _read_standing(connection):
            # Dropping its function takes a trigger of PostgreSQL along.
            is_sqlite = connection.vendor == "sqlite"
            cursor.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP FUNCTION {name}() CASCADE")


@contextmanager
def set_aside(using: str = "default") -> Iterator[None]:
    """Let the triggers rest for as long as this lasts: for the tests, and for who must repair a database by hand."""
    with transaction.atomic(using=using):
        if connections[using].vendor == "sqlite":  # which cannot switch a trigger off
            take_down(using)
            yield
            put_up(using)
            return
        _switch("DISABLE", using)
        yield
        _switch("ENABLE", using)


def _switch(how: str, using: str) -> None:
    """Switch the triggers of PostgreSQL off or on, which makes nothing anew that its connections have compiled."""
    connection = connections[using]
    connection.check_constraints()  # it switches no trigger of a table whose checks are still to come
    standing = _read_standing(connection)
    names: dict[str, list[str]] = {}
    for guard in list_guards(connection):
        if guard.name in standing:
            names.setdefault(guard.table, []).append(f"{how} TRIGGER {guard.name}")
    with connection.cursor() as cursor:
        for table, changes in names.items():
            cursor.execute(f"ALTER TABLE {table} {', '.join(changes)}")


def find_missing(using: str = "default") -> list[Guard]:
    """Return the guards that are not in place, or not as they should be."""
    connection = connections[using]
    standing = _read_standing(connection)
    return [guard for guard in list_guards(connection) if standing.get(guard.name) != _write(guard, connection)[0]]


def _write(guard: Guard, connection: BaseDatabaseWrapper) -> list[str]:
    """Return the SQL of a guard. What the database keeps of it to compare with is the first statement."""
    if connection.vendor == "sqlite":
        return [
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW "
            f"WHEN {guard.condition} BEGIN SELECT RAISE(ABORT, '{guard.sentence}'); END"
        ]
    each, row = ("STATEMENT", "NULL") if guard.event == "TRUNCATE" else ("ROW", "NEW")
    row = "OLD" if guard.event == "DELETE" else row
    body = (
        f"BEGIN IF {guard.condition} THEN RAISE EXCEPTION '{guard.sentence}' USING ERRCODE = "
        f"'integrity_constraint_violation'; END IF; RETURN {row}; END"
    )
    return [
        f"CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $guard${body}$guard$",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH {each} "
        f"EXECUTE FUNCTION {guard.name}()",
    ]


# On PostgreSQL only a trigger that is switched on, on its own table and with its own function counts as standing.
_STANDING = {
    "sqlite": f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '{PREFIX}%'",  # noqa: S608
    "postgresql": (
        "SELECT p.proname, CASE WHEN t.tgenabled IN ('O', 'A') AND p.proname = t.tgname "  # noqa: S608
        "AND p.proname LIKE '%' || c.relname THEN 'CREATE FUNCTION ' || p.proname || "
        "'() RETURNS trigger LANGUAGE plpgsql AS $guard$' || p.prosrc || '$guard$' END "
        "FROM pg_proc p LEFT JOIN pg_trigger t ON t.tgfoid = p.oid LEFT JOIN pg_class c ON c.oid = t.tgrelid "
        f"WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE '{PREFIX}%'"
    ),
}


def _read_standing(connection: BaseDatabaseWrapper) -> dict[str, str | None]:
    """Return the definition of each guard that the database has; None for one that does not work."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING[connection.vendor])
        return dict(cursor.fetchall())
