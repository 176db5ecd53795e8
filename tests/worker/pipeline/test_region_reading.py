"""The list decides what the strips leave open of the regions' names, and never against what they show for sure."""

import numpy as np
import pytest
from made_strips import NO_STEPS, NO_STRIP, make_strip

from worker.ktp.regions import children_of
from worker.pipeline.readings import NOTHING
from worker.pipeline.region_reading import read_regions

LEVELS = ("province", "city", "district", "village")


def read(province="PROVINSI JAWA BARAT", city="KOTA BANDUNG", district="SUKASARI", village="SUKARASA", nik=None):
    strips = [make_strip(each) if isinstance(each, str) else each for each in (province, city, district, village)]
    return read_regions(*strips, nik)


def values(found):
    return [found.fields[level].value for level in LEVELS]


def damaged(text, changes, certainty=0.5, right=0.45):
    """A strip that reads other letters at some places, with the right ones almost as likely."""
    letters = list(text)
    for place, letter in changes.items():
        letters[place] = letter
    rivals = {place: {text[place]: right} for place in changes}
    return make_strip("".join(letters), dict.fromkeys(changes, certainty), rivals)


def test_a_clear_card():
    found = read()
    assert values(found) == ["JAWA BARAT", "KOTA BANDUNG", "SUKASARI", "SUKARASA"]
    assert found.city_code == "3273"
    for level in LEVELS:
        assert found.fields[level].known
        assert found.fields[level].log_probability == pytest.approx(0, abs=0.01)


def test_a_doubtful_village_is_decided_by_the_list_of_its_district():
    strip = damaged("SUKARASA", {1: "X", 3: "Q", 5: "Z", 7: "W"})
    assert strip.text == "SXKQRZSW"
    assert "SUKARASA" in {each.name for each in children_of("327301")}
    found = read(village=strip)
    assert found.fields["village"].value == "SUKARASA"
    assert found.fields["village"].known
    assert found.fields["village"].log_probability < np.log(0.5)
    elsewhere = read(district="COBLONG", village=strip).fields["village"]
    assert (elsewhere.value, elsewhere.known) == (strip.text, False)


def test_two_listed_names_that_are_about_as_near_leave_it_as_it_was_read():
    places = {10: "IU", 11: "DL", 12: "UO", 13: "LN"}
    rivals = {place: dict.fromkeys(pair, 0.29) for place, pair in places.items()}
    both = make_strip("ANTAPANI KXQZW", dict.fromkeys(places, 0.4), rivals)
    reading = read(district="ANTAPANI", village=both).fields["village"]
    assert (reading.value, reading.known) == ("ANTAPANI KXQZW", False)
    rivals = {place: {pair[0]: 0.35, pair[1]: 0.01} for place, pair in places.items()}
    one = make_strip("ANTAPANI KXQZW", dict.fromkeys(places, 0.4), rivals)
    assert read(district="ANTAPANI", village=one).fields["village"].value == "ANTAPANI KIDUL"


def test_a_listed_name_that_the_strip_hardly_shows_does_not_count():
    strip = damaged("SUKARASA", {1: "X", 3: "Q", 5: "Z", 7: "W"}, 0.97, 0.01)
    assert read(village=strip).fields["village"].value == strip.text


def test_where_the_reader_doubts_its_text_the_listed_name_may_be_far_less_likely():
    strip = damaged("SUKARASA", {1: "X", 3: "Q", 5: "Z", 7: "W"}, 0.8, 0.02)
    reading = read(village=strip).fields["village"]
    assert (reading.value, reading.known) == ("SUKARASA", True)
    assert reading.log_probability < 4 * np.log(0.03)


def test_another_spelling_of_the_listed_name_stays_though_the_reader_doubts_it():
    def read_district(printed):
        regions = read("PROVINSI SUMATERA BARAT", "KOTA BUKITTINGGI", printed, NO_STRIP)
        return regions.fields["district"].value

    # GUGUAK PANJANG is listed; the strip shows its A hardly, or nearly as well as nothing, beside a doubtful N.
    for letter, district in ((0.004, "GUGUK PANJANG"), (0.05, "GUGUAK PANJANG")):
        strip = make_strip("GUGUAK PANJANG", {4: letter, 9: 0.8}, {4: {"\0": 0.9}})
        assert strip.text == "GUGUK PANJANG"
        assert read_district(strip) == district


