"""Doubtful names and addresses become what is usual; what the reader is sure of stays, usual or not."""

import pytest
from made_strips import either, make_strip

from worker.pipeline.usage import weigh_address, weigh_name
from worker.pipeline.vocabulary import list_words, weigh_word
from worker.pipeline.wording import choose_words, weigh_text


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        ("KAMPUNO PASIR", "KAMPUNG PASIR"),
        ("JALAN MELATL NO. 3", "JALAN MELATI NO. 3"),
        ("KOMP. ASRI BLOK 814 NO. 15A", "KOMP. ASRI BLOK B14 NO. 15A"),
        ("BTN INDAH BLOK HI1 NO.36", "BTN INDAH BLOK H11 NO.36"),
        ("GO. MELATI 15", "GG. MELATI 15"),
        ("JL. MAWAR T NO. 134", "JL. MAWAR I NO. 134"),
        ("JALAN PAHLAWAN NO. 19I", "JALAN PAHLAWAN NO. 191"),
    ],
)
def test_a_doubtful_address_is_read_as_addresses_are(read, printed):
    strip = either(read, printed, 0.7)
    assert strip.text == read
    assert choose_words(strip, weigh_address, letters=False) == printed


@pytest.mark.parametrize(
    ("read", "printed"),
    [("AGUS SETIAWAM", "AGUS SETIAWAN"), ("TIANDRA HALIM", "TJANDRA HALIM"), ("SRI/WAHYUNI", "SRI WAHYUNI")],
)
def test_a_doubtful_name_is_read_as_names_are(read, printed):
    strip = either(read, printed, 0.7)
    assert choose_words(strip, weigh_name, letters=True) == printed


def test_one_letter_a_little_less_than_certain_is_enough_to_ask():
    strip = either("JALAN CENDHAWASIH", "JALAN CENDRAWASIH", 0.99)
    assert strip.text == "JALAN CENDHAWASIH"
    assert choose_words(strip, weigh_address, letters=False) == "JALAN CENDRAWASIH"
    assert choose_words(make_strip(strip.text, 0.9999), weigh_address, letters=False) == strip.text


@pytest.mark.parametrize("read", ["KAMPUNO PASIR", "AGUS SETIAWAM", "XYZQW", "", "JL. 12/3", "NI"])
def test_what_is_sure_stays(read):
    assert choose_words(make_strip(read), weigh_address, letters=False) == read


def test_a_name_has_no_digits_or_slashes_where_the_reader_saw_a_letter_as_well():
    strip = either("SUARD/NA", "SUARDANA", 0.9)
    assert choose_words(strip, weigh_name, letters=True) == "SUARDANA"


def test_listed_words_weigh_more_and_spelling_tells_the_others_apart():
    assert {"SETIAWAN", "SUDIRMAN", "MELATI"} <= list_words()
    assert weigh_word("SETIAWAN") > weigh_word("SETIAWAM")
    assert weigh_word("KARANGSUKO") > weigh_word("KXRQNGSZKO")


def test_a_text_weighs_what_its_words_do_one_after_the_other():
    assert weigh_text("NO. 12", weigh_address) == weigh_address(("NO.",)) + weigh_address(("NO.", "12"))
    assert weigh_text("JL. MAWAR 1 40", weigh_address) < weigh_text("JL. MAWAR 140", weigh_address)
    assert weigh_text("BUDI, S.PD", weigh_name) > weigh_text("BUDI, SPD", weigh_name)
