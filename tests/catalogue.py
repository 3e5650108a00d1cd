"""The Welsh catalogue: what the code and the templates say, what the .po file holds, and its compiled form.

`make welsh` brings django.po up to date with the code and compiles it. No gettext tools are needed.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
PO = ROOT / "tracker/locale/cy/LC_MESSAGES/django.po"
MO = PO.with_suffix(".mo")
WIDTH = 110  # of its lines

# What each function of gettext is given, in order.
GIVEN = {
    "gettext": ("msgid",),
    "gettext_noop": ("msgid",),
    "ngettext": ("msgid", "plural"),
    "pgettext": ("context", "msgid"),
    "npgettext": ("context", "msgid", "plural"),
}
NAMES = {"_": "gettext", "_lazy": "gettext"} | {f"{name}{lazy}": name for name in GIVEN for lazy in ("", "_lazy")}
STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b({'|'.join(sorted(NAMES, key=len, reverse=True))})\(\s*({STRING}(?:\s*,\s*{STRING})*)")
# One, two, three and six change the word that follows; up to ten it stays singular; above, "o" and the plural.
FORMS = "nplurals=6; plural=(n==1 ? 0 : n==2 ? 1 : n==3 ? 2 : n==6 ? 3 : n<=10 ? 4 : 5);"


@dataclass
class Message:
    """Words to translate, and the files that say them."""

    msgid: str
    plural: str = ""
    context: str | None = None
    files: set[str] = field(default_factory=set)


def extract() -> dict[tuple[str | None, str], Message]:
    """Return every message of the code and of the templates, by context and words."""
    found: dict[tuple[str | None, str], Message] = {}
    for path in sorted([*(ROOT / "tracker").rglob("*.py"), *(ROOT / "templates").rglob("*.*")]):
        list_messages = _read_code if path.suffix == ".py" else _read_template
        for given in list_messages(path.read_text()):
            message = found.setdefault((given.get("context"), given["msgid"]), Message(**given))
            message.plural = message.plural or given.get("plural", "")
            message.files.add(path.relative_to(ROOT).as_posix())
    return found


def _read_code(text: str) -> Iterator[dict[str, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and (name := NAMES.get(getattr(node.func, "id", ""))):
            yield dict(zip(GIVEN[name], map(ast.literal_eval, node.args), strict=False))


def _read_template(text: str) -> Iterator[dict[str, str]]:
    for name, words in CALL.findall(templatize(text)):
        yield dict(zip(GIVEN[NAMES[name]], ast.literal_eval(f"({words},)"), strict=False))


def read() -> polib.POFile:
    return polib.pofile(str(PO), wrapwidth=WIDTH)


def update() -> polib.POFile:
    """Return the .po file with what the code says now: what is new is empty, what is said no more is gone."""
    kept = {(entry.msgctxt, entry.msgid): entry for entry in read()}
    catalogue = polib.POFile(wrapwidth=WIDTH)
    catalogue.metadata = {
        "Language": "cy",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": FORMS,
    }
    for key, message in sorted(extract().items(), key=lambda item: (min(item[1].files), item[0][1])):
        entry = kept.get(key)
        if entry is None or entry.msgid_plural != message.plural:
            empty = dict.fromkeys(range(6), "") if message.plural else None
            entry = polib.POEntry(
                msgctxt=message.context, msgid=message.msgid, msgid_plural=message.plural, msgstr_plural=empty
            )
        entry.occurrences = [(name, "") for name in sorted(message.files)]
        catalogue.append(entry)
    return catalogue


if __name__ == "__main__":
    catalogue = update()
    catalogue.save(str(PO))
    catalogue.save_as_mofile(str(MO))
    print(f"{len(catalogue)} messages, {len(catalogue.untranslated_entries())} without Welsh words.")
