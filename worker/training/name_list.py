"""Writes worker/ktp/names.txt, words that names are made of: `python -m worker.training.name_list` with Faker.

Faker (40.54.0, MIT licence) brings common first and last names. Balinese names, which begin with I or NI and go on with
the order of birth, are added: no other names are glued as often.
"""

from __future__ import annotations

from pathlib import Path

TARGET = Path(__file__).parents[1] / "ktp" / "names.txt"
BALINESE = (
    *("I", "NI", "IDA", "ANAK", "AGUNG", "GUSTI", "DEWA", "COKORDA", "DESAK", "SANG", "AYU", "BAGUS", "LUH", "GEDE"),
    *("PUTU", "WAYAN", "MADE", "KADEK", "NENGAH", "NYOMAN", "KOMANG", "KETUT", "SAGUNG"),
)


def write_names(target: Path) -> int:
    """Write all names to `target`, a line each, upper case, sorted; gives their number."""
    from faker.providers.person.id_ID import Provider

    listed = (*Provider.first_names, *Provider.last_names, *BALINESE)
    words = sorted({word for name in listed for word in name.upper().split() if word.isalpha()})
    target.write_text("\n".join(words) + "\n", encoding="ascii")
    return len(words)


if __name__ == "__main__":
    print(f"{write_names(TARGET)} names written to {TARGET.name}")
