from dataclasses import replace

import numpy as np
import pytest
from cards import HEIGHT, PAGE, WIDTH, card_lines, line_at, parse_fields, transformed

from worker.ktp.layout import ROW_Y, Row
from worker.pipeline.frame import fit_frame
from worker.pipeline.types import KtpFields

TRUTH = KtpFields(
    identity_id="3273014507900003",
    full_name="SITI AMINAH",
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


def parse(lines):
    frame = fit_frame(lines, PAGE)
    assert frame is not None
    return parse_fields(lines, frame)


def test_a_plain_card():
    assert parse(card_lines()) == TRUTH


@pytest.mark.parametrize("glue", [":", " : ", "", " ", ".", ": "])
def test_label_and_value_in_one_box(glue):
    assert parse(card_lines(glue=glue)) == TRUTH


@pytest.mark.parametrize("pitch", [0.96, 1.0, 1.07])
def test_pitch_of_the_rows_varies(pitch):
    assert parse(card_lines(pitch=pitch)) == TRUTH


@pytest.mark.parametrize("colon", [":", ": ", ".", "1", "2", "I"])
def test_a_colon_glued_to_the_value_and_misread(colon):
    lines = list(card_lines({Row.NAME: None, Row.RELIGION: None}))
    lines += [
        line_at(colon + "SITI AMINAH", 0.252, ROW_Y[Row.NAME]),
        line_at(colon + "ISLAM", 0.252, ROW_Y[Row.RELIGION]),
    ]
    assert parse(tuple(lines)) == TRUTH


def test_a_colon_in_a_box_of_its_own_whatever_it_was_read_as():
    colons = [
        line_at(mark, 0.255, ROW_Y[row]) for mark, row in (("3", Row.VILLAGE), ("1", Row.NAME), (":", Row.RELIGION))
    ]
    assert parse(card_lines(extra=colons)) == TRUTH


def test_right_column_shares_rows_but_not_values():
    right = [
        line_at("KABUPATEN BANDUNG BARAT", 0.66, 0.756, width=0.32),
        line_at("12-03-2015", 0.77, 0.806),
        line_at("SPECIMEN", 0.76, 0.5),
    ]
    assert parse(card_lines(extra=right)) == TRUTH


def test_two_and_three_printed_lines_push_the_rows_below_down():
    folds = {Row.NAME: ("RAHMAWATI",), Row.ADDRESS: ("PERUM INDAH BLOK B2", "NO. 18")}
    expected = replace(TRUTH, full_name="SITI AMINAH RAHMAWATI", address="JL. CONTOH NO. 1 PERUM INDAH BLOK B2 NO. 18")
    assert parse(card_lines(folds=folds)) == expected


def test_birth_date_on_the_next_row():
    lines = card_lines({Row.BIRTH: "KABUPATEN BANDUNG BARAT,"}, folds={Row.BIRTH: ("05-07-1990",)})
    assert parse(lines) == replace(TRUTH, birth_place="KABUPATEN BANDUNG BARAT")


def test_blood_type_in_boxes_of_its_own_and_glued():
    separate = card_lines(
        extra=[line_at("Gol. Darah :", 0.495, ROW_Y[Row.GENDER]), line_at("O", 0.64, ROW_Y[Row.GENDER])]
    )
    assert parse(separate) == TRUTH
    assert parse(card_lines({Row.GENDER: "PEREMPUAN Gol.Darah : B"})) == TRUTH


@pytest.mark.parametrize("missing", [{Row.NAME, Row.BIRTH}, {Row.RELIGION}, {Row.NIK, Row.RTRW, Row.VILLAGE}])
def test_labels_lost_under_glare_leave_the_neighbours_rows_in_place(missing):
    assert parse(card_lines(without_labels=missing)) == TRUTH


def test_a_label_damaged_beyond_recognition_is_no_value():
    lines = [*card_lines(without_labels={Row.NAME, Row.RELIGION})]
    lines += [line_at("N##a", 0.044, ROW_Y[Row.NAME]), line_at("Aga", 0.044, ROW_Y[Row.RELIGION])]
    assert parse(tuple(lines)) == TRUTH


def test_empty_fields_are_none_and_take_nothing_from_their_neighbours():
    lines = card_lines({Row.RELIGION: None, Row.RTRW: "-", Row.VILLAGE: None})
    assert parse(lines) == replace(TRUTH, religion=None, rtrw=None, village=None)


def test_jakarta_has_no_kota():
    lines = [line for line in card_lines() if line.text not in ("PROVINSI JAWA BARAT", "KOTA BANDUNG")]
    lines += [line_at("PROVINSI DKI JAKARTA", 0.4, 0.064), line_at("JAKARTA SELATAN", 0.41, 0.136)]
    assert parse(tuple(lines)) == replace(TRUTH, province="DKI JAKARTA", city="JAKARTA SELATAN")


@pytest.mark.parametrize("slant", [-0.035, 0.035])
def test_a_slant_never_moves_a_value_into_the_next_row(slant):
    sheared = transformed(card_lines(), [[1, 0, 0], [slant, 1, 0], [0, 0, 1]])
    assert parse(sheared) == TRUTH


@pytest.mark.parametrize("turn", [0, 30, 90, 180, 271])
@pytest.mark.parametrize("mirrored", [False, True])
def test_any_direction_and_the_corners_of_the_card(turn, mirrored):
    angle = np.deg2rad(turn)
    matrix = np.array([[np.cos(angle), -np.sin(angle), 900], [np.sin(angle), np.cos(angle), 800], [0, 0, 1]])
    if mirrored:
        matrix = np.diag([-1.0, 1.0, 1.0]) @ matrix
    lines = transformed(card_lines(), matrix)
    assert parse(lines) == TRUTH
    frame = fit_frame(lines, PAGE)
    assert frame is not None
    corners = np.array([[0, 0, 1], [WIDTH, 0, 1], [WIDTH, HEIGHT, 1], [0, HEIGHT, 1]]) @ matrix.T
    assert np.abs(frame.card_quad() - corners[:, :2]).max() < 0.04 * WIDTH


def test_what_lies_across_the_card_is_not_read():
    across = line_at("SCAN 05-05-2020", 0.3, 0.5, width=0.5)
    turned = transformed([across], [[0.9, -0.4, 300], [0.4, 0.9, -250], [0, 0, 1]])
    assert parse(card_lines(extra=turned)) == TRUTH


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["NIK", "Nama", "Alamat"],
        ["Alamat", "Nama", "NIK", "Agama", "Pekerjaan", "Jenis Kelamin"],
        ["THE QUICK BROWN FOX"] * 20,
    ],
)
def test_other_documents_have_no_frame(texts):
    lines = tuple(
        line_at(text, 0.05, 0.95 - 0.1 * index if index % 2 else 0.1 * index) for index, text in enumerate(texts)
    )
    assert fit_frame(lines, PAGE) is None


def test_labels_side_by_side_as_in_a_table_are_no_card():
    lines = tuple(line_at(row.value, 0.07 * index, 0.3) for index, row in enumerate(Row))
    assert fit_frame(lines, PAGE) is None
