"""How quick nginx's cache is beside a file of the same bytes, asked in turn through the same nginx and TLS."""

from __future__ import annotations

import re
import statistics
import subprocess

from tests.serving import HOST, ProductionSite

PAGE = "/commitments/"
FILE = "bench-page.html"
CONNECTIONS = 8


def compare_cache_with_file(site: ProductionSite, *, rounds: int = 3, seconds: int = 3) -> float:
    """Return the requests a second of a page that is kept, as a part of those of a file: the median of rounds."""
    page = site.ask(PAGE, Accept_Encoding="gzip")
    folder = site.project / "var" / "static"
    (folder / FILE).write_bytes(b"")
    (folder / f"{FILE}.gz").write_bytes(page.body)
    assert site.ask(f"/static/{FILE}", Accept_Encoding="gzip").body == page.body
    ratios = []
    for _ in range(rounds):
        kept = count_per_second(site, PAGE, seconds)
        ratios.append(kept / count_per_second(site, f"/static/{FILE}", seconds))
    return statistics.median(ratios)


def count_per_second(site: ProductionSite, path: str, seconds: int) -> float:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-H", "Accept-Encoding: gzip"]
    command.append(f"https://{HOST}:{site.port}{path}")
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found, said
    return float(found[1])
