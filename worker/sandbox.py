"""What the sandbox answers: the same fictional person whenever a job succeeds, and the errors that were asked for."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from shared.records import Outcome, ReadRequest
from shared.sandbox import JOB_ERRORS, WEBHOOK_TEST
from worker.outcome import outcome_of
from worker.pipeline.types import CardCrops, CardReading, ExtraFields, KtpFields, Quality, QualityMeasure
from worker.pipeline.validate import validate_fields

_FIELDS = KtpFields(
    identity_id="3273014507900003",
    full_name="SITI SPECIMEN",
    birth_place="BANDUNG",
    birth_date="05-07-1990",
    gender="PEREMPUAN",
    address="JL. CONTOH NO. 1",
    province="JAWA BARAT",
    city="KOTA BANDUNG",
    district="SUKASARI",
    village="SUKARASA",
    rtrw="001/002",
    religion="ISLAM",
    marital_status="BELUM KAWIN",
    occupation="KARYAWAN SWASTA",
    nationality="WNI",
)
_NAMES = tuple(vars(_FIELDS))
_CONFIDENCE = 0.99
_EXTRA = ExtraFields(blood_type="O", valid_until="SEUMUR HIDUP", issued_place="KOTA BANDUNG", issued_date="21-03-2018")
_GOOD = QualityMeasure(1.0, "good")


def play(request: ReadRequest) -> Outcome:
    """The outcome of a job of the sandbox; raises the error that its scenario names."""
    error = JOB_ERRORS.get(request.sandbox or "")
    if error is not None:
        raise error()
    wanted = frozenset(request.include)
    reading = CardReading(
        _FIELDS,
        tilt=0.0,
        card_detected=request.card_detect,
        flipped=False,
        validation=validate_fields(_FIELDS) if request.validate_result else None,
        confidence=dict.fromkeys(_NAMES, _CONFIDENCE) if "confidence" in wanted else None,
        boxes={name: _box(number) for number, name in enumerate(_NAMES)} if "boxes" in wanted else None,
        quality=Quality(_GOOD, _GOOD, _GOOD, _GOOD, _GOOD, _GOOD, glare_fields=()) if "quality" in wanted else None,
        extra=_EXTRA if "extra" in wanted else None,
        crops=CardCrops(_picture(90, 120), _picture(120, 40)) if "crops" in wanted else None,
    )
    outcome = outcome_of(reading, request)
    # A test is made by keys that are charged, too.
    return replace(outcome, charged=False) if request.sandbox == WEBHOOK_TEST else outcome


def _box(number: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A place of its own for each field, as on a card of 1024 x 646 pixels."""
    top = 60.0 + 36 * number
    return np.array([[280.0, top], [640.0, top], [640.0, top + 26], [280.0, top + 26]])


def _picture(width: int, height: int) -> bytes:
    """A grey JPEG that says what it is."""
    pixels = np.full((height, width, 3), 200, dtype=np.uint8)
    cv2.putText(pixels, "SPECIMEN", (4, height // 2), cv2.FONT_HERSHEY_SIMPLEX, width / 200, (90, 90, 90))
    return cv2.imencode(".jpg", pixels)[1].tobytes()
