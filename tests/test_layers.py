"""The house as DESIGN.md draws it: layers, rooms, sizes and words, held in the code by reading the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from tracker import urls
from tracker.exports import FORMATS

ROOT = Path(settings.BASE_DIR)

# From the bottom up; a module imports only from layers strictly below its own.
LAYERS = {
    "checking from outside": {"verify"},
    "vocabulary": {"accessibility", "languages", "merkle", "moments", "roles", "statuses", "words"},
    "the database itself": {"outages"},
    "questions": {"querysets"},
    "nouns": {"models"},
    "verbs": {"publishing", "guards", "indexing", "keeping", "naming", "replicas"},
    "loading and checking": {"importing", "auditing", "backups"},
    "shapes": {"forms", "filters", "tables", "exports", "charts", "changes", "measures", "templatetags"},
    "answers": {"answers"},
    "gate": {"signing_in"},
    "doors": {"views", "api", "feeds", "sitemaps", "admin", "management"},
    "wiring": {"urls", "apps", "context_processors", "finished", "middleware", "migrations"},
}
HEIGHTS = {room: height for height, rooms in enumerate(LAYERS.values()) for room in rooms}

MODULES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for folder in ("tracker", "config")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
OURS = {name: tree for name, tree in MODULES.items() if "/migrations/" not in name and tree.body}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def room_of(name: str) -> str:
    """Return the room that a module of the tracker is in: `views` for `tracker/views/lists.py`."""
    return name.split("/")[1].removesuffix(".py")


def find_imports(tree: ast.Module) -> Iterator[str]:
    """Yield each module that a module imports, with the names that it takes from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def find_functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def in_rooms(*layers: str) -> dict[str, ast.Module]:
    rooms = set().union(*(LAYERS[layer] for layer in layers))
    return {name: tree for name, tree in OURS.items() if name.startswith("tracker/") and room_of(name) in rooms}


# --- Layers ----------------------------------------------------------------------------------


def test_every_module_of_the_tracker_has_its_room():
    rooms = {room_of(name) for name in MODULES if name.startswith("tracker/") and name != "tracker/__init__.py"}

    assert rooms - set(HEIGHTS) == set()
    assert rooms >= {"statuses", "querysets", "models", "publishing", "importing", "auditing", "views", "urls"}


def test_a_module_imports_only_from_the_layers_below_it():
    upward = [
        f"{name} imports {imported}"
        for name, tree in OURS.items()
        if name.startswith("tracker/") and name != "tracker/__init__.py"
        for imported in find_imports(tree)
        if imported.startswith("tracker.")
        and imported.split(".")[1] != room_of(name)
        and HEIGHTS[imported.split(".")[1]] >= HEIGHTS[room_of(name)]
    ]

    assert upward == []


def test_the_vocabulary_knows_no_database():
    assert sorted(
        {imported for name in in_rooms("vocabulary") for imported in find_imports(OURS[name]) if "django" in imported}
    ) == [
        "django.db.models",  # for its TextChoices alone
        "django.urls.reverse",
        "django.utils.html.format_html",
        "django.utils.translation.get_language",
        "django.utils.translation.gettext",
        "django.utils.translation.gettext_lazy",
    ]
    touched = {
        node.attr
        for tree in in_rooms("vocabulary").values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "models"
    }
    assert touched == {"TextChoices"}


def test_the_tracker_and_its_configuration_do_not_import_each_other():
    crossing = [
        f"{name} imports {imported}"
        for name, tree in OURS.items()
        for imported in find_imports(tree)
        if {name.split("/")[0], imported.split(".")[0]} == {"tracker", "config"}
    ]

    assert crossing == []


def test_nothing_is_imported_by_a_relative_name_or_inside_a_function():
    relative = [name for name, tree in OURS.items() for imported in find_imports(tree) if imported.startswith(".")]
    late = [
        f"{name}: {function.name}"
        for name, tree in OURS.items()
        for function in find_functions(tree)
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function))
    ]

    assert (relative, late) == ([], [])


def test_nothing_happens_by_signals_but_after_a_migration():
    heard = [
        f"{name} imports {imported}"
        for name, tree in OURS.items()
        for imported in find_imports(tree)
        if "signals" in imported or "django.dispatch" in imported
    ]

    assert heard == [f"tracker/apps.py imports django.db.models.signals.{name}_migrate" for name in ("post", "pre")]


