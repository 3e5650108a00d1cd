"""All tables of the package, in their order."""

from __future__ import annotations

from tracker.exports.package import histories, things

TABLES = (
    things.COMMITMENT_TABLE,
    things.SUPPORTING,
    things.COMMITMENT_TOPICS,
    histories.RELATIONS,
    histories.UPDATE_TABLE,
    histories.EVIDENCE_TABLE,
    histories.RESPONSES,
    histories.MILESTONES,
    histories.MILESTONE_DOCUMENTS,
    histories.MILESTONE_UPDATES,
    histories.MILESTONE_UPDATE_DOCUMENTS,
    histories.FUNDING,
    histories.CHECKS,
    things.DEPARTMENTS,
    things.PROGRAMMES,
    things.TOPICS,
    things.DOCUMENTS,
    things.PETITIONS,
    things.PETITION_COMMITMENTS,
    things.SERVICES,
    histories.REVISIONS,
    histories.REVISION_CHANGES,
    histories.WITHDRAWALS,
    histories.REDACTIONS,
    histories.REDACTED_PLACES,
    things.CODES,
)
