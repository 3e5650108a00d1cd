"""The indexes on SQLite: FTS5 tables, whose row numbers are the keys, and triggers by row."""

from __future__ import annotations

from tracker.indexing.sources import (
    AFTER_FIGURES,
    COMMITMENTS,
    INDEXES,
    JOINT,
    MANY,
    PREFIX,
    Definitions,
    Index,
    Source,
)


def put_together(text: str, rows: str, order: str) -> str:
    lines = f"(SELECT {text} AS line FROM {rows} ORDER BY {order})"
    return f"coalesce((SELECT group_concat(line, '{JOINT}') FROM {lines}), '')"


# The stems that public commitments hold: each with how many hold it, and each in every one that does.
STEMS, PLACES = f"{PREFIX}stem", f"{PREFIX}place"
# From one stem to the next, which has no blank in it: to read them all would count where each one stands.
_NEXT = f"(SELECT term FROM {PLACES} WHERE term >= %s LIMIT 1)"
_BEYOND = "stem || ' '"
VOCABULARY = (
    f"WITH RECURSIVE stems (stem) AS (SELECT {_NEXT % repr(AFTER_FIGURES)} UNION ALL "
    f"SELECT {_NEXT % _BEYOND} FROM stems WHERE stem IS NOT NULL) SELECT stem FROM stems WHERE stem IS NOT NULL"
)
COUNT = f"SELECT min(doc, {MANY}) FROM {STEMS} WHERE term = %s"
HOLDERS = f"SELECT DISTINCT doc FROM (SELECT doc FROM {PLACES} WHERE term = %s LIMIT 1000) LIMIT 100"


def define() -> Definitions:
    found = {name: sql for index in INDEXES for name, sql in _define(index).items()}
    found[STEMS] = f"CREATE VIRTUAL TABLE {STEMS} USING fts5vocab({COMMITMENTS.name}, row)"
    found[PLACES] = f"CREATE VIRTUAL TABLE {PLACES} USING fts5vocab({COMMITMENTS.name}, instance)"
    return found


def _define(index: Index) -> Definitions:
    table = (
        f"CREATE VIRTUAL TABLE {index.name} USING fts5({', '.join(index.columns)}, columnsize = 0, "
        "tokenize = 'porter unicode61 remove_diacritics 2')"
    )
    # A deleted word stays in the files of an FTS5 table until they are written anew: what is redacted must go at once.
    forget = (
        f"CREATE TRIGGER {index.name}_forget AFTER UPDATE OF carried_out_at ON tracker_redaction FOR EACH ROW "
        f"WHEN NEW.carried_out_at IS NOT NULL BEGIN INSERT INTO {index.name} ({index.name}) VALUES ('optimize'); END"
    )
    events = index.list_events()
    triggers = {index.name_trigger(source, event): _follow(index, source, event) for source, event in events}
    return {
        index.name: table,
        index.view: index.write_view(put_together),
        **triggers,
        f"{index.name}_forget": forget,
    }


def _follow(index: Index, source: Source, event: str) -> str:
    """Return the trigger by which rows of an index are written anew when one that they are made of changes."""
    rows = {"insert": ["NEW"], "delete": ["OLD"], "update": ["OLD", "NEW"]}[event]
    keys = " UNION ".join(source.keys.format(row=row) for row in rows)
    differ = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in source.columns)
    return (
        f"CREATE TRIGGER {index.name_trigger(source, event)} AFTER {event.upper()} ON {source.table} FOR EACH ROW "
        f"{f'WHEN {differ} ' if event == 'update' else ''}BEGIN "
        f"DELETE FROM {index.name} WHERE rowid IN ({keys}); {_copy(index)} WHERE id IN ({keys}); END"
    )


def _copy(index: Index) -> str:
    columns = ", ".join(index.columns)
    return f"INSERT INTO {index.name} (rowid, {columns}) SELECT id, {columns} FROM {index.view}"


def create(definitions: Definitions) -> list[str]:
    return [*(f"DROP TABLE IF EXISTS {name}" for name in TABLES), *definitions.values()]


def fill() -> list[str]:
    optimize = [f"INSERT INTO {index.name} ({index.name}) VALUES ('optimize')" for index in INDEXES]
    return [*(_copy(index) for index in INDEXES), *optimize]


TABLES = (STEMS, PLACES, *(index.name for index in INDEXES))
_TABLES = ", ".join(f"'{name}'" for name in TABLES)
STANDING = (
    f"SELECT name, sql FROM sqlite_master WHERE name LIKE '{PREFIX}%' "
    f"AND (type IN ('trigger', 'view') OR name IN ({_TABLES}))"
)


STALE: dict[str, str] = {}  # FTS5 tells the stems by its index


def find_stale(index: Index) -> str:
    """Return the question for the keys whose row of an index is not what its view says."""
    differ = " OR ".join(f"held.{name} IS NOT texts.{name}" for name in index.columns)
    return (
        f"SELECT id FROM {index.view} AS texts LEFT JOIN {index.name} AS held ON held.rowid = texts.id "
        f"WHERE held.rowid IS NULL OR {differ} "
        f"UNION SELECT rowid FROM {index.name} WHERE rowid NOT IN (SELECT id FROM {index.view}) ORDER BY 1"
    )


def drop(names: list[str]) -> list[str]:
    """Return what takes down all but the tables with the words."""
    views = {index.view for index in INDEXES}
    triggers = [f"DROP TRIGGER IF EXISTS {name}" for name in names if name not in views.union(TABLES)]
    return [*triggers, *(f"DROP VIEW IF EXISTS {view}" for view in sorted(views))]
