"""How the staff desk puts names of fields and what they hold into words."""

import datetime as dt
from typing import Any

from django import template
from django.utils.formats import date_format

from tracker.models import name_person

register = template.Library()
register.filter("name_person", name_person)


@register.filter
def words_of(name: str) -> str:
    """Write the name of a field as words: "made_on" as "Made on"."""
    words = str(name).replace("_", " ")
    return words[:1].upper() + words[1:]


@register.filter
def read_fact(value: Any) -> str:
    """Write what a field holds, or what the log says that it held, as words."""
    if value is None or value in ("", []):
        return "(empty)"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.date | dt.datetime):
        return date_format(value, "j F Y")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return str(value)
