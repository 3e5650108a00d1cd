"""How the staff desk puts names of fields into words."""

from django import template

register = template.Library()


@register.filter
def words_of(name: str) -> str:
    """Write the name of a field as words: "made_on" as "Made on"."""
    return name.replace("_", " ").capitalize()
