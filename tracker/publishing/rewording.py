"""New words for what is public: whether they may replace the present ones, and what follows when they do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from tracker.models import Commitment, Department, Document, Evidence, Revision, Standing, StatusUpdate
from tracker.publishing.judgements import find_judgement, read_grounds
from tracker.publishing.pointers import point_at_status
from tracker.publishing.rules import OWN_RULES, refuse_unknown_outlets
from tracker.statuses import Origin, Refusal, explain_refusals


def refuse_revision(revision: Revision) -> Iterator[Refusal]:
    """Refuse new words whose author had not read the present ones, that are no words for these fields, or that would
    leave a published status without its ground.
    """
    if isinstance(revision.target, Commitment) and revision.target.withdrawn_at:
        yield Refusal(0, "changes", f"{revision.target.reference} was withdrawn.")
        return
    stale = _find_stale_fields(revision)
    if stale:
        names = ", ".join(name.replace("_", " ") for name in stale)
        sentence = f"The words of “{names}” have changed since this was written. Send it back to be written anew."
        yield Refusal(0, "changes", sentence)
        return
    target: Any = revision.target
    reworded = type(target)._base_manager.get(pk=target.pk)
    try:
        reworded.set_words(_read_after(revision))
        reworded.clean_fields(exclude={field.name for field in reworded._meta.fields} - revision.changes.keys())
        reworded.validate_unique()
        reworded.validate_constraints()
    except ValidationError as error:
        for sentence in error.messages:
            yield Refusal(0, "changes", sentence)
        return
    for rule in (refuse_unknown_outlets, *OWN_RULES.get(type(reworded), ())):
        for refusal in rule(reworded):
            yield Refusal(refusal.rule, "changes", refusal.sentence)
    if isinstance(reworded, Document):
        yield from _refuse_unknown_outlet(reworded)
    if isinstance(reworded, Commitment):
        yield from _refuse_supporting_lead(reworded, revision)
    yield from _refuse_broken_statuses(reworded)


def reword(revision: Revision) -> Any:
    """Give the target its new words and return it."""
    target: Any = revision.target
    target._change_reason = "new words published"
    target.apply_words(_read_after(revision))
    for update in _find_resting_on(target):
        grounds = read_grounds(find_judgement(update))
        StatusUpdate._base_manager.filter(pk=update.pk).update(**grounds)  # caches, not history
        vars(update).update(grounds)
        for pointing in (Commitment, Standing):
            pointing._base_manager.filter(current_update=update).update(**point_at_status(update))
    return target


def _read_after(revision: Revision) -> dict[str, Any]:
    return {name: change["after"] for name, change in revision.changes.items()}


def _find_stale_fields(revision: Revision) -> list[str]:
    target: Any = revision.target
    present = target.read_words(revision.changes)
    return [name for name, change in revision.changes.items() if (present[name] or "") != (change["before"] or "")]


def _refuse_unknown_outlet(document: Document) -> Iterator[Refusal]:
    cited = Evidence.objects.published().filter(document=document)
    if document.origin == Origin.PARTISAN_OR_UNKNOWN and cited.exists():
        yield Refusal(0, "changes", "It is cited in public, and no partisan or unknown outlet is cited.")


def _refuse_supporting_lead(commitment: Commitment, revision: Revision) -> Iterator[Refusal]:
    change = revision.changes.get("supporting")
    supporting = change["after"] if change else commitment.facts()["supporting"]
    lead = Department.objects.get(pk=commitment.department_id)
    if lead.slug in supporting:
        yield Refusal(0, "changes", f"{lead} leads this, so it is not listed as supporting as well.")


def _refuse_broken_statuses(target: Any) -> Iterator[Refusal]:
    """Judge anew the published statuses that rest on a document or are dated after the making of a commitment."""
    today = timezone.localdate()
    for update in _find_resting_on(target).published().filter(corrected_by__published_at__isnull=True):
        if isinstance(target, Commitment):
            update.commitment = target
        evidence = list(update.evidence.select_related("document"))
        for each in evidence:
            if each.document == target:
                each.document = target
        judgement = find_judgement(update, citations=tuple(each.as_citation() for each in evidence))
        for refusal in explain_refusals(judgement, today=today):
            which = f"Update {update.number} of {update.commitment.reference}"
            sentence = f"{which} rests on this and would break a rule: {refusal.sentence}"
            yield Refusal(refusal.rule, "changes", sentence)


def _find_resting_on(target: Any) -> Any:
    updates = StatusUpdate.objects.ever_published().select_related("commitment").order_by("pk")
    if isinstance(target, Document):
        return updates.filter(evidence__document=target)
    return updates.filter(commitment=target) if isinstance(target, Commitment) else updates.none()