def test_only_doors_and_wiring_know_about_requests():
    below = in_rooms("vocabulary", "questions", "nouns", "verbs", "loading and checking", "shapes", "answers")
    knowing = [
        f"{name} imports {imported}"
        for name, tree in below.items()
        for imported in find_imports(tree)
        if re.match(r"django\.(http\.(Http|Json|Stream|File)|shortcuts|views)", imported)
    ]

    assert knowing == []


def test_only_publishing_sets_when_something_was_published():
    def sets_it(node: ast.AST) -> bool:
        if isinstance(node, ast.Attribute) and node.attr == "published_at":
            return isinstance(node.ctx, ast.Store | ast.Del)
        if isinstance(node, ast.Call):
            return any(keyword.arg == "published_at" for keyword in node.keywords)
        is_set = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr"
        return is_set and any(isinstance(each, ast.Constant) and each.value == "published_at" for each in node.args)

    setting = {name for name, tree in OURS.items() if any(sets_it(node) for node in ast.walk(tree))}

    assert {room_of(name) for name in setting} == {"publishing"}


LOG = {"LogEntry", "LogNode", "Checkpoint"}


def test_only_publishing_writes_to_the_log():
    def appends(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LOG

    assert {room_of(name) for name, tree in OURS.items() if any(map(appends, ast.walk(tree)))} == {"publishing"}


def test_shapes_and_pages_write_nothing():
    writing = [
        f"{name}, line {node.lineno}: {node.func.attr}()"
        for name, tree in in_rooms("shapes", "answers", "doors").items()
        if room_of(name) not in {"admin", "forms", "management", "signing_in"}
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"save", "create", "delete", "bulk_create", "get_or_create", "update_or_create"}
    ]

    assert writing == []


# --- Sizes -----------------------------------------------------------------------------------


def test_each_module_opens_with_what_it_is_for():
    assert [name for name, tree in OURS.items() if not ast.get_docstring(tree)] == []


def test_no_module_is_longer_than_400_lines():
    lengths = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in OURS}

    assert {name: length for name, length in lengths.items() if length > 400} == {}


def measure_functions() -> dict[str, int]:
    return {
        f"{name}, line {function.lineno}: {function.name}": function.end_lineno - function.lineno + 1
        for name, tree in OURS.items()
        for function in find_functions(tree)
    }


def test_no_function_is_longer_than_50_lines():
    assert {place: length for place, length in measure_functions().items() if length > 50} == {}


def test_nine_functions_in_ten_are_within_20_lines():
    lengths = measure_functions().values()

    assert sum(length <= 20 for length in lengths) / len(lengths) >= 0.9


# --- Words -----------------------------------------------------------------------------------

# Written this way: not in these. One word per thing, in British spelling.
OTHER_WORDS = {
    "evidence": "evidences",
    "judgement": "judgment|judgments",
    "organisation": "organization|organizations|organizational",
    "behaviour": "behavior|behaviors",
    "colour": "colors|colored",
    "centre": "centers|centered",
    "recognise": "recognize|recognized|recognizes",
    "normalise": "normalize|normalized|normalizes",
    "summarise": "summarize|summarized|summarizes",
    "licence": "licenses",
    "cancelled": "canceled",
    "labelled": "labeled",
    "catalogue": "catalog|catalogs",
    "defence": "defense",
}
WRITTEN = [
    path
    for pattern in ("tracker/**/*.py", "config/*.py", "templates/**/*.html", "README.md")
    for path in sorted(ROOT.glob(pattern))
]


@pytest.mark.parametrize("word", OTHER_WORDS)
def test_one_word_is_used_for_one_thing_in_british_spelling(word):
    other = re.compile(
        # The key "licenses" is that of a data package.
        rf"(?<![\w-])(?<!unicodedata\.)(?<!creativecommons\.org/)(?:{OTHER_WORDS[word]})(?![\w-]|\": \[)",
        re.IGNORECASE,
    )

    found = [
        f"{path.relative_to(ROOT).as_posix()}, line {number}: {match.group()}"
        for path in WRITTEN
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for match in other.finditer(line)
    ]

    assert found == []


