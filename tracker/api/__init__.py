"""The API: every noun of the register as JSON, read-only, at the moment asked about.

Each door takes its question and its answer's fields from one table, `operations`, of which the description in OpenAPI
is made.
"""

from tracker.api.changes import change_list
from tracker.api.commitments import commitment_detail, commitment_list
from tracker.api.description import FILE, write_description
from tracker.api.documents import document_detail, document_list
from tracker.api.groups import (
    department_detail,
    department_list,
    petition_detail,
    petition_list,
    programme_detail,
    programme_list,
    topic_detail,
    topic_list,
)
from tracker.api.log import log_checkpoint, log_entry, log_list, status_list
from tracker.api.pages import api, api_description, api_unknown

__all__ = [
    "FILE",
    "api",
    "api_description",
    "api_unknown",
    "change_list",
    "commitment_detail",
    "commitment_list",
    "department_detail",
    "department_list",
    "document_detail",
    "document_list",
    "log_checkpoint",
    "log_entry",
    "log_list",
    "petition_detail",
    "petition_list",
    "programme_detail",
    "programme_list",
    "status_list",
    "topic_detail",
    "topic_list",
    "write_description",
]
