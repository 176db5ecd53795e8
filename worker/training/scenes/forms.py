"""What other cards of a KTP's size look like: invented licences, bank cards, student cards and the like, as tables."""

from __future__ import annotations

from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in fractions of the card's width and height."""


@dataclass(frozen=True)
class CardForm:
    """One kind of card. `titles` stand at the top (centred or at the left), `labels` head the rows of values, `photos`
    are the places where a portrait can be, `number` has # for each digit, `marks` are chip, barcode, matrix, logo,
    band, stripe and signature."""

    name: str
    titles: tuple[str, ...]
    labels: tuple[str, ...] = ()
    photos: tuple[Box, ...] = ()
    number: str | None = None
    marks: frozenset[str] = frozenset()
    centred: bool = False


_LEFT: Box = (0.05, 0.3, 0.27, 0.78)
_LOW_LEFT: Box = (0.04, 0.42, 0.24, 0.9)
_RIGHT: Box = (0.74, 0.28, 0.95, 0.76)
_LOW_RIGHT: Box = (0.7, 0.4, 0.96, 0.95)

OWN_FORMS = (
    CardForm(
        "driving_licence",
        ("SURAT IZIN MENGEMUDI", "DRIVING LICENCE CONTOH"),
        ("1. Nama", "2. Tempat Lahir", "3. Gol. Darah", "4. Alamat", "5. Pekerjaan", "6. Daerah"),
        (_LEFT, _RIGHT, _LOW_RIGHT),
        "####-####-######",
        frozenset({"logo", "signature"}),
    ),
    CardForm(
        "old_licence",
        ("KEPOLISIAN CONTOH", "SIM C"),
        ("Nama", "Alamat", "Tempat & Tgl Lahir", "Tinggi", "Pekerjaan", "No. SIM", "Berlaku s/d"),
        (_LOW_LEFT, _RIGHT),
        marks=frozenset({"band", "signature"}),
        centred=True,
    ),
    CardForm("bank_card", ("BANK CONTOH",), number="#### #### #### ####", marks=frozenset({"chip", "logo"})),
    CardForm("debit_card", ("BPD PERCOBAAN", "DEBIT"), number="#### #### #### ####", marks=frozenset({"chip", "band"})),
    CardForm(
        "student_card",
        ("KARTU TANDA MAHASISWA", "UNIVERSITAS CONTOH NUSANTARA"),
        ("Nama", "NIM", "Fakultas", "Program Studi", "Alamat"),
        (_LEFT, _RIGHT, _LOW_RIGHT),
        marks=frozenset({"logo", "barcode", "band"}),
        centred=True,
    ),
    CardForm(
        "tax_card",
        ("KANTOR PAJAK CONTOH", "NPWP"),
        ("", "", "NIK", "", "", "Terdaftar"),
        number="##.###.###.#-###.###",
        marks=frozenset({"logo"}),
    ),
    CardForm("pupil_card", ("KARTU PELAJAR", "SMA NEGERI CONTOH"), ("Nama", "NIS", "Kelas"), (_LOW_LEFT, _RIGHT)),
    CardForm("loyalty_card", ("MEMBER",), number="## #### ####", marks=frozenset({"logo", "stripe"})),
    CardForm(
        "staff_card",
        ("KARTU PEGAWAI", "PT CONTOH SEJAHTERA"),
        ("Nama", "Jabatan", "NIP", "Bagian", "Masa Berlaku"),
        (_LEFT, _RIGHT),
        marks=frozenset({"matrix", "band"}),
    ),
)
FOREIGN_FORMS = (
    CardForm(
        "health_card",
        ("KARTU JAMINAN SEHAT", "BADAN CONTOH"),
        ("Nomor Kartu", "Nama", "Tanggal Lahir", "Faskes Tingkat I"),
        number="#############",
        marks=frozenset({"logo", "band"}),
    ),
    CardForm(
        "press_card",
        ("KARTU PERS", "HARIAN CONTOH"),
        ("Name", "Position", "Valid until"),
        (_LOW_LEFT, _RIGHT),
        marks=frozenset({"matrix", "signature"}),
        centred=True,
    ),
    CardForm(
        "child_card",
        ("KARTU ANAK CONTOH", "KABUPATEN PERCOBAAN"),
        ("No. KK", "Nama Kepala Keluarga", "Akta Kelahiran", "Gol. Darah", "Alamat", "Kelurahan"),
        (_LOW_RIGHT, _LEFT),
        marks=frozenset({"barcode"}),
    ),
    CardForm("credit_card", ("Kredit Mandala",), number="#### ###### #####", marks=frozenset({"chip", "logo"})),
    CardForm(
        "vehicle_card",
        ("TANDA NOMOR KENDARAAN",),
        ("No. Polisi", "Pemilik", "Merk / Tipe", "Warna", "Tahun", "No. Rangka", "No. Mesin", "Bahan Bakar"),
        marks=frozenset({"band", "matrix"}),
    ),
    CardForm("travel_card", ("KOMUTER", "KARTU MULTI TRIP"), number="#### ####", marks=frozenset({"stripe", "logo"})),
    CardForm(
        "licence_abroad",
        ("PERMIT MEMANDU", "NEGARA KHAYALAN"),
        ("Warganegara", "No. Pengenalan", "Kelas", "Tempoh", "Alamat"),
        (_LEFT,),
        marks=frozenset({"logo", "signature"}),
    ),
)
