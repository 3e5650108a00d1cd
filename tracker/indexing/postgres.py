"""The indexes on PostgreSQL: tables of `tsvector`s, and triggers by statement, so that a thousand new rows are one
writing. Its own ways of cutting texts into words and of folding them depend on how it was set up, and are not used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

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
from tracker.words import ACCENTS, BOUNDARY, FOLDED_LATIN, LETTERS, LONGEST, SHORTEST

_FROM, _TO = "".join(FOLDED_LATIN), "".join(FOLDED_LATIN.values())
_FOLDED = (
    f"CASE WHEN written ~ '[À-ʯᴀ-ᶿḀ-ỿⱠ-Ɀ{ACCENTS}]' THEN "
    f"regexp_replace(translate(lower(written COLLATE \"C\"), '{_FROM}', '{_TO}'), '[{ACCENTS}]', '', 'g') "
    'ELSE lower(written COLLATE "C") END'
)

# Its Porter stemmer lacks the later rules for "assembly" and "technology", and takes "trekked" for the past of "trekk".
_STEM = rf"""CASE
    WHEN octet_length(word) NOT BETWEEN {SHORTEST} AND {LONGEST} THEN left(word, 250)
    WHEN right(once, 3) IN ('bli', 'ogi') THEN CASE
        WHEN word ~ '(bl|log)[iy](s|es|ed|ing)?s?$' AND once ~ '([aeiou]|[^aeiou]y)[^aeiou].*(bli|logi)$'
        THEN (ts_lexize('{PREFIX}stem', regexp_replace(regexp_replace(once, 'bli$', 'ble'), 'logi$', 'log')))[1]
        ELSE once END
    WHEN right(word, 1) IN ('d', 'g', 's') AND word ~ '([chjkqvwx0-9])\1(ed|ing)s?$' AND once ~ '([chjkqvwx0-9])\1$'
    THEN left(once, -1)
    WHEN word = 'ies' THEN 'ie'
    ELSE once END"""

_WORDS = f"""
SELECT coalesce(string_agg({_STEM} || ':' || place, ' '), '')::tsvector
FROM (
    SELECT word, place, (ts_lexize('{PREFIX}stem', word))[1] AS once
    FROM regexp_split_to_table({_FOLDED}, '[^{LETTERS}]+') WITH ORDINALITY AS cut (word, place)
    WHERE word <> '' OFFSET 0
) AS words"""

_MADE = "SET search_path FROM CURRENT AS $search$"


# Which stems public commitments hold, each once: to gather them from the index takes seconds. How many hold one; and
# some that do.
STEMS, FORGET = f"{PREFIX}stems", f"{PREFIX}stems_forget"
_GATHERED = f"SELECT word COLLATE \"C\" FROM ts_stat('SELECT words FROM {COMMITMENTS.name}')"
_KNOWN = f"SELECT stem FROM {STEMS}"
VOCABULARY = f"{_KNOWN} WHERE stem >= '{AFTER_FIGURES}'"
_HELD = f"FROM {COMMITMENTS.name} WHERE words @@ quote_literal(%s)::tsquery"
COUNT = f"SELECT count(*) FROM (SELECT id {_HELD} LIMIT {MANY}) AS held"
HOLDERS = f"SELECT id {_HELD} ORDER BY id LIMIT 100"


# Without statistics, in which the database would keep words that are gone.
_STEMS_TABLE = (
    f'CREATE TABLE {STEMS} (stem text COLLATE "C" PRIMARY KEY)',
    f"ALTER TABLE {STEMS} ALTER COLUMN stem SET STATISTICS 0",
)
# A stem that nothing public holds any longer is known no more, as of what was redacted. The index says so at once; the
# database would rather read all rows.
_FORGET_BY = "(gone text[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan TO off"
_FORGET = f"""
BEGIN
    DELETE FROM {STEMS} WHERE stem = ANY (gone)
        AND NOT EXISTS (SELECT 1 FROM {COMMITMENTS.name} WHERE words @@ quote_literal(stem)::tsquery);
