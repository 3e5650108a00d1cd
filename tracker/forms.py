"""The forms of the staff desk: what a person fills in, and what she is told beside each field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from tracker.models import Document, Evidence, Revision, SiteState, StatusUpdate, User, name_person
from tracker.publishing import find_refusals
from tracker.publishing.refusals import NO_DOCUMENT, NO_PLACE
from tracker.querysets import tidy_address
from tracker.statuses import MINIMUM_REASON_LENGTH, Origin, Refusal, Strength

EMPTY = ("", "---------")
CONFLICT = (
    "{who} {what} while you were writing. Nothing is lost: your text is kept below, and theirs stands until you save. "
    "Compare the two, then save again to put yours in its place."
)
BEFORE = "{who} wrote here: “{theirs}”"


class DraftForm(forms.ModelForm):
    """A draft that remembers what it started from, so that nobody overwrites what she has not read."""

    started_from = forms.CharField(widget=forms.HiddenInput, required=False, max_length=50)

    # Set by the admin: whether the draft is being handed over.
    is_submission = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["started_from"].initial = self.find_state()

    def find_state(self) -> str:
        """Return what tells one state of the row from another."""
        return str(self.instance.version)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        started_from = cleaned.get("started_from", "")
        if self.instance.pk and started_from != self.find_state():
            # The next attempt starts from the state that she has now been told about.
            self.data = self.data.copy()
            self.data[self.add_prefix("started_from")] = self.find_state()
            self.explain_conflict(started_from)
        return cleaned

    def explain_conflict(self, started_from: str) -> None:
        """Say who changed what since, and beside each changed field what stands there now."""
        saves = self.instance.history.select_related("history_user")
        newest = saves.first()
        who = name_person(newest.history_user if newest else None)
        seen = saves.filter(version=int(started_from)).first() if _is_count(started_from) else None
        changed = [] if seen is None else self._find_changed(seen, newest)
        for name in changed:
            theirs = self.instance._meta.get_field(name).value_from_object(self.instance)
            self.add_error(name, BEFORE.format(who=who, theirs=self._put_into_words(name, theirs)))
        labels = ", ".join(f"“{self.fields[name].label}”" for name in changed)
        self.add_error(None, CONFLICT.format(who=who, what=f"changed {labels}" if labels else "saved this"))

    def _find_changed(self, seen: Any, newest: Any) -> list[str]:
        columns = {field.name: field.attname for field in self.instance._meta.concrete_fields}
        named = [name for name in self.fields if name in columns]
        return [name for name in named if getattr(seen, columns[name]) != getattr(newest, columns[name])]

    def _put_into_words(self, name: str, value: Any) -> str:
        field = self.instance._meta.get_field(name)
        if field.is_relation:
            return str(getattr(self.instance, name) or "")
        return str(dict(field.flatchoices).get(value, "" if value is None else value))

    def add_refusals(self, refusals: list[Refusal]) -> list[str]:
        """Show each refusal beside its field, and return those whose field is not on this form."""
        for refusal in refusals:
            if refusal.field in self.fields:
                self.add_error(refusal.field, refusal.sentence)
        return [refusal.sentence for refusal in refusals if refusal.field not in self.fields]


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


class RecordForm(DraftForm):
    """A record whose rules can be asked as soon as its own fields are filled in."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # fills the instance in
        if self.is_submission and not self.errors:
            # The lists of a stored row, such as its topics, are still the old ones here: they are judged once saved.
            refusals = [each for each in find_refusals(self.instance) if each.field not in self._list_names()]
            for sentence in self.add_refusals(refusals):
                self.add_error(None, sentence)

    def _list_names(self) -> set[str]:
        return {"documents", *(field.name for field in self.instance._meta.many_to_many)}


class SiteStateForm(DraftForm):
    """How the site runs. Two managers do not overwrite each other either."""

    class Meta:
        model = SiteState
        fields = ("is_read_only", "reason", "notice", "notice_cy")


class DocumentsFormSet(forms.BaseInlineFormSet):
    """The documents of what happened to a milestone: at least one when it is submitted."""

    def clean(self) -> None:
        super().clean()
        form = getattr(self.instance, "desk_form", None)
        if form is None or not form.is_submission or any(self.errors) or not self.management_form.is_valid():
            return
        if not any(each.cleaned_data and not each.cleaned_data.get("DELETE") for each in self.forms):
            raise ValidationError(NO_DOCUMENT)


class StatusUpdateForm(DraftForm):
    """A status update. Its rules need the evidence too, so `EvidenceFormSet` asks them."""

    class Meta:
        model = StatusUpdate
        fields = ("commitment", "basis", "status", "as_of", "reason", "reason_cy", "corrects")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        commitment = self.instance.commitment_id or self.initial.get("commitment")
        if "corrects" in self.fields:
            corrects: Any = self.fields["corrects"]
            key = str(self.data.get("commitment", "") if self.is_bound else commitment)
            published = StatusUpdate.objects.published().select_related("commitment")
            corrects.queryset = published.filter(commitment=key) if _is_count(key) else published.none()


class WhereLookedForm(forms.Form):
    """Where somebody looked for news of several commitments at once."""

    note = forms.CharField(
        label="Where you looked",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="Read by the public, beside the day. It is recorded for each of these commitments.",
        error_messages={"required": NO_PLACE},
    )