NOUNS = "change|commitment|department|difference|gap|programme|topic|document|petition|update|evidence|log|status"
SHAPES = "list|detail|feed|calendar|csv|json|jsonl|xlsx|ods|entry|bibtex|csl|badge|card|checkpoint"
FILES = {f"log-{shape}" for shape in ("jsonl", "checkpoint", "key", "inclusion", "consistency", "verifier")}
DOWNLOADS = {each.address_name for each in FORMATS} | {"register-file"}
WELL_KNOWN = {"livez", "readyz", "robots", "security", "sitemap-list", "sitemap-detail"}  # as on every site
TAKEN = {"commitment-bibtex", "commitment-csl", "commitment-badge"}  # a page in another form
QUESTIONS = {"commitment-feed", "commitment-calendar"}  # a list's address with the name of a format, and one thing's
API = {"api", "api-description", "api-unknown"}  # its page, its description, and whatever is not there
PAGES = {
    *(
        "oembed",
        "home",
        "data",
        "comparison",
        "how-we-judge",
        "about",
        "help",
        "accessibility",
        "privacy",
        "disclosure",
        "corrections",
    ),
}


def test_addresses_are_named_noun_and_shape():
    names = {pattern.name for pattern in (*urls.PAGES, *urls.FILES)}

    assert {
        name
        for name in names - PAGES - FILES - DOWNLOADS - WELL_KNOWN - API
        if not re.fullmatch(rf"(?:api-)?(?:{NOUNS})-(?:{SHAPES})", name or "")
    } == set()


def test_addresses_are_written_in_small_letters_and_those_of_pages_end_in_a_slash():
    fixed = [(pattern.name, re.sub(r"<[^>]+>", "x", str(pattern.pattern))) for pattern in (*urls.PAGES, *urls.FILES)]

    assert [path for name, path in fixed if path and not re.fullmatch(r"(?:[a-z.-]+/)*([a-z.-]+)?", path)] == []
    assert {
        name for name, path in fixed if path and not path.endswith("/")
    } == FILES | TAKEN | DOWNLOADS | QUESTIONS | WELL_KNOWN | API - {"api"}


def find_models() -> list[type[models.Model]]:
    ours = apps.get_app_config("tracker").get_models()
    return [each for each in ours if each.__name__ != "User" and not each.__name__.startswith("Historical")]


def test_the_nouns_of_the_register_are_the_words_of_the_design():
    assert {model.__name__ for model in find_models()} == {
        *("Commitment", "Programme", "Department", "Topic", "Document", "Petition", "StatusUpdate", "Evidence"),
        *("Response", "Milestone", "MilestoneUpdate", "Funding", "LogEntry", "Standing"),
        # parts of the above, and the page "Help and support"
        *(
            "LogHead",
            "LogNode",
            "Checkpoint",
            "MilestoneDocument",
            "MilestoneUpdateDocument",
            "Relation",
            "SupportService",
        ),
        # what staff record about the register itself
        *("Check", "Revision", "Withdrawal", "Redaction", "SignInFailure", "SiteState"),
    }


def test_dates_end_in_on_and_times_in_at():
    misnamed = [
        f"{model.__name__}.{field.name}"
        for model in find_models()
        for field in model._meta.get_fields()
        if (isinstance(field, models.DateTimeField) and not re.search(r"(^|_)at$", field.name))
        or (
            isinstance(field, models.DateField)
            and not isinstance(field, models.DateTimeField)
            and not re.search(r"(^|_)on$|(^|_)as_of$|^status_since$", field.name)
        )
    ]

    assert misnamed == []


def test_each_choice_is_held_by_the_database_too():
    unheld = [
        f"{model.__name__}.{field.name}"
        for model in find_models()
        for field in model._meta.concrete_fields
        if field.choices
        and not any(
            f"('{field.name}__in'" in str(constraint.condition)
            for constraint in model._meta.constraints
            if isinstance(constraint, models.CheckConstraint)
        )
    ]

    assert unheld == []


def test_constraints_are_named_by_a_sentence():
    verbs = re.compile(r"_(is|are|has|cites|joins|meets|names)_")

    assert [
        constraint.name
        for model in find_models()
        for constraint in model._meta.constraints
        if not verbs.search(constraint.name)
    ] == []


def test_slugs_have_room_for_120_letters():
    assert {
        field.max_length
        for model in find_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.SlugField)
    } == {120}
