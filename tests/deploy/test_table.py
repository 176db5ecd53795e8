"""Documents as a person reads them."""

from deploy.table import fields_table, findings, sentence, succeeded
from tests.fake_service import NO_CARD, QUEUED, SUCCEEDED


def test_a_line_a_field_in_the_order_of_the_contract():
    lines = fields_table(SUCCEEDED).splitlines()
    assert len(lines) == 15
    assert lines[0].split() == ["identityId", "3171234567890123"]
    assert lines[10].split() == ["rtrw", "-"]
    assert len({line.rindex("  ") for line in lines}) == 1


def test_confidence_stands_before_the_values_and_extra_fields_behind_them():
    confidence = dict.fromkeys(SUCCEEDED["data"]["result"]) | {"fullName": 0.9871, "gender": 1.0}
    extra = {"bloodType": "O", "validUntil": None}
    lines = fields_table({"data": {**SUCCEEDED["data"], "confidence": confidence, "extra": extra}}).splitlines()
    assert lines[1].split() == ["fullName", "98.7", "%", "SITI"]
    assert lines[4].split() == ["gender", "100.0", "%", "X"]
    assert lines[10].split() == ["rtrw", "-"]
    assert [line.split() for line in lines[15:]] == [["bloodType", "O"], ["validUntil", "-"]]
    assert len({line.rindex("  ") for line in lines}) == 1


def test_quality_is_a_line_a_measure():
    quality = {
        "blur": {"value": 0.1, "verdict": "good"},
        "glare": {"value": 0.3, "verdict": "poor", "fields": ["fullName", "city"]},
    }
    document = {"data": {"information": {"tilt": 0.0}, "quality": quality}}
    assert findings(document).splitlines()[1:] == ["  blur: good (0.1)", "  glare: poor (0.3), over fullName, city"]


def test_findings_are_how_the_card_lay_and_what_is_odd_in_its_fields():
    assert findings({"data": {"information": {"tilt": 3.5, "flipped": True}}}) == "  tilt: 3.5, flipped: true"
    issue = {"code": "serial_zero", "severity": "error", "message": "From 0001."}
    fields = {"identityId": {"valid": False, "issues": [issue]}, "rtrw": {"valid": True, "issues": []}}
    document = {"data": {"information": {"tilt": 0.0}, "validation": {"valid": False, "fields": fields}}}
    assert findings(document).splitlines()[1:] == ["  identityId: error: From 0001."]


def test_what_went_wrong_is_one_sentence():
    assert sentence(NO_CARD) == "No card was found in the image. (card_not_found)"
    validation = {"message": "Input payload validation failed.", "errors": {"image": ["Too short."], "errorId": "x"}}
    assert sentence(validation) == "Input payload validation failed. image: Too short."
    assert sentence({"message": "No such file or directory"}) == "No such file or directory"
    assert sentence({"message": "Cancelled.", "data": {"status": "cancelled"}}) == "Cancelled. (status: cancelled)"
    assert sentence({}) == "The service gave no reason."


def test_only_a_result_counts_as_success():
    assert succeeded(SUCCEEDED)
    assert not any(succeeded(document) for document in (NO_CARD, QUEUED, {}, {"data": None}))
