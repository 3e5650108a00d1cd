"""The questions that readers ask, as query parameters, and the addresses that ask them."""

from tracker.filters.commitments import (
    MOMENT,
    SHAPING,
    CommitmentFilter,
    add_query,
    build_filter_groups,
    build_filter_tags,
    order,
    shorten,
)
from tracker.filters.lists import ChangeFilter, DocumentFilter

__all__ = [
    "MOMENT",
    "SHAPING",
    "ChangeFilter",
    "CommitmentFilter",
    "DocumentFilter",
    "add_query",
    "build_filter_groups",
    "build_filter_tags",
    "order",
    "shorten",
]