END"""


def _table(index: Index) -> str:
    """Return how a table is made. Of over 2 kB, rows would be pressed together or put aside, and be opened for every
    reading.
    """
    columns = ", ".join(f"{name} {kind} NOT NULL" for name, kind in (*index.beside, ("words", "tsvector")))
    return f"CREATE TABLE {index.name} (id bigint PRIMARY KEY, {columns}) WITH (toast_tuple_target = 8160)"


def _list_columns(index: Index, row: str = "") -> str:
    """Return the names of all columns but the key, `row` before each."""
    return ", ".join(f"{row}{name}" for name in (*dict(index.beside), "words"))


def put_together(text: str, rows: str, order: str) -> str:
    return f"coalesce((SELECT string_agg({text}, '{JOINT}' ORDER BY {order}) FROM {rows}), '')"


def define() -> Definitions:
    # The database keeps a view and a table in words of its own, so a sum of ours stands beside them.
    found = {f"{PREFIX}words": _WORDS, FORGET: _FORGET, STEMS: _sum(*_STEMS_TABLE, _FORGET_BY)}
    for index in INDEXES:
        found |= {f"{index.name}_refresh": _refresh(index), f"{index.name}_empty": _empty(index)}
        for source, event in index.list_events():
            found[index.name_trigger(source, event)] = _follow(index, source, event)
        found[index.view] = _sum(index.write_view(put_together), _table(index))
    return found


def _sum(*ours: str) -> str:
    return hashlib.sha256("\n".join(ours).encode()).hexdigest()


def _weigh(index: Index) -> str:
    """Return all words of a row. The boundary before each column but the first keeps a phrase within one of them."""
    texts = [name if place == 0 else f"'{BOUNDARY} ' || {name}" for place, name in enumerate(index.columns)]
    weights = "ABCD"
    return " || ".join(f"setweight({PREFIX}words({text}), '{weights[place]}')" for place, text in enumerate(texts))


def _copy(index: Index) -> str:
    return f"INSERT INTO {index.name} (id, {_list_columns(index)}) {_select(index)}"


def _select(index: Index) -> str:
    """Return the question for the rows as they should be."""
    return f"SELECT id, {''.join(f'{name}, ' for name, _ in index.beside)}{_weigh(index)} AS words FROM {index.view}"


def _refresh(index: Index) -> str:
    """Return how rows are written anew. Two who write at once stand in line: the second reads what the first wrote."""
    stems = f"SELECT DISTINCT lexeme FROM {index.name}, unnest(words) WHERE id = ANY (keys)"
    has_stems = index is COMMITMENTS
    return f"""
DECLARE before text[];
BEGIN
    IF cardinality(keys) = 0 THEN RETURN; END IF;
    PERFORM pg_advisory_xact_lock('{index.name}'::regclass::bigint);
    {f"before := ARRAY({stems});" if has_stems else ""}
    DELETE FROM {index.name} AS held WHERE held.id = ANY (keys)
        AND NOT EXISTS (SELECT 1 FROM {index.view} AS texts WHERE texts.id = held.id);
    {_copy(index)} WHERE id = ANY (keys) ON CONFLICT (id) DO UPDATE
        SET ({_list_columns(index)}) = ROW({_list_columns(index, "EXCLUDED.")});
    {f"INSERT INTO {STEMS} {stems} ON CONFLICT DO NOTHING;" if has_stems else ""}
    {f"PERFORM {FORGET}(ARRAY(SELECT unnest(before) EXCEPT {stems}));" if has_stems else ""}
