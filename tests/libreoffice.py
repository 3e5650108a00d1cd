"""Opens files in LibreOffice without a window, and reads what it made of each cell."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.programs import need

OFFICE, TABLE, TEXT, CALC = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text", "calcext")
)
# As its dialog would say it: commas, quotes, UTF-8, from the first line on, finding dates and numbers by itself.
COMMAS = "CSV:44,34,76,1,,0,false,true"


@dataclass(frozen=True)
class Cell:
    """What LibreOffice holds in a cell: its type, the value as text, and the formula that made it, if any."""

    kind: str
    value: str
    formula: str | None = None


Sheet = list[list[Cell]]


def open_files(folder: Path, *files: Path) -> dict[str, dict[str, Sheet]]:
    """Return the sheets of each file, by their names. Files that end in .csv and others go in different calls."""
    # A profile of its own: nobody's settings count, and two may run side by side.
    command = [need("soffice"), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    command += [f"--infilter={COMMAS}"] if files[0].suffix == ".csv" else []
    written = folder / f"from-{files[0].suffix[1:]}"
    command += ["--convert-to", "fods", "--outdir", str(written), *map(str, files)]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    return {file.name: read_sheets(written / f"{file.stem}.fods") for file in files}


def read_sheets(path: Path) -> dict[str, Sheet]:
    root = ElementTree.parse(path).getroot()  # noqa: S314 - LibreOffice wrote it for this test
    return {table.attrib[f"{TABLE}name"]: list(read_rows(table)) for table in root.iter(f"{TABLE}table")}


def read_rows(table: ElementTree.Element) -> Iterator[list[Cell]]:
    """Yield each row that has something in it, without the empty cells after its last."""
    for row in table.iter(f"{TABLE}table-row"):
        cells = [
            cell
            for element in row.findall(f"{TABLE}table-cell")
            for cell in [read_cell(element)] * int(element.get(f"{TABLE}number-columns-repeated", "1"))
        ]
        while cells and cells[-1] == EMPTY:
            cells.pop()
        yield from [cells] * int(row.get(f"{TABLE}number-rows-repeated", "1")) if cells else []


def read_cell(element: ElementTree.Element) -> Cell:
    kind = element.get(f"{CALC}value-type") or element.get(f"{OFFICE}value-type", "")
    shown = "\n".join(read_paragraph(paragraph) for paragraph in element.findall(f"{TEXT}p"))
    values = (element.get(f"{OFFICE}{name}") for name in ("date-value", "boolean-value", "value"))
    return Cell(kind, next((value for value in values if value), shown), element.get(f"{TABLE}formula"))


def read_paragraph(element: ElementTree.Element) -> str:
    """Return the words of a paragraph, with the spaces and tabs that ODF has elements for."""
    parts = [element.text or ""]
    for child in element:
        own = {f"{TEXT}s": " " * int(child.get(f"{TEXT}c", "1")), f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}
        parts += [own.get(child.tag) or read_paragraph(child), child.tail or ""]
    return "".join(parts)


EMPTY = Cell("", "")
