"""The words that commitments had at a moment, where they have been revised since: for questions with `known`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Case, CharField, DateField, F, Q, Value, When

from tracker.moments import Moment

LISTS = ("supporting", "topics")
DEPARTMENT = ("slug", "name", "abbreviation")
ASKED = ("title", "summary", "kind", "made_on", "made_by")  # the other columns that questions are about


@dataclass(frozen=True)
class EarlierWords:
    """What the register said of some commitments before it said otherwise, by field and key; nothing for today."""

    by_field: dict[str, dict[int, Any]] = field(default_factory=dict)
    departments: dict[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> set[int]:
        """The keys of the commitments of which something else was said then."""
        return {key for words in self.by_field.values() for key in words}

    def list_expressions(self) -> dict[str, Case]:
        """Return, by the path of each column concerned, the expression that gives its words of then."""
        found: dict[str, Case] = {}
        for name, words in self.by_field.items():
            if name == "department":
                for part in DEPARTMENT:
                    known = {pk: self.departments[slug] for pk, slug in words.items() if slug in self.departments}
                    names = {pk: getattr(department, part) for pk, department in known.items()}
                    found[f"department__{part}"] = _choose(f"department__{part}", names)
            elif name in ASKED:
                found[name] = _choose(name, words)
        return found

    def listed_in(self, name: str, slugs: list[str], present: Q) -> Q:
        """Return the condition that one of some slugs stood in a list of then; `present` is that condition of today."""
        words = self.find_lists(name)
        held = [pk for pk, listed in words.items() if set(listed) & set(slugs)]
        return present & ~Q(pk__in=list(words)) | Q(pk__in=held) if words else present

    def find_lists(self, name: str) -> dict[int, list[str]]:
        """Return, by key, what stood in a list of the commitments in which it was changed since."""
        words = self.by_field.get(name, {}) if name in LISTS else {}
        return {pk: listed or [] for pk, listed in words.items()}

    def put_back(self, commitment: Any) -> None:
        """Give a commitment its words of then, without saving."""
        words = {name: words[commitment.pk] for name, words in self.by_field.items() if commitment.pk in words}
        commitment.recall_words(words)


def _choose(path: str, words: dict[int, Any]) -> Case:
    column = DateField() if path == "made_on" else CharField()
    whens = [When(pk=pk, then=Value(column.to_python(value))) for pk, value in words.items()]
    return Case(*whens, default=F(path), output_field=column)


def find_earlier_words(commitment: type[models.Model], moment: Moment) -> EarlierWords:
    """Read which words of commitments were revised after a moment, and what they were."""
    if moment.known_before is None:
        return EarlierWords()
    registry = commitment._meta.apps
    revisions: Any = registry.get_model("tracker", "Revision")
    later = revisions.objects.ever_published().filter(
        published_at__gte=moment.known_before, content_type__app_label="tracker", content_type__model="commitment"
    )
    words: dict[str, dict[int, Any]] = {}
    for pk, changes in later.order_by("-published_at", "-pk").values_list("object_id", "changes"):
        for name, change in changes.items():
            words.setdefault(name, {})[pk] = change["before"]
    slugs = set(words.get("department", {}).values())
    department: Any = registry.get_model("tracker", "Department")
    named = department._default_manager.filter(slug__in=slugs) if slugs else ()
    return EarlierWords(words, {each.slug: each for each in named})
