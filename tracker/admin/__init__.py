"""The staff desk: Django's admin, in which one person writes and another publishes."""

from tracker.admin import nouns, people, records, redactions, site_state

__all__ = ["nouns", "people", "records", "redactions", "site_state"]
