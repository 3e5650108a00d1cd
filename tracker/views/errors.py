"""What is wrong with a question, as its page says it: in a sentence that leads to where it can be put right."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any


def list_errors(filterset: Any, drawn: Collection[str] | None = None) -> list[dict[str, str]]:
    """Return each error with its place on the page. `drawn` are the filters that stand there; all, if it is left out.

    The fields and groups of `templatetags.choices` have these places as their ids.
    """
    places = filterset.filters if drawn is None else drawn
    return [
        {"message": message, "href": f"#id_{name}" if name in places else ""}
        for name, messages in filterset.form.errors.items()
        for message in messages
    ]
