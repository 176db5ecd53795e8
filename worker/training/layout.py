"""Where each text stands on a card: the measured layout, and the runs of text that a person's card gets."""

from __future__ import annotations

from dataclasses import dataclass, replace

from worker.training.fonts import AnyFace, em_for_cap_height, load_font
from worker.training.person import Person
from worker.training.style import CardStyle

CARD_WIDTH = 1600
CARD_HEIGHT = 1009
"""Pixels of a rendered card: the ratio 1.586 of ID-1 (85.60 x 53.98 mm)."""
CORNER_RADIUS = round(3.18 / 85.60 * CARD_WIDTH)

# Measured on published dummy and blank cards, as fractions of width (x) or height (y); they agree within 0.006.
PHOTO_BOX = (0.72, 0.27, 0.95, 0.725)
SIGNATURE_BOX = (0.745, 0.835, 0.905, 0.955)
_HEADER_YC = (0.064, 0.136)
_HEADER_CAP = 0.038
_HEADER_MAX_WIDTH = 0.9
_NIK_YC = 0.253
_NIK_LABEL_CAP = 0.037
_NIK_CAP = 0.042
_NIK_COLON_X = 0.232
_NIK_X = 0.264
_NIK_PITCH = 0.0238
_NIK_STROKE = 0.0006
_LABEL_X = 0.044
_INDENTED_LABEL_X = 0.096
_COLON_X = 0.259
_VALUE_X = 0.276
_VALUE_MAX_X = 0.706
_FIRST_ROW_YC = 0.323
_LAST_ROW_MAX_YC = 0.93
_ROW_CAP = 0.0275
_LABEL_CAP = 0.0262
_LABEL_MAX_WIDTH = 0.208
_BLOOD_LABEL_X = 0.495
_BLOOD_LABEL_WIDTH = 0.135
_BLOOD_VALUE_X = 0.640
_ISSUE_XC = 0.823
_ISSUE_YC = (0.756, 0.806)
_ISSUE_CAP = 0.0265
_ISSUE_MAX_WIDTH = 0.25


@dataclass(frozen=True)
class Part:
    """A piece of a run that is of one field: `name` as in KtpFields, or label, blood_type, valid_until, issued_…"""

    name: str
    text: str


@dataclass(frozen=True)
class Run:
    """Text on one line in one face. `x` (left edge) and `yc` (middle of the capitals) and `em` are in card pixels;
    `spacing` is put between letters, `pitch` (if not 0) is the width of each letter's cell, `stroke` thickens the
    letters on each side, all in pixels."""

    parts: tuple[Part, ...]
    face: AnyFace
    em: float
    x: float
    yc: float
    spacing: float = 0.0
    pitch: float = 0.0
    stroke: float = 0.0

    @property
    def text(self) -> str:
        """The whole text of the line."""
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True)
class _Row:
    label: str
    values: tuple[Part, ...]
    indented: bool = False


def run_width(text: str, face: AnyFace, em: float, spacing: float) -> float:
    """Width in pixels of text that is set letter by letter."""
    font = load_font(face, em)
    return sum(font.getlength(letter) + spacing for letter in text)


def _rows(person: Person) -> tuple[_Row, ...]:
    f = person.fields
    birth = (Part("birth_place", f.birth_place or ""), Part("label", ", "), Part("birth_date", f.birth_date or ""))
    return (
        _Row("Nama", (Part("full_name", f.full_name or ""),)),
        _Row("Tempat/Tgl Lahir", birth),
        _Row("Jenis Kelamin", (Part("gender", f.gender or ""),)),
        _Row("Alamat", (Part("address", f.address or ""),)),
        _Row("RT/RW", (Part("rtrw", f.rtrw or ""),), indented=True),
        _Row("Kel/Desa", (Part("village", f.village or ""),), indented=True),
        _Row("Kecamatan", (Part("district", f.district or ""),), indented=True),
        _Row("Agama", (Part("religion", f.religion or ""),)),
        _Row("Status Perkawinan", (Part("marital_status", f.marital_status or ""),)),
        _Row("Pekerjaan", (Part("occupation", f.occupation or ""),)),
        _Row("Kewarganegaraan", (Part("nationality", f.nationality or ""),)),
        _Row("Berlaku Hingga", (Part("valid_until", person.valid_until),)),
    )


