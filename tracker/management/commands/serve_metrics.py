"""Gives Prometheus what the processes of this machine have counted, and the register's own numbers, until stopped."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, connections
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from tracker.measures import Measure, measure_log, read_measures

LOG_EVERY = 600  # seconds between two checks of the whole log
STOP = {signal.SIGTERM, signal.SIGINT}


class Register(Collector):
    """The register's own numbers, asked for anew each time; the log is checked now and then."""

    def __init__(self) -> None:
        self.log: Measure | None = None
        self.check_log_at = 0.0

    def collect(self) -> Iterable[GaugeMetricFamily]:
        try:
            measures = [*read_measures(settings.BASE_DIR / "var" / "backups"), *self.find_log()]
        finally:
            connections.close_all()
        families: dict[str, GaugeMetricFamily] = {}
        for each in measures:
            family = families.setdefault(each.name, GaugeMetricFamily(each.name, each.words, labels=list(each.labels)))
            family.add_metric(list(each.labels.values()), float(each.value))
        return families.values()

    def find_log(self) -> list[Measure]:
        if time.monotonic() >= self.check_log_at:
            try:
                self.log = measure_log()
            except (DatabaseError, InterfaceError):
                self.log = None
            else:
                self.check_log_at = time.monotonic() + LOG_EVERY
        return [self.log] if self.log else []


class Command(BaseCommand):
    help = "Serve the numbers for Prometheus at METRICS_ADDRESS, apart from the site, until it is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.METRICS_ADDRESS is None:
            raise CommandError("METRICS_ADDRESS says where to listen, such as 127.0.0.1:9100. It is not set.")
        host, port = settings.METRICS_ADDRESS
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # they are waited for below
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(settings.METRICS_FOLDER))
        registry.register(Register())
        try:
            server, _ = start_http_server(port, host, registry)
        except OSError as error:
            raise CommandError(f"Nothing can listen at {host}:{port}: {error.strerror}.") from None
        self.stdout.write(f"The numbers are at http://{host}:{port}/metrics")
        self.stdout.flush()
        signal.sigwait(STOP)
        server.shutdown()
