"""The tables of the package that hold what was published about the nouns: the history of each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tracker.exports.columns import EVIDENCE, UPDATES
from tracker.exports.package import rows
from tracker.exports.package.fields import (
    OF_COMMITMENT,
    OF_DOCUMENT,
    PAGE,
    PUBLISHED,
    REFERENCE,
    Reference,
    Table,
    code,
    day,
    needed,
    refer,
    take,
    text,
)

NUMBER = needed("number", _("Its number, given once on that commitment."), kind="number")


RELATIONS = Table(
    "relations",
    _("One row for each pair of commitments that has to do with each other; most pairs are stated once."),
    ("reference", "kind", "related"),
    (
        REFERENCE,
        code("kind", _("How the first stands to the second."), "relation"),
        needed("related", _("The second commitment."), "related__reference"),
        *PUBLISHED,
    ),
    rows.list_relations,
    (OF_COMMITMENT, refer("related", "commitments", "reference")),
)
RESPONSES = Table(
    "responses",
    _("One row for each answer that was given to a commitment."),
    ("reference", "number"),
    (
        REFERENCE,
        NUMBER,
        code("answer", _("What was answered."), "answer"),
        needed("answered_on", _("The day of the answer."), "on", "date"),
        needed("answered_by", _("Which government answered."), "by"),
        text("note", _("What the word alone does not tell.")),
        needed("document", _("The document with the answer."), "document__identifier"),
        *PUBLISHED,
    ),
    rows.list_responses,
    (OF_COMMITMENT, OF_DOCUMENT),
)
FUNDING = Table(
    "funding",
    _("One row for each sum of money that was promised, allocated or spent. Sums may overlap: never add them up."),
    ("reference", "number"),
    (
        REFERENCE,
        NUMBER,
        code("stage", _("Whether it was promised, allocated or spent."), "funding-stage"),
        needed("amount_gbp", _("The amount in pounds, as the document states it."), kind="number"),
        needed("stated_on", _("The day on which the document says so."), "on", "date"),
        text("note", _("What it is for.")),
        needed("document", _("The document that states it."), "document__identifier"),
        *PUBLISHED,
    ),
    rows.list_funding,
    (OF_COMMITMENT, OF_DOCUMENT),
)
MILESTONES = Table(
    "milestones",
    _("One row for each dated step that can be seen to be met."),
    ("reference", "number"),
    (
        REFERENCE,
        NUMBER,
        needed("title", _("What can be seen on the day it is met.")),
        needed("due_on", _("Its first date, which never changes."), kind="date"),
        text("due_text", _("That date in the words used.")),
        day("set_on", _("The day on which it was set, if that is known.")),
        text("note", _("What else is to say of it.")),
        day("present_due_on", _("Its date now, after all its updates.")),
        day("met_on", _("The day on which it was met; empty while it is open.")),
        *PUBLISHED,
    ),
    rows.list_milestones,
    (OF_COMMITMENT,),
    indexed=(("present_due_on",),),
    titled="title",
    searched=("due_text", "note"),
)
MILESTONE = Reference(("reference", "milestone"), "milestones", ("reference", "number"))
MILESTONE_DOCUMENTS = Table(
    "milestone_documents",
    _("One row for each document that sets a milestone."),
    ("reference", "milestone", "document"),
    (
        needed("reference", _("The commitment."), "milestone__commitment__reference"),
        needed("milestone", _("The number of the milestone."), "milestone__number", "number"),
        needed("document", _("The document."), "document__identifier"),
    ),
    rows.list_milestone_documents,
    (MILESTONE, OF_DOCUMENT),
)
MILESTONE_UPDATES = Table(
    "milestone_updates",
    _("One row for each time that a milestone was met or its date was moved."),
    ("reference", "milestone", "number"),
    (
        REFERENCE,
        needed("milestone", _("The number of the milestone."), "milestone__number", "number"),
        needed("number", _("Its number, given once on that milestone."), kind="number"),
        needed("as_of", _("The day from which it is true."), kind="date"),
        day("met_on", _("The day on which it was met; empty where its date was moved.")),
        day("due_on", _("Its new date; empty where it was met.")),
        text("reason", _("Why, where its date was moved.")),
        *PUBLISHED,
    ),
    rows.list_milestone_updates,
    (MILESTONE,),
)
MILESTONE_UPDATE_DOCUMENTS = Table(
    "milestone_update_documents",
    _("One row for each document that shows a milestone met or moved."),
    ("reference", "milestone", "update_number", "document"),
    (
        needed("reference", _("The commitment."), "milestone_update__milestone__commitment__reference"),
        needed("milestone", _("The number of the milestone."), "milestone_update__milestone__number", "number"),
        needed("update_number", _("The number of its update."), "milestone_update__number", "number"),
        needed("document", _("The document."), "document__identifier"),
    ),
    rows.list_milestone_update_documents,
    (
        Reference(
            ("reference", "milestone", "update_number"), "milestone_updates", ("reference", "milestone", "number")
        ),
        OF_DOCUMENT,
    ),
)
UPDATE_TABLE = Table(
    "updates",
    _("One row for each status update."),
    ("reference", "number"),
    (
        REFERENCE,
        NUMBER,
        *take(UPDATES, "basis", is_needed=True, words="basis"),
        *take(UPDATES, "status", is_needed=True, words="status"),
        *take(UPDATES, "as_of", "reason", is_needed=True),
        text("reason_cy", _("The reason in Welsh, where there is one.")),
        *take(UPDATES, "strength", words="strength"),
        *take(UPDATES, "corrects", path="corrects_number"),
        *take(UPDATES, "corrected_by", path="corrected_by_number"),
        PAGE,
        *PUBLISHED,
    ),
    rows.list_updates,
    (OF_COMMITMENT, Reference(("reference", "corrects"), "updates", ("reference", "number"))),
    indexed=(("status",), ("as_of",)),
    searched=("reason",),
)
EVIDENCE_TABLE = Table(
    "evidence",
    _("One row for each document cited for each status update, in the order of its page."),
    ("reference", "update_number", "document"),
    (
        needed("reference", _("The commitment."), "status_update__commitment__reference"),
        needed("update_number", _("The number of the update that cites it."), "status_update__number", "number"),
        needed("document", _("The document."), "document__identifier"),
        *take(EVIDENCE, "note", "records_completion", "already_in_place", is_needed=True),
    ),
    rows.list_evidence,
    (Reference(("reference", "update_number"), "updates", ("reference", "number")), OF_DOCUMENT),
    searched=("note",),
)
CHECKS = Table(
    "checks",
    _("One row for each time that somebody looked for news of a commitment and found none."),
    ("reference", "number"),
    (
        REFERENCE,
        NUMBER,
        needed("checked_on", _("The day."), kind="date"),
        text("note", _("Where we looked.")),
        *PUBLISHED,
    ),
    rows.list_checks,
    (OF_COMMITMENT,),
)
REVISIONS = Table(
    "revisions",
    _("One row for each time that new words were published for something public. The tables hold the newest words."),
    ("thing", "number"),
    (
        needed("thing", _("What was reworded, as the log names it."), "subject"),
        needed("number", _("Its place among the new words for that thing, from 1 on."), "place", "number"),
        needed("reason", _("Why.")),
        *PUBLISHED,
    ),
    rows.list_revisions,
)
REVISION_CHANGES = Table(
    "revision_changes",
    _("One row for each column that a revision changed."),
    ("thing", "number", "column"),
    (
        needed("thing", _("What was reworded."), "revision__subject"),
        needed("number", _("The number of the revision."), "revision__place", "number"),
        needed("column", _("The column that was changed; “supporting”, “topics” and “commitments” are lists.")),
        needed("before", _("The words before, as JSON.")),
        needed("after", _("The words after, as JSON.")),
    ),
    rows.list_rewordings,
    (Reference(("thing", "number"), "revisions", ("thing", "number")),),
)
WITHDRAWALS = Table(
    "withdrawals",
    _("One row for each commitment that was entered by mistake and taken back. It is in no other table."),
    ("reference",),
    (
        needed("reference", _("Its reference, which is never used again."), "commitment__reference"),
        needed("title", _("Its title."), "commitment__title"),
        needed("reason", _("Why it was a mistake.")),
        *PUBLISHED,
    ),
    rows.list_withdrawals,
)
REDACTIONS = Table(
    "redactions",
    _("One row for each time that words which must not be public were removed. A mark stands in their place."),
    ("number",),
    (
        needed("number", _("Its place among the redactions, from 1 on."), "place", "number"),
        code("reason", _("Why. What the words were is not said."), "reason-for-removal"),
        *PUBLISHED,
    ),
    rows.list_redactions,
)
REDACTED_PLACES = Table(
    "redacted_places",
    _("One row for each thing from which a redaction removed words."),
    ("redaction", "thing"),
    (
        needed("redaction", _("The number of the redaction."), "redaction__place", "number"),
        needed("thing", _("Where the words stood, as the log names it."), "subject"),
    ),
    rows.list_redacted_places,
    (refer("redaction", "redactions", "number"),),
)
