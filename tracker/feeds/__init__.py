"""The doors for programs that come again: Atom feeds of what changed, and calendars of what is due."""

from tracker.feeds.calendars import commitment_calendar
from tracker.feeds.changes import commitment_feed, department_feed, programme_feed, topic_feed

__all__ = ["commitment_calendar", "commitment_feed", "department_feed", "programme_feed", "topic_feed"]
