"""How many finished pages a second, as they are and packed as browsers ask for them, and how many 304s: by our one
process alone, and through nginx.
"""

import contextlib

from tests.bench.lists import ADDRESSES, BARE, COMMITMENT, fill_in
from tests.bench.measuring import Pace, Result, Task, describe, measure_in_turn
from tests.bench.places import Place
from tests.bench.servers import (
    HOST,
    Server,
    find_nginx,
    is_nginx_shipped,
    serve_site,
    serve_static,
    serve_through_the_shipped_nginx,
)

CONNECTIONS = 8
MEASURED = ("list, first page", "common words", COMMITMENT)
PACKED, NOT_CHANGED, THROUGH, FILE = "{}, packed", "{}, 304", "through the cache", "the same bytes as a file"


def measure_rates(place: Place, pace: Pace) -> Result:
    pages = fill_in({name: ADDRESSES[name] for name in MEASURED}, place.commitments)
    with contextlib.ExitStack() as stack:
        bare = stack.enter_context(serve_site(place.url, bench=BARE, first="/bare"))
        site = stack.enter_context(serve_site(place.url))
        tasks = [Task(site, pages, CONNECTIONS), ask_packed(site, pages), ask_again(site, pages)]
        page = site.ask(pages["list, first page"])[1]
        if find_nginx():
            static = stack.enter_context(serve_static(page))
            tasks.append(Task(static, {FILE: "/page.html"}, CONNECTIONS))
        if find_nginx() and is_nginx_shipped():
            behind = {"SITE_URL": f"https://{HOST}", "TRUSTED_PROXIES": "127.0.0.1"}
            hidden = stack.enter_context(serve_site(place.url, first="/livez", **behind))
            page = hidden.ask("/commitments/", Host=HOST, **{"X-Forwarded-Proto": "https"})[1]
            shipped = stack.enter_context(serve_through_the_shipped_nginx(hidden, page))
            files = {THROUGH: "/commitments/", FILE: "/static/page.html"}
            tasks.append(Task(shipped, files, CONNECTIONS))
        rows = measure_in_turn(tasks, bare, pace)
        memory = {server.name: server.read_memory() for server in (bare, site)}
    return describe("rates", place, pace=pace, connections=CONNECTIONS, rows=rows, memory=memory)


def ask_packed(site: Server, pages: dict[str, str]) -> Task:
    """Return the same pages, asked for as browsers do."""
    packed = {PACKED.format(name): address for name, address in pages.items()}
    return Task(site, packed, CONNECTIONS, {name: {"Accept-Encoding": "gzip"} for name in packed})


def ask_again(site: Server, pages: dict[str, str]) -> Task:
    """Return the same pages, asked for by a reader who holds them already."""
    tags = {name: str(site.ask(address)[2]["ETag"]) for name, address in pages.items()}
    again = {NOT_CHANGED.format(name): address for name, address in pages.items()}
    headers = {NOT_CHANGED.format(name): {"If-None-Match": tag} for name, tag in tags.items()}
    return Task(site, again, CONNECTIONS, headers)