def test_the_number_tells_the_city_from_the_regency_of_its_name():
    for nik, code in (("3273014507900003", "3273"), ("3204014507900003", "3204"), (None, None)):
        assert read(city="BANDUNG", district=NO_STRIP, village=NO_STRIP, nik=nik).city_code == code


def test_a_doubtful_district_is_decided_by_the_list_of_its_city():
    strip = damaged("ANTAPANI", {0: "X", 2: "Q", 4: "Z", 6: "W"})
    assert values(read(district=strip, village="ANTAPANI KIDUL"))[2:] == ["ANTAPANI", "ANTAPANI KIDUL"]
    assert values(read(city="KOTA MEDAN", province="PROVINSI SUMATERA UTARA", district=strip))[2] == strip.text


def test_a_doubtful_city_is_decided_by_the_list_of_its_province():
    strip = damaged("KOTA BANDUNG", {5: "X", 7: "Q", 9: "Z", 11: "W"})
    found = read(city=strip, district="SUKASARI")
    assert found.fields["city"].value == "KOTA BANDUNG"
    assert found.city_code == "3273"


def test_a_doubtful_province_is_decided_by_the_list():
    strip = damaged("PROVINSI JAWA BARAT", {10: "X", 12: "Q", 15: "Z", 17: "W"})
    assert values(read(province=strip, city=NO_STRIP, district=NO_STRIP, village=NO_STRIP))[0] == "JAWA BARAT"


@pytest.mark.parametrize("village", ["KAMPUNG BARU MAKMUR", "SUKAMERDEKA", "GUNUNG X"])
def test_a_sure_name_that_is_not_listed_stays(village):
    reading = read(village=village).fields["village"]
    assert (reading.value, reading.known) == (village, False)
    assert reading.log_probability == pytest.approx(0, abs=0.01)


def test_glued_print_stays_glued_where_the_strip_shows_it():
    found = read(district="COBLONG", village="LEBAKGEDE")
    assert found.fields["village"].value == "LEBAKGEDE"
    assert found.fields["village"].known


def test_a_blank_comes_back_where_the_strip_leaves_it_open():
    strip = make_strip("LEBAK GEDE", {5: 0.3}, {5: {"\0": 0.69}})
    assert strip.text == "LEBAKGEDE"
    assert read(district="COBLONG", village=strip).fields["village"].value == "LEBAK GEDE"


def test_a_blank_too_many_stays_where_the_strip_shows_it():
    assert read(district="COBLONG", village="DA GO").fields["village"].value == "DA GO"


@pytest.mark.parametrize("missing", LEVELS)
@pytest.mark.parametrize("empty", [NO_STRIP, NO_STEPS])
def test_a_missing_level_stays_none_and_takes_nothing_from_the_others(missing, empty):
    found = read(**{missing: empty})
    expected = dict(zip(LEVELS, values(read()), strict=True)) | {missing: None}
    if missing == "province":
        # Without a line that names the province, the header's second line is the city by its kind alone.
        assert found.fields["city"].value == "KOTA BANDUNG"
    assert dict(zip(LEVELS, values(found), strict=True)) == expected
    assert found.fields[missing] == NOTHING


def test_nothing_at_all():
    found = read(NO_STRIP, NO_STRIP, NO_STRIP, NO_STRIP)
    assert values(found) == [None] * 4
    assert found.city_code is None


def test_jakarta_and_its_older_wordings():
    found = read("PROVINSI DKI JAKARTA", "JAKARTA SELATAN", "TEBET", "MENTENG DALAM")
    assert values(found) == ["DKI JAKARTA", "JAKARTA SELATAN", "TEBET", "MENTENG DALAM"]
    assert found.city_code == "3174"


def test_a_number_that_was_read_wrong_does_no_harm():
    for nik in ("9999999999999999", "3273014507900003", "1271014507900003"):
        assert values(read(nik=nik)) == ["JAWA BARAT", "KOTA BANDUNG", "SUKASARI", "SUKARASA"]