END"""


def _empty(index: Index) -> str:
    stems = f"DELETE FROM {STEMS}; " if index is COMMITMENTS else ""
    return f"BEGIN DELETE FROM {index.name}; {stems}RETURN NULL; END"


def _follow(index: Index, source: Source, event: str) -> str:
    rows = {"insert": ["new_row"], "delete": ["old_row"], "update": ["old_row", "new_row"]}[event]
    keys = " UNION ".join(source.keys.format(row=row) for row in rows)
    tables = " JOIN ".join(f"{row}s {row}" for row in rows)
    if event == "update":
        before, after = (", ".join(f"{row}.{column}" for column in source.columns) for row in rows)
        tables += f" ON old_row.id = new_row.id AND ROW({before}) IS DISTINCT FROM ROW({after})"
    found = f"SELECT DISTINCT found.id FROM {tables} CROSS JOIN LATERAL ({keys}) AS found (id)"
    return f"BEGIN PERFORM {index.name}_refresh(ARRAY({found})); RETURN NULL; END"


def create(definitions: Definitions) -> list[str]:
    functions = [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {_MADE}{body}$search$"
        for name, body in definitions.items()
        if "RETURN NULL" in body
    ]
    return [
        *(f"DROP TABLE IF EXISTS {name}" for name in (STEMS, *(index.name for index in INDEXES))),
        *_STEMS_TABLE,
        f"COMMENT ON TABLE {STEMS} IS '{definitions[STEMS]}'",
        f"DROP TEXT SEARCH DICTIONARY IF EXISTS {PREFIX}stem",
        f"CREATE TEXT SEARCH DICTIONARY {PREFIX}stem (TEMPLATE = pg_catalog.snowball, LANGUAGE = porter)",
        f"CREATE FUNCTION {PREFIX}words(written text) RETURNS tsvector LANGUAGE sql STABLE {_MADE}{_WORDS}$search$",
        f"CREATE FUNCTION {FORGET}{_FORGET_BY} {_MADE}{_FORGET}$search$",
        *(statement for index in INDEXES for statement in _create(index, definitions)),
        *functions,
        *(statement for index in INDEXES for statement in _create_triggers(index)),
    ]


def _create(index: Index, definitions: Definitions) -> Iterator[str]:
    yield _table(index)
    if not index.beside:  # such a table is read whole
        yield f"CREATE INDEX {index.name}_words ON {index.name} USING gin (words)"
    yield index.write_view(put_together)
    yield f"COMMENT ON VIEW {index.view} IS '{definitions[index.view]}'"
    name = f"{index.name}_refresh"
    body = definitions[name]
    yield f"CREATE FUNCTION {name}(keys bigint[]) RETURNS void LANGUAGE plpgsql {_MADE}{body}$search$"


_SEEN = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
}


def _create_triggers(index: Index) -> Iterator[str]:
    for source, event in index.list_events():
        name = index.name_trigger(source, event)
        yield (
            f"CREATE TRIGGER {name} AFTER {event.upper()} ON {source.table} {_SEEN[event]} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
    yield (
        f"CREATE TRIGGER {index.name}_empty AFTER TRUNCATE ON {index.sources[0].table} FOR EACH STATEMENT "
        f"EXECUTE FUNCTION {index.name}_empty()"
    )


def fill() -> list[str]:
    """Return how the indexes are filled. Of what was written just now the database has no statistics yet, and would go
    through whole tables for each row of the views.
    """
    read = sorted({source.table for index in INDEXES for source in index.sources})
    names = [index.name for index in INDEXES]
    return [
        *(f"ANALYZE {name}" for name in read),
        *map(_copy, INDEXES),
        f"INSERT INTO {STEMS} {_GATHERED}",
        *(f"ANALYZE {name}" for name in names),
    ]


# Of the functions of triggers only those count that a trigger of their name, switched on, calls.
STANDING = (
    "SELECT p.proname, p.prosrc FROM pg_proc p LEFT JOIN pg_trigger t ON t.tgfoid = p.oid AND t.tgname = p.proname "
    f"WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE '{PREFIX}%' "
    "AND (t.tgenabled IN ('O', 'A') OR p.prorettype <> 'trigger'::regtype) UNION ALL "
    "SELECT c.relname, obj_description(c.oid) FROM pg_class c "
    "WHERE c.relnamespace = current_schema()::regnamespace "
    f"AND (c.relkind = 'v' AND c.relname LIKE '{PREFIX}%' OR c.relname = '{STEMS}')"
)


# The stems that are known and held by nothing, or the other way round.
STALE = {STEMS: f"({_KNOWN} EXCEPT {_GATHERED}) UNION ALL ({_GATHERED} EXCEPT {_KNOWN})"}


def find_stale(index: Index) -> str:
    """Return the question for the keys whose row of an index is not what its view says."""
    held, texts = (f"ROW({_list_columns(index, row)})" for row in ("held.", "texts."))
    return (
        f"SELECT id FROM ({_select(index)}) AS texts FULL JOIN {index.name} AS held USING (id) "
        f"WHERE {held} IS DISTINCT FROM {texts} ORDER BY id"
    )


def drop(names: list[str]) -> list[str]:
    """Return what takes down all but the tables with the words. A function takes its trigger along."""
    functions = (
        "DO $$ DECLARE each regprocedure; BEGIN FOR each IN SELECT oid FROM pg_proc "
        f"WHERE pronamespace = current_schema()::regnamespace AND proname LIKE '{PREFIX}%' "
        "LOOP EXECUTE format('DROP FUNCTION %s CASCADE', each); END LOOP; END $$"
    )
    return [functions, *(f"DROP VIEW IF EXISTS {index.view}" for index in INDEXES)]
