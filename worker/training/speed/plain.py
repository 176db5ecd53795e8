"""What somebody builds in an afternoon: PaddleOCR's lines and some regular expressions. To compare with, no more."""

from __future__ import annotations

import re
from collections.abc import Sequence

from worker.engines.paddle_default import PlainLine
from worker.pipeline.types import KtpFields

_LABELS = {
    "identity_id": r"NIK",
    "full_name": r"Nama",
    "birth": r"Tempat\s*/?\s*Tgl\.?\s*Lahir",
    "gender": r"Jenis\s*Kelamin",
    "address": r"Alamat",
    "rtrw": r"RT\s*/?\s*RW",
    "village": r"Kel\s*/?\s*Desa",
    "district": r"Kecamatan",
    "religion": r"Agama",
    "marital_status": r"Status\s*Perkawinan",
    "occupation": r"Pekerjaan",
    "nationality": r"Kewarganegaraan",
}


def parse_plainly(lines: Sequence[PlainLine]) -> KtpFields:
    """Fields by label: the rest of the label's line, or else the nearest line to its right at the same height."""
    found = {name: _value(lines, pattern) for name, pattern in _LABELS.items()}
    birth = re.match(r"(.*?)[,.\s]+(\d\d-\d\d-\d{4})", found.pop("birth") or "")
    texts = [line.text.upper().strip() for line in lines]
    province = next((text.removeprefix("PROVINSI").strip() for text in texts if text.startswith("PROVINSI")), None)
    city = next((text for text in texts if re.match(r"(KABUPATEN|KOTA|JAKARTA)\b", text)), None)
    gender = re.match(r"LAKI-LAKI|PEREMPUAN", found.pop("gender") or "")
    return KtpFields(
        **found,
        birth_place=birth[1] if birth else None,
        birth_date=birth[2] if birth else None,
        gender=gender[0] if gender else None,
        province=province,
        city=city,
    )


def _value(lines: Sequence[PlainLine], pattern: str) -> str | None:
    for label in lines:
        match = re.match(rf"\s*{pattern}\s*:?\s*(.*)", label.text, re.IGNORECASE)
        if match is None:
            continue
        rest = match[1] or _right_of(lines, label)
        return re.sub(r"^[\s:.]+", "", rest).upper().strip() or None
    return None


def _right_of(lines: Sequence[PlainLine], label: PlainLine) -> str:
    middle = (label.top + label.bottom) / 2
    beside = [line for line in lines if line.left > label.left + 5 and line.top <= middle <= line.bottom]
    beside = [line for line in beside if line.text.strip() not in (":", "")]
    return min(beside, key=lambda line: line.left).text if beside else ""