class RevisionForm(DraftForm):
    """The words of something public. What is changed becomes a revision, with the reason given here."""

    reason_for_change = forms.CharField(
        label="Why the words are changed",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        min_length=MINIMUM_REASON_LENGTH,
        help_text="Read by the public, beside the earlier words.",
    )

    # Set by the admin: the fields whose words are public.
    rewordable: tuple[str, ...] = ()

    def find_state(self) -> str:
        """The words that stand, and the newest words that wait to replace them."""
        newest = self.find_waiting().first()
        return f"{self.instance.version}-{newest.pk if newest else 0}"

    def find_waiting(self) -> Any:
        waiting = Revision.objects.drafts().about(self.instance)
        return waiting.select_related("author").order_by("-pk")

    def explain_conflict(self, started_from: str) -> None:
        version, _, seen = started_from.partition("-")
        if version != str(self.instance.version):
            super().explain_conflict(version)
        newest = self.find_waiting().first()
        if newest is not None and newest.pk > (int(seen) if _is_count(seen) else 0):
            for name, change in newest.changes.items():
                if name in self.fields:
                    theirs = change["after"] if change["after"] is not None else ""
                    self.add_error(name, BEFORE.format(who=name_person(newest.author), theirs=theirs))
            what = "put forward other words, which await review,"
            self.add_error(None, CONFLICT.format(who=name_person(newest.author), what=what))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        is_reworded = any(name in self.rewordable for name in self.changed_data)
        if is_reworded and not cleaned.get("reason_for_change") and "reason_for_change" not in self.errors:
            self.add_error("reason_for_change", "Say why: the reason is shown beside the earlier words.")
        return cleaned


class EvidenceForm(forms.ModelForm):
    """One document cited: a known one, or the address of a page, new or known."""

    address = forms.URLField(
        required=False,
        assume_scheme="https",
        max_length=1000,
        widget=forms.URLInput(attrs={"class": "vURLField"}),
        help_text="Or paste the address of the page. If the register knows it already, nothing more is needed.",
    )
    title = forms.CharField(required=False, max_length=400, widget=forms.TextInput(attrs={"class": "vTextField"}))
    publisher = forms.CharField(required=False, max_length=200, widget=forms.TextInput(attrs={"class": "vTextField"}))
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

    # Set by the admin: who fills the form in.
    person: User | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "document" in self.fields:
            self.fields["document"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        address = tidy_address(cleaned.get("address") or "")
        if not cleaned.get("document") and address:
            known = Document.objects.at_address(address).first()
            cleaned["document"] = known or self._describe_new_document(address, cleaned)
        if not cleaned.get("document") and not self.errors:
            self.add_error("document", "Choose a known document, or paste the address of a new one.")
        return cleaned

    def _describe_new_document(self, address: str, cleaned: dict[str, Any]) -> Document | None:
        needed = ("title", "publisher", "kind", "origin", "strength")
        missing = [name for name in needed if not cleaned.get(name) and name not in self.errors]
        for name in missing:
            self.add_error(name, "The register does not know this page yet, so it needs this.")
        if missing or self.errors:
            return None
        facts = {name: cleaned.get(name) for name in (*needed, "published_on")}
        return Document(url=address, **facts)

    def save(self, commit: bool = True) -> Any:
        document = self.cleaned_data["document"]
        self.instance.document = document if document.pk else self._find_or_add(document)
        return super().save(commit=commit)

    def _find_or_add(self, document: Document) -> Document:
        """Add a new document in the name of who cites it, unless somebody else has just added the same address."""
        try:
            with transaction.atomic():
                document.author = self.person
                document.identifier = make_identifier(document.title)
                document.save()
        except IntegrityError:
            return Document.objects.at_address(document.url).get()
        return document

    def _get_validation_exclusions(self) -> set[str]:
        """A new document has no key before it is saved, and `_describe_new_document` has asked for all it needs."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        document = self.cleaned_data.get("document")
        return excluded | {"document"} if document is not None and document.pk is None else excluded

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        document = self.cleaned_data.get("document")
        if document is not None:
            self.instance.document = document


class EvidenceFormSet(forms.BaseInlineFormSet):
    """The evidence of a status update. When it is submitted, the rules are asked here, where all is known."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or not self.management_form.is_valid():
            return
        kept = [each for each in self.forms if each.cleaned_data and not each.cleaned_data.get("DELETE")]
        self._refuse_same_page_twice(kept)
        form = getattr(self.instance, "desk_form", None)
        # A commitment that was not chosen, or may not be, is said beside its own field.
        if form is None or not form.is_submission or form.errors:
            return
        citations = tuple(each.instance.as_citation() for each in kept)
        refusals = find_refusals(self.instance, citations=citations)
        elsewhere = form.add_refusals(refusals)
        if refusals:
            raise ValidationError(elsewhere or ["Not submitted: see above what is missing."])

    def _refuse_same_page_twice(self, kept: list[Any]) -> None:
        sent = [each.instance.pk for each in self.forms if each.instance.pk]
        stored = self.instance.evidence.exclude(pk__in=sent) if self.instance.pk else Evidence.objects.none()
        addresses = [each.cleaned_data["document"].url for each in kept]
        addresses += stored.values_list("document__url", flat=True)
        twice = {address for address in addresses if addresses.count(address) > 1}
        if twice:
            pages = ", ".join(sorted(twice))
            raise ValidationError(f"The same page is cited twice: {pages}. Say all it shows in one note.")


def make_identifier(title: str) -> str:
    """Return a new permanent identifier for a document, from its title."""
    base = slugify(title)[:100].strip("-") or "document"
    taken = set(Document.objects.filter(identifier__startswith=base).values_list("identifier", flat=True))
    numbers = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(identifier for identifier in (base, *numbers) if identifier not in taken)
