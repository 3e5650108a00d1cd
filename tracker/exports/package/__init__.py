"""The whole register as files: a zip of CSV, JSON Lines and SQLite, built by `export_register` and sent by `/data/`."""

from tracker.exports.package.building import build_package
from tracker.exports.package.describing import ESCAPED, OWN, NothingToExport, Stand
from tracker.exports.package.fields import VOCABULARIES, Field, Table, list_words
from tracker.exports.package.keeping import MANIFEST, SUMS, KeptFile, Package, find_package
from tracker.exports.package.tables import TABLES
from tracker.exports.package.writing import Inconsistent

__all__ = [
    "ESCAPED",
    "MANIFEST",
    "OWN",
    "SUMS",
    "TABLES",
    "VOCABULARIES",
    "Field",
    "Inconsistent",
    "KeptFile",
    "NothingToExport",
    "Package",
    "Stand",
    "Table",
    "build_package",
    "find_package",
    "list_words",
]
