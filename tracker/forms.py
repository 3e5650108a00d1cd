"""The forms of the staff desk: what a person fills in, and what she is told beside each field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from tracker.models import Document, Evidence, StatusUpdate
from tracker.publishing import find_refusals
from tracker.statuses import MINIMUM_REASON_LENGTH, Origin, Refusal, Strength

EMPTY = ("", "---------")
CONFLICT = (
    "{who} saved this while you were writing. Your text is kept below and theirs is not lost: open it in a new window, "
    "compare, and save again to replace it with yours."
)


class DraftForm(forms.ModelForm):
    """A draft that remembers which version it started from, so that nobody overwrites what she has not read."""

    started_from = forms.IntegerField(widget=forms.HiddenInput, required=False)

    # Set by the admin: whether the draft is being handed over, and who saved last.
    is_submission = False
    last_editor = "Somebody"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["started_from"].initial = self.instance.version

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        started_from = cleaned.get("started_from")
        if self.instance.pk and started_from is not None and started_from != self.instance.version:
            # The next attempt starts from the version that she has now been told about.
            self.data = self.data.copy()
            self.data[self.add_prefix("started_from")] = str(self.instance.version)
            raise ValidationError(CONFLICT.format(who=self.last_editor))
        return cleaned

    def add_refusals(self, refusals: list[Refusal]) -> list[str]:
        """Show each refusal beside its field, and return those whose field is not on this form."""
        for refusal in refusals:
            if refusal.field in self.fields:
                self.add_error(refusal.field, refusal.sentence)
        return [refusal.sentence for refusal in refusals if refusal.field not in self.fields]


class RecordForm(DraftForm):
    """A record whose rules can be asked as soon as its own fields are filled in."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # fills the instance in
        if self.is_submission and not self.errors:
            for sentence in self.add_refusals(find_refusals(self.instance)):
                self.add_error(None, sentence)


class StatusUpdateForm(DraftForm):
    """A status update. Its rules need the evidence too, so `EvidenceFormSet` asks them."""

    class Meta:
        model = StatusUpdate
        fields = ("commitment", "basis", "status", "as_of", "reason", "corrects")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        commitment = self.instance.commitment_id or self.initial.get("commitment")
        if "corrects" in self.fields:
            corrects: Any = self.fields["corrects"]
            published = StatusUpdate.objects.published().select_related("commitment")
            corrects.queryset = published.filter(commitment=commitment) if commitment else published.none()
            if self.data.get("commitment", "").isdecimal():
                corrects.queryset = published.filter(commitment=int(self.data["commitment"]))


class RevisionForm(forms.ModelForm):
    """The words of something public. What is changed becomes a revision, with the reason given here."""

    reason_for_change = forms.CharField(
        label="Why the words are changed",
        widget=forms.Textarea(attrs={"rows": 3}),
        min_length=MINIMUM_REASON_LENGTH,
        help_text="Read by the public, beside the earlier words.",
    )


class EvidenceForm(forms.ModelForm):
    """One document cited: a known one, or the address of a page, new or known."""

    address = forms.URLField(
        required=False,
        assume_scheme="https",
        max_length=1000,
        help_text="Or paste the address of the page. If the register knows it already, nothing more is needed.",
    )
    title = forms.CharField(required=False, max_length=400)
    publisher = forms.CharField(required=False, max_length=200)
    published_on = forms.DateField(
        label="Date on the page", required=False, help_text="Leave empty if the page shows none."
    )
    kind = forms.ChoiceField(required=False, choices=[EMPTY, *Document.Kind.choices])
    origin = forms.ChoiceField(required=False, choices=[EMPTY, *Origin.choices])
    strength = forms.ChoiceField(
        required=False, choices=[EMPTY, *Strength.choices], help_text="How much it can prove: see “How we judge”."
    )

    class Meta:
        model = Evidence
        fields = ("document", "note", "records_completion", "already_in_place")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["document"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        address = cleaned.get("address")
        if not cleaned.get("document") and address:
            known = Document.objects.filter(url=address).first()
            cleaned["document"] = known or self._describe_new_document(address, cleaned)
        if not cleaned.get("document") and not self.errors:
            self.add_error("document", "Choose a known document, or paste the address of a new one.")
        return cleaned

    def _describe_new_document(self, address: str, cleaned: dict[str, Any]) -> Document | None:
        needed = ("title", "publisher", "kind", "origin", "strength")
        missing = [name for name in needed if not cleaned.get(name)]
        for name in missing:
            self.add_error(name, "The register does not know this page yet, so it needs this.")
        if missing:
            return None
        facts = {name: cleaned.get(name) for name in (*needed, "published_on")}
        return Document(url=address, identifier=make_identifier(cleaned["title"]), **facts)

    def save(self, commit: bool = True) -> Any:
        document = self.cleaned_data["document"]
        if document.pk is None:
            document.save()
        self.instance.document = document
        return super().save(commit=commit)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        document = self.cleaned_data.get("document")
        if document is not None:
            self.instance.document = document


class EvidenceFormSet(forms.BaseInlineFormSet):
    """The evidence of a status update. When it is submitted, the rules are asked here, where all is known."""

    def clean(self) -> None:
        super().clean()
        form = getattr(self.instance, "desk_form", None)
        if form is None or not form.is_submission or any(self.errors):
            return
        kept = [each for each in self.forms if each.cleaned_data and not each.cleaned_data.get("DELETE")]
        citations = tuple(each.instance.as_citation() for each in kept)
        refusals = find_refusals(self.instance, citations=citations)
        elsewhere = form.add_refusals(refusals)
        if refusals:
            raise ValidationError(elsewhere or ["Not submitted: see above what is missing."])


def make_identifier(title: str) -> str:
    """Return a new permanent identifier for a document, from its title."""
    base = slugify(title)[:100].strip("-") or "document"
    taken = set(Document.objects.filter(identifier__startswith=base).values_list("identifier", flat=True))
    numbers = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(identifier for identifier in (base, *numbers) if identifier not in taken)
