"""Which files a command is to read: files, folders with all images in them, and patterns."""

from __future__ import annotations

from collections.abc import Iterable
from glob import glob, has_magic
from pathlib import Path

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


def image_files(named: Iterable[str]) -> list[Path]:
    """The files that are named, each once: of folders all images in them and below, sorted.

    What does not exist is kept, so that reading it says so, unless it is a pattern.
    """
    found: dict[Path, None] = {}
    for name in named:
        path = Path(name)
        if path.is_dir():
            found |= dict.fromkeys(images_below(path))
        elif has_magic(name) and not path.exists():
            matches = (Path(match) for match in sorted(glob(name, recursive=True)))
            found |= dict.fromkeys(match for match in matches if match.is_file())
        else:
            found[path] = None
    return list(found)


def images_below(folder: Path) -> list[Path]:
    """All images in a folder and below it, sorted."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file())