@dataclass(frozen=True)
class _Setter:
    """Sets text in the style's faces and shifts it as the style says."""

    style: CardStyle

    def run(self, parts: tuple[Part, ...], x: float, yc: float, cap: float, bold: bool) -> Run:
        face = self.style.typeface.face(bold)
        em = em_for_cap_height(face, cap * CARD_HEIGHT * self.style.text_scale)
        left, middle = (x + self.style.shift_x) * CARD_WIDTH, (yc + self.style.shift_y) * CARD_HEIGHT
        return Run(parts, face, em, left, middle, self.style.letter_spacing * em)

    def centred(self, part: Part, xc: float, yc: float, cap: float, bold: bool, max_width: float) -> Run:
        run = self.run((part,), xc, yc, cap, bold)
        width = run_width(run.text, run.face, run.em, run.spacing)
        shrink = min(1.0, max_width * CARD_WIDTH / width) if width else 1.0
        left = run.x - width * shrink / 2
        return replace(run, em=run.em * shrink, x=left, spacing=run.spacing * shrink)

    def label(self, text: str, x: float, yc: float, max_width: float) -> Run:
        run = self.run((Part("label", text),), x, yc, _LABEL_CAP, False)
        width = run_width(text, run.face, run.em, run.spacing)
        shrink = min(1.0, max_width * CARD_WIDTH / width)
        return replace(run, em=run.em * shrink, spacing=run.spacing * shrink)

    def wrap(self, parts: tuple[Part, ...]) -> list[tuple[Part, ...]]:
        """Breaks a value of one part at blanks where it is wider than the column of values."""
        room = (_VALUE_MAX_X - _VALUE_X) * CARD_WIDTH
        probe = self.run(parts, _VALUE_X, 0.0, _ROW_CAP, self.style.bold_values)
        if len(parts) > 1:
            return [parts]
        lines: list[str] = []
        for word in probe.text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and run_width(longer, probe.face, probe.em, probe.spacing) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return [(Part(parts[0].name, line),) for line in lines]


def _header_and_nik(person: Person, setter: _Setter) -> list[Run]:
    province = Part("province", f"PROVINSI {person.fields.province or ''}")
    city = Part("city", person.fields.city or "")
    nik = setter.run((Part("identity_id", person.fields.identity_id or ""),), _NIK_X, _NIK_YC, _NIK_CAP, False)
    em = em_for_cap_height(setter.style.nik_face, _NIK_CAP * CARD_HEIGHT)
    return [
        setter.centred(province, 0.5, _HEADER_YC[0], _HEADER_CAP, True, _HEADER_MAX_WIDTH),
        setter.centred(city, 0.5, _HEADER_YC[1], _HEADER_CAP, True, _HEADER_MAX_WIDTH),
        setter.run((Part("label", "NIK"),), _LABEL_X, _NIK_YC, _NIK_LABEL_CAP, True),
        setter.run((Part("label", ":"),), _NIK_COLON_X, _NIK_YC, _NIK_LABEL_CAP, True),
        Run(
            nik.parts,
            setter.style.nik_face,
            em,
            nik.x,
            nik.yc,
            pitch=_NIK_PITCH * CARD_WIDTH,
            stroke=_NIK_STROKE * CARD_WIDTH,
        ),
    ]


def _table(person: Person, setter: _Setter) -> list[Run]:
    bold = setter.style.bold_values
    rows = [(row, setter.wrap(row.values)) for row in _rows(person)]
    line_count = sum(max(len(lines), 1) for _, lines in rows)
    pitch = min(setter.style.row_pitch, (_LAST_ROW_MAX_YC - _FIRST_ROW_YC) / (line_count - 1))
    runs: list[Run] = []
    yc = _FIRST_ROW_YC
    for row, lines in rows:
        label_x = _INDENTED_LABEL_X if row.indented else _LABEL_X
        runs.append(setter.label(row.label, label_x, yc, _LABEL_MAX_WIDTH))
        runs.append(setter.run((Part("label", ":"),), _COLON_X, yc, _ROW_CAP, False))
        if row.label == "Jenis Kelamin":
            runs.append(setter.label("Gol. Darah :", _BLOOD_LABEL_X, yc, _BLOOD_LABEL_WIDTH))
            runs.append(setter.run((Part("blood_type", person.blood_type),), _BLOOD_VALUE_X, yc, _ROW_CAP, bold))
        for line, parts in enumerate(lines):
            runs.append(setter.run(parts, _VALUE_X, yc + line * pitch, _ROW_CAP, bold))
        yc += max(len(lines), 1) * pitch
    return runs


def lay_out(person: Person, style: CardStyle) -> tuple[Run, ...]:
    """All runs of text on the person's card; long values wrap and push the rows below them down."""
    setter = _Setter(style)
    issue = (Part("issued_place", person.issued_place), Part("issued_date", person.issued_date))
    issued = [
        setter.centred(part, _ISSUE_XC, yc, _ISSUE_CAP, False, _ISSUE_MAX_WIDTH)
        for part, yc in zip(issue, _ISSUE_YC, strict=True)
    ]
    return (*_header_and_nik(person, setter), *_table(person, setter), *issued)
