"""Draws the pictures that other sites show when a page is shared: `make pictures`, after a change to words or colours.

One is for the whole site, and one for each status, with the status in words. They are committed, so that the site
draws nothing while it runs.
"""

import os

import django
from django.conf import settings
from playwright.sync_api import sync_playwright

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS  # noqa: E402
from tracker.statuses import NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL, Status  # noqa: E402
from tracker.templatetags.colours import STATUS_COLOURS  # noqa: E402

WIDTH, HEIGHT = 1200, 630
MARK = """<svg width="96" height="96" viewBox="0 0 48 48"><rect width="48" height="48" rx="7" fill="#12505a"/>
<path fill="#5f979e" d="M10 12h28v5H10zm0 9.5h28v5H10zM10 31h28v5H10z"/>
<path fill="#fff" d="M10 12h28v5H10zm0 9.5h18v5H10zM10 31h8v5h-8z"/></svg>"""
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; width: 1200px; height: 630px; box-sizing: border-box; padding: 72px 80px 72px 96px; background: #fff;
  border-left: 32px solid {edge}; color: #161d20; font-family: "Liberation Sans", Arial, sans-serif;
  display: flex; flex-direction: column; justify-content: space-between; }}
header {{ display: flex; gap: 32px; align-items: center; font: bold 48px "Liberation Serif", Georgia, serif; }}
h1 {{ margin: 0; font: bold {size}px/1.12 "Liberation Serif", Georgia, serif; color: {ink}; }}
p {{ margin: 0; font-size: 34px; line-height: 1.35; color: #485459; }}
</style><header>{mark}Commitments Register</header><h1>{words}</h1><p>{small}</p>"""
WHAT = "What governments promised about child sexual abuse, and what came of it"


def draw_all() -> None:
    folder = settings.BASE_DIR / "tracker" / "static" / "tracker" / "share"
    independent = "Independent. This is not a government website."
    pages = {"register": PAGE.format(edge="#12505a", ink="#161d20", size=76, mark=MARK, words=WHAT, small=independent)}
    for code, label in (*Status.choices, (NOT_YET_CHECKED, NOT_YET_CHECKED_LABEL)):
        colours = STATUS_COLOURS[code]
        pages[str(code)] = PAGE.format(
            edge=colours.fill, ink=colours.ink, size=112, mark=MARK, words=label, small=f"{WHAT}.<br>{independent}"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for name, html in pages.items():
            page.set_content(html)
            page.screenshot(path=folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    draw_all()
