"""The colours of the statuses for pictures that stand alone, where the style sheet does not reach.

`styles/_settings.scss` has the same for pages, and a test compares the two.
"""

from __future__ import annotations

from typing import NamedTuple


class Colours(NamedTuple):
    """The edge, the words and the ground behind them."""

    fill: str
    ink: str
    tint: str


STATUS_COLOURS = {
    "delivered": Colours("#1f6b45", "#10402a", "#d9ecdf"),
    "delivered-differently": Colours("#6a942f", "#324d0f", "#e7f1d6"),
    "partly-delivered": Colours("#b57c0b", "#573a00", "#fbecc9"),
    "in-progress": Colours("#2c6cb0", "#163f6c", "#dbe8f6"),
    "not-started": Colours("#5f6d76", "#2e3a42", "#e4eaed"),
    "not-delivered": Colours("#b4372d", "#751b14", "#f9e0dd"),
    "will-not-be-done": Colours("#701c2e", "#5c1324", "#f3dde2"),
    "superseded": Colours("#7462a8", "#3f3069", "#e8e3f4"),
    "cannot-be-judged": Colours("#8f7a64", "#4b3d2f", "#f0e9e0"),
    "not-yet-checked": Colours("#89949a", "#3c474c", "#fff"),
}
