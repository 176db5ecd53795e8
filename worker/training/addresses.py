"""Invents street addresses and RT/RW numbers in the forms that cards print."""

from __future__ import annotations

import numpy as np

from worker.training.names import pick

_STREETS = (
    *("MELATI", "KENANGA", "DIPONEGORO", "JENDERAL SUDIRMAN", "AHMAD YANI", "PAHLAWAN", "CENDRAWASIH", "MAWAR"),
    *("RAYA PASAR MINGGU", "GATOT SUBROTO", "TEUKU UMAR", "HASANUDDIN", "KH. WAHID HASYIM", "PROF. DR. SOEPOMO"),
    *("IMAM BONJOL", "GUNUNG AGUNG", "PULAU MOYO", "BUKIT BARISAN", "PERINTIS KEMERDEKAAN", "SUNAN KALIJAGA"),
)
_ESTATES = ("GRIYA ASRI", "TAMAN INDAH", "BUMI PERMATA", "PESONA ALAM", "VILLA MUTIARA", "PURI KENCANA LESTARI")
_HAMLETS = ("SUKAMAJU", "KARANGANYAR", "PASIR PUTIH", "KRAJAN", "BABAKAN", "CIKUPA", "SIDOMULYO", "REJOSARI")
_BANJAR = ("TEGEH SARI", "KAJA", "PANDE", "GUNUNG SARI", "DUKUH MERTAJATI")
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "IX")


def _house(rng: np.random.Generator) -> str:
    number = str(int(rng.integers(1, 220)))
    form = pick(("NO. {}", "NO {}", "NO.{}", "NO. {}A", "NO {}/B", "{}"), rng)
    return form.format(number)


def _plain_street(rng: np.random.Generator) -> str:
    kind = pick(("JL.", "JL", "JLN.", "JALAN", "GG."), rng)
    ordinal = f" {pick(_ROMAN, rng)}" if rng.random() < 0.3 else ""
    return f"{kind} {pick(_STREETS, rng)}{ordinal} {_house(rng)}"


def _estate(rng: np.random.Generator) -> str:
    kind = pick(("PERUM", "PERUMAHAN", "KOMPLEK", "KOMP.", "BTN"), rng)
    block = f"BLOK {pick('ABCDEFGHK', rng)}{int(rng.integers(1, 30))}"
    return f"{kind} {pick(_ESTATES, rng)} {block} {_house(rng)}"


def _hamlet(rng: np.random.Generator) -> str:
    return f"{pick(('DUSUN', 'KP.', 'KAMPUNG', 'LINGKUNGAN', 'DSN.'), rng)} {pick(_HAMLETS, rng)}"


def random_address(province: str, rng: np.random.Generator) -> str:
    """An address of one line, or (about one in five) so long that the card wraps it onto two."""
    kind = rng.random()
    if province == "BALI" and kind < 0.4:
        return f"BR. {pick(_BANJAR, rng)}"
    if kind < 0.5:
        return _plain_street(rng)
    if kind < 0.68:
        return _estate(rng)
    if kind < 0.8:
        return _hamlet(rng)
    if kind < 0.9:
        return f"{_plain_street(rng)} {_hamlet(rng)}"
    return f"{_plain_street(rng)} {_estate(rng)}"


def random_rtrw(rng: np.random.Generator) -> str:
    """RT/RW: mostly three digits each, at times two, and 000 where a place has none."""
    rt, rw = int(rng.integers(1, 21)), int(rng.integers(1, 16))
    kind = rng.random()
    if kind < 0.84:
        return f"{rt:03d}/{rw:03d}"
    if kind < 0.92:
        return f"{rt:02d}/{rw:02d}"
    return f"{rt:03d}/000" if kind < 0.97 else "000/000"
