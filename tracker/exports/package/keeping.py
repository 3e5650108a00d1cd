"""The package that was built last, if it is whole: what `/data/` offers and sends."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CURRENT, MANIFEST, SUMS = "current", "register.json", "SHA256SUMS"


@dataclass(frozen=True)
class KeptFile:
    path: Path
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Package:
    """What the package says of itself, and its files by name."""

    about: dict[str, Any]
    files: dict[str, KeptFile]


def write_sums(files: list[dict[str, Any]], manifest: bytes) -> str:
    """Return the sums of all files in the form that `sha256sum -c` reads."""
    sums = [*((each["sha256"], each["name"]) for each in files), (hashlib.sha256(manifest).hexdigest(), MANIFEST)]
    return "".join(f"{digest}  {name}\n" for digest, name in sums)


def find_package(folder: Path) -> Package | None:
    """Return the package that stands in a folder; None if there is none, or a file is missing or half."""
    present = (folder / CURRENT).resolve()
    try:
        manifest = (present / MANIFEST).read_bytes()
        sums = (present / SUMS).read_bytes()
        about = json.loads(manifest)
        described = [*about["files"], _describe(MANIFEST, manifest), _describe(SUMS, sums)]
        files = {each["name"]: KeptFile(present / each["name"], each["bytes"], each["sha256"]) for each in described}
        is_whole = sums.decode() == write_sums(about["files"], manifest)
        is_whole &= all(each.path.stat().st_size == each.bytes for each in files.values())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Package(about, files) if is_whole else None


def _describe(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
