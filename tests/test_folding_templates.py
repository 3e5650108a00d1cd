"""What never changes in a template is put together once for each language, and the page reads as it did before."""

import pytest
from django.conf import settings
from django.template import Context, Engine
from django.utils import translation

PIECES = {
    "page.html": (
        '{% extends "frame.html" %}{% load i18n %}{% block content %}{% translate "Departments" %} <b>{{ name }}</b>'
        "{% blocktranslate trimmed with number=count %}Page {{ number }}{% endblocktranslate %}"
        '{% include "piece.html" with word=name only %}{% endblock %}'
    ),
    "frame.html": (
        '{% load i18n %}<a href="{% url \'tracker:help\' %}">{% translate "Get help" %}</a>'
        "{% for each in list %}{% translate 'Topics' %}{{ each }}{% empty %}{% translate 'Home' %}{% endfor %}"
        "{% block content %}{% endblock %}{% if count %}{% translate 'Petitions' %}{% else %}{{ name }}{% endif %}"
    ),
    "piece.html": "{# nothing #}<i>{{ word }}</i>",
}
QUESTIONS = [
    {"name": "<A & B>", "count": 3, "list": ["x", "<y>"]},
    {"name": "", "count": 0, "list": []},
]


def make_engine(loader: str) -> Engine:
    libraries = {"i18n": "django.templatetags.i18n"}
    return Engine(loaders=[(loader, [("django.template.loaders.locmem.Loader", PIECES)])], libraries=libraries)


@pytest.mark.parametrize("language", ["en-gb", "cy"])
@pytest.mark.parametrize("facts", QUESTIONS)
def test_a_folded_template_writes_what_django_writes(language: str, facts: dict[str, object]):
    plain, folded = (
        make_engine(loader).get_template("page.html")
        for loader in ("django.template.loaders.cached.Loader", "config.folding.Loader")
    )
    with translation.override(language):
        expected = plain.render(Context(facts))
        assert [folded.render(Context(facts)) for _ in range(2)] == [expected, expected]
    assert "&lt;" in expected or not facts["name"]


def test_what_was_put_together_in_one_language_is_not_said_in_another():
    template = make_engine("config.folding.Loader").get_template("page.html")
    said = {}
    for language in ("en-gb", "cy", "en-gb"):
        with translation.override(language):
            said[language] = template.render(Context(QUESTIONS[0]))
    assert 'href="/help/">Get help</a>' in said["en-gb"]
    assert 'href="/cy/help/">Cael cymorth</a>' in said["cy"]


def test_the_site_folds_its_templates():
    (loader, _), *_ = settings.TEMPLATES[0]["OPTIONS"]["loaders"]
    assert loader == "config.folding.Loader"
