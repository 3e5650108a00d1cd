"""The questions to the other lists: what changed, the documents, and what stands side by side."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tracker.filters.asking import (
    MOMENT,
    DatedQuestionForm,
    Question,
    QuestionForm,
    list_choices,
    search,
    several,
)
from tracker.filters.commitments import Group, build_group
from tracker.filters.counting import GROUPS
from tracker.models import Commitment, Document
from tracker.statuses import Origin, Strength

MOST_COMPARED = 4


class ChangeQuestionForm(QuestionForm):
    """The form of a question about what changed. The doors read its days."""

    shaping = ("since", "until", "known")

    def clean(self) -> dict[str, Any]:
        for name in self.shaping:
            if len(set(self.data.getlist(name))) > 1:  # type: ignore[attr-defined]
                self.add_error(None, _("“%(name)s” has more than one value. Give only one.") % {"name": name})
        return super().clean()


class ChangeFilter(Question):
    """Whose changes a reader asks about."""

    department = several(_("Department"), [])
    programme = several(_("Programme"), [])

    published = ("department", "programme")

    class Meta:
        model = Commitment
        fields: tuple[str, ...] = ()
        form = ChangeQuestionForm

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Keep what is of the chosen ones, whose keys are found once."""
        keys = {name: GROUPS[name].objects.filter(slug__in=slugs).values("pk") for name, slugs in self.answers.items()}
        return queryset.filter(**{f"{name}__in": found for name, found in keys.items()})

    def list_names(self, name: str) -> dict[str, str]:
        """Return the names of what a filter offers, by slug."""
        return dict(self.say(name).choices)

    def build_groups(self) -> list[Group]:
        """Return the filters, without counts."""
        return [build_group(self, name) for name in self.filters]


class ComparisonForm(DatedQuestionForm):
    """The form of a comparison: at most four groups, all of one kind."""

    shaping = MOMENT

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        chosen = [cleaned[name] for name in self.fields if cleaned.get(name)]
        if len(chosen) > 1:
            self.add_error(None, _("Compare one kind at a time: departments, or programmes, or topics."))
        elif chosen and len(chosen[0]) > MOST_COMPARED:
            refusal = _("Choose at most %(most)s to compare. You chose %(chosen)s.")
            self.add_error(None, refusal % {"most": MOST_COMPARED, "chosen": len(chosen[0])})
        return cleaned


class ComparisonFilter(Question):
    """Which departments, programmes or topics a reader sets side by side."""

    department = several(_("Departments"), [])
    programme = several(_("Programmes"), [])
    topic = several(_("Topics"), [])

    published = GROUPS.keys()

    class Meta:
        model = Commitment
        fields: tuple[str, ...] = ()
        form = ComparisonForm

    @property
    def chosen(self) -> tuple[str, list[str]]:
        """The kind and the slugs that were asked for; both empty where nothing was."""
        asked = ((name, slugs) for name, slugs in self.form.cleaned_data.items() if slugs)
        return next(asked, ("", []))

    def build_groups(self) -> list[Group]:
        """Return what is offered, without counts."""
        return [build_group(self, name) for name in self.filters]


class DocumentFilter(Question):
    """What a reader may ask of the documents."""

    q = search(_("Words in the title or publisher"))
    strength = several(_("Strength"), list_choices(Strength), field_name="strength")
    origin = several(_("Origin"), list_choices(Origin), field_name="origin")
    kind = several(_("Kind"), list_choices(Document.Kind), field_name="kind")

    class Meta:
        model = Document
        fields: tuple[str, ...] = ()
        form = QuestionForm

    def filter_words(self, queryset: Any, name: str, text: str) -> QuerySet:
        return queryset.matching(text)
