"""What an operator must know of the register, as numbers: `manage.py serve_metrics` asks for them each time anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.db import DatabaseError, InterfaceError, connections
from django.db.models import Min

from tracker.auditing import find_faults_of_the_log
from tracker.models import Checkpoint, SiteState
from tracker.models.base import Publishable
from tracker.replicas import PRIMARY, read_version


@dataclass(frozen=True)
class Measure:
    """One number, with its name, what it says and, where there are several of a kind, which."""

    name: str
    words: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


def read_measures(backups: Path) -> Iterator[Measure]:
    """Yield what can be found out now. What only the primary knows is missing while that is away."""
    yield from measure_backups(backups)
    answering = list(_find_answering())
    for place in connections:
        words = "Whether the database answers: 1 or 0."
        yield Measure("register_database_up", words, place in answering, {"database": place})
    for place in answering:
        words = "The number of the newest entry in the log, as each database has it."
        yield Measure("register_version", words, read_version(place)[0], {"database": place})
    if PRIMARY in answering:
        yield from measure_register()


def _find_answering() -> Iterator[str]:
    for place in connections:
        try:
            read_version(place)
        except (DatabaseError, InterfaceError):
            connections[place].close()
        else:
            yield place


def measure_register() -> Iterator[Measure]:
    newest = Checkpoint.objects.first()
    if newest is not None:
        words = "When something was last published."
        yield Measure("register_newest_publication_timestamp_seconds", words, newest.at.timestamp())
    is_read_only = SiteState.objects.filter(is_read_only=True).exists()
    yield Measure("register_read_only", "Whether nothing may be written: 1 or 0.", is_read_only)
    waiting, since = 0, []
    for model in apps.get_app_config("tracker").get_models():
        if issubclass(model, Publishable):
            rows = model.objects.awaiting_review()
            waiting += rows.count()
            since += [each for each in rows.aggregate(at=Min("submitted_at")).values() if each]
    yield Measure("register_drafts_awaiting_review", "Drafts that wait for a second person.", waiting)
    if since:
        words = "When the one that waits longest was submitted."
        yield Measure("register_oldest_draft_timestamp_seconds", words, min(since).timestamp())


def measure_backups(folder: Path) -> Iterator[Measure]:
    made = [each.stat().st_mtime for each in folder.glob("*.zip")]
    yield Measure("register_backups", "Backups in the folder of this machine.", len(made))
    if made:
        yield Measure("register_newest_backup_timestamp_seconds", "When the newest was made.", max(made))


def measure_log() -> Measure:
    """Check every hash and signature of the log, which takes a second for some ten thousand entries."""
    is_sound = next(iter(find_faults_of_the_log([])), None) is None
    return Measure("register_log_sound", "Whether the log is as it was published: 1 or 0.", is_sound)
