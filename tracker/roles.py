"""Who may do what at the staff desk: the roles, and the permissions that each has.

The migrations give these permissions to the groups; the README shows them as a matrix, which a test compares with this.
"""

from __future__ import annotations

EDITOR, REVIEWER, MANAGER = "Editor", "Reviewer", "Manager"

# Written by one person, published by another.
RECORDS = ("statusupdate", "response", "milestone", "milestoneupdate", "funding", "check", "relation")
# Parts of records, written and taken out with them.
PARTS = ("evidence", "milestonedocument", "milestoneupdatedocument")
# What records are about. Once public, editing them makes a revision, which is reviewed like a record.
NOUNS = ("commitment", "document", "petition")
# What the register is built of, kept by managers.
FRAME = ("department", "programme", "topic", "supportservice")

EVERYTHING = (*RECORDS, *PARTS, *NOUNS, *FRAME, "revision", "withdrawal", "redaction")


def _may(verbs: tuple[str, ...], models: tuple[str, ...]) -> set[str]:
    return {f"{verb}_{model}" for verb in verbs for model in models}


WRITE = ("add", "change")

_EDITOR = (
    _may(("view",), (*EVERYTHING, "sitestate"))
    | _may(WRITE, (*RECORDS, *PARTS, *NOUNS, "redaction"))
    | _may(("delete",), PARTS)
    | {"change_revision"}
)
_REVIEWER = _EDITOR | {"publish_record"}
_MANAGER = (
    _REVIEWER
    | _may(WRITE, (*FRAME, "withdrawal"))
    | _may(("view",), ("signinfailure", "logentry"))
    | _may(("view", "add", "change"), ("user",))
    | {"change_sitestate"}
)

PERMISSIONS = {EDITOR: _EDITOR, REVIEWER: _REVIEWER, MANAGER: _MANAGER}
