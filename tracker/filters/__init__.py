"""The questions that readers ask, as query parameters, and the addresses that ask them."""

from tracker.filters.asking import MAXIMUM_SEARCH_LENGTH, MOMENT, SHAPING, add_query, order, shorten
from tracker.filters.commitments import CommitmentFilter, build_filter_groups, build_filter_tags, build_group
from tracker.filters.counting import Counting
from tracker.filters.lists import ChangeFilter, ComparisonFilter, DocumentFilter

__all__ = [
    "MAXIMUM_SEARCH_LENGTH",
    "MOMENT",
    "SHAPING",
    "ChangeFilter",
    "CommitmentFilter",
    "ComparisonFilter",
    "Counting",
    "DocumentFilter",
    "add_query",
    "build_filter_groups",
    "build_filter_tags",
    "build_group",
    "order",
    "shorten",
]
