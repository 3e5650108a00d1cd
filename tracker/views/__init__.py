"""The doors of the public register, by subject. `urls.py` takes every page from here."""

from tracker.views.changes import change_list
from tracker.views.citations import commitment_bibtex, commitment_csl
from tracker.views.commitments import commitment_detail
from tracker.views.comparing import comparison
from tracker.views.corrections import corrections
from tracker.views.documents import document_detail
from tracker.views.embedding import commitment_badge, commitment_card, oembed
from tracker.views.files import (
    commitment_csv,
    commitment_json,
    commitment_jsonl,
    commitment_ods,
    commitment_xlsx,
    evidence_csv,
    update_csv,
)
from tracker.views.gaps import difference_list, gap_list
from tracker.views.groups import (
    department_detail,
    department_list,
    programme_detail,
    programme_list,
    topic_detail,
    topic_list,
)
from tracker.views.health import broken, livez, readyz
from tracker.views.lists import CommitmentList, DocumentList, home
from tracker.views.log import (
    log_checkpoint,
    log_consistency,
    log_entry,
    log_inclusion,
    log_jsonl,
    log_key,
    log_list,
    log_verifier,
)
from tracker.views.packages import data_dictionary, register_file
from tracker.views.petitions import petition_detail, petition_list
from tracker.views.texts import (
    about,
    accessibility,
    disclosure,
    help_and_support,
    how_we_judge,
    privacy,
)
from tracker.views.well_known import robots, security

__all__ = [
    "CommitmentList",
    "DocumentList",
    "about",
    "accessibility",
    "broken",
    "change_list",
    "commitment_badge",
    "commitment_bibtex",
    "commitment_card",
    "commitment_csl",
    "commitment_csv",
    "commitment_detail",
    "commitment_json",
    "commitment_jsonl",
    "commitment_ods",
    "commitment_xlsx",
    "comparison",
    "corrections",
    "data_dictionary",
    "department_detail",
    "department_list",
    "difference_list",
    "disclosure",
    "document_detail",
    "evidence_csv",
    "gap_list",
    "help_and_support",
    "home",
    "how_we_judge",
    "livez",
    "log_checkpoint",
    "log_consistency",
    "log_entry",
    "log_inclusion",
    "log_jsonl",
    "log_key",
    "log_list",
    "log_verifier",
    "oembed",
    "petition_detail",
    "petition_list",
    "privacy",
    "programme_detail",
    "programme_list",
    "readyz",
    "register_file",
    "robots",
    "security",
    "topic_detail",
    "topic_list",
    "update_csv",
]
