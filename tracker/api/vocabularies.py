"""The closed lists of words in the API's answers, each word with its definition where it has one."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from tracker.answers import RELATIONS
from tracker.changes import KINDS
from tracker.exports.package import VOCABULARIES as OF_TABLES
from tracker.exports.package import list_words
from tracker.languages import ENGLISH
from tracker.models import LogEntry
from tracker.statuses import Timeliness

Word = dict[str, str]


def in_english(words: Any) -> str:
    """Return words of the pages as the API says them, whatever language is being read when they are first asked for."""
    with translation.override(ENGLISH):
        return str(words)


WORDS = {
    "statuses": OF_TABLES["status-of-commitment"],
    "bases": OF_TABLES["basis"],
    "strengths": OF_TABLES["strength"],
    "origins": OF_TABLES["origin"],
    "responses": OF_TABLES["answer"],
    "timeliness": list_words(Timeliness),
    "commitment_kinds": OF_TABLES["commitment-kind"],
    "date_precisions": OF_TABLES["precision"],
    "confidences": OF_TABLES["confidence"],
    "document_kinds": OF_TABLES["document-kind"],
    "department_kinds": OF_TABLES["department-kind"],
    "funding_stages": OF_TABLES["funding-stage"],
    "petition_states": OF_TABLES["petition-state"],
    "petition_outcomes": OF_TABLES["petition-outcome"],
    "relations": [(words, words, "") for words in RELATIONS],
    "change_kinds": [(each.code, each.heading, each.meaning) for each in KINDS],
    "log_kinds": list_words(LogEntry.Kind),
    "removal_reasons": OF_TABLES["reason-for-removal"],
}
VOCABULARIES: dict[str, list[Word]] = {
    name: [dict(zip(("code", "label", "definition"), map(in_english, word), strict=True)) for word in words]
    for name, words in WORDS.items()
}


def list_codes(name: str) -> list[str]:
    return [word["code"] for word in VOCABULARIES[name]]
