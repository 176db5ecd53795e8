"""Invents Indonesian names of one to five words, with and without titles, in the manner of several regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

_T = TypeVar("_T")


@dataclass(frozen=True)
class Naming:
    """One region's manner of naming: the first words of men and women and the last words of both (each a text with
    blanks between the words), prefixes before the name, and the religions usual there."""

    male: str
    female: str
    last: str
    religions: tuple[str, ...]
    male_prefix: tuple[str, ...] = ()
    female_prefix: tuple[str, ...] = ()
    titles: bool = False


_NAMINGS = (
    Naming(
        male="SLAMET AGUS BAMBANG JOKO WAHYU DWI EKO TEGUH SUGENG HARI RIZKI FAJAR DIMAS GALIH YOGA",
        female="SITI SRI WAHYUNI RETNO DEWI ENDANG RATNA LESTARI INTAN PUTRI WULAN ANISA YUNI DIAN",
        last="SANTOSO PRASETYO WIBOWO NUGROHO HANDAYANI KUSUMA LESTARI SETIAWAN PURNOMO RAHAYU",
        religions=("ISLAM", "ISLAM", "ISLAM", "KRISTEN", "KATHOLIK", "KEPERCAYAAN TERHADAP TUHAN YME"),
        titles=True,
    ),
    Naming(
        male="MUHAMMAD AHMAD ABDUL MA'RUF ZAINAL RIFA'I FAUZAN HASBULLAH SYAFI'I IDRIS YUSUF NA'IM",
        female="NUR'AINI FATIMAH SA'ADAH KHADIJAH ROBI'AH SYARIFAH JUM'ATUL AISYAH MAS'UDAH ZAHRA",
        last="HAKIM RAHMAN HIDAYATULLAH AL-FARISI MUBAROK ROMADHON MA'ARIF QODRI SYAHPUTRA NASRULLAH",
        religions=("ISLAM",),
        titles=True,
    ),
    Naming(
        male="ASEP CECEP DADANG UJANG DEDEN ENTIS TATANG ADE IWAN RUDI NANDANG JAJANG",
        female="NENG EUIS LILIS IMAS CUCU TETI NENENG ENUNG ELIS ROHAETI TINTIN",
        last="SUTISNA KURNIAWAN HERMAWAN SURYANA ROHMAT PERMANA SUKMANA GUNAWAN SOLIHAT MULYATI",
        religions=("ISLAM",),
        titles=True,
    ),
    Naming(
        male="JONATHAN PARLINDUNGAN TOGAR SAHAT MANGASI BINSAR DAVID PANGIHUTAN ROBERT",
        female="ROTUA MARIA TIUR LAMRIA ESTER RUTH KRISTINA DUMA LASMA",
        last="SIMANJUNTAK SITUMORANG HUTAGALUNG PANJAITAN NAINGGOLAN SIREGAR HARAHAP TAMPUBOLON",
        religions=("KRISTEN", "KRISTEN", "KATOLIK"),
    ),
    Naming(
        male="GEDE PUTU KADEK KOMANG MADE NYOMAN KETUT AGUNG SURYA BAGUS",
        female="PUTU KADEK KOMANG MADE NYOMAN KETUT AYU SRI SAGUNG",
        last="SUARDANA WIRAWAN ARTAWAN SUDARMA ADNYANI PURNAMI DHARMAYASA SUASTINI",
        religions=("HINDU",),
        male_prefix=("I",),
        female_prefix=("NI", "NI LUH"),
    ),
    Naming(
        male="HENDRA BUDI KEVIN WILLIAM ALBERT STEVEN TJANDRA ANDREAS",
        female="LINDA SUSANTI MELIANA VERONICA STEFANIE MEI LING YULIANA",
        last="WIJAYA HALIM TANUWIJAYA GUNAWAN LIEM KOSASIH SALIM HARTONO",
        religions=("BUDHA", "KRISTEN", "KATHOLIK", "KHONGHUCU"),
    ),
    Naming(
        male="YOHANIS FRANSISKUS MARTHEN OKTOVIANUS PETRUS STEFANUS MELKIANUS",
        female="YULIANA DOMINGGAS SELFINA MARTHA ELISABETH KATARINA FEBIANA",
        last="MANUFANDU RUMBIAK KOGOYA NDOLU TAOLIN LAPU PATTIASINA TAHITU D'ROSARI",
        religions=("KRISTEN", "KATHOLIK"),
    ),
)
_HONOURS_BEFORE = {"m": ("H. ", "DR. ", "DRS. ", "IR. ", "DR. H. "), "f": ("HJ. ", "DR. ", "DRA. ", "DR. HJ. ")}
_HONOURS_AFTER = (", S.PD", ", S.E", ", S.KOM", ", S.H, M.H", ", A.MD", ", S.T, M.T", ", M.SI", ", S.PD.I")
_WORDS_SHARE = (0.08, 0.38, 0.32, 0.14, 0.08)


@dataclass(frozen=True)
class InventedName:
    """A name as printed on a card, and a religion that fits its region."""

    printed: str
    religion: str


def pick(options: Sequence[_T], rng: np.random.Generator) -> _T:
    """One of the options, each as likely as another."""
    return options[int(rng.integers(len(options)))]


def random_name(female: bool, rng: np.random.Generator) -> InventedName:
    """A fictional name: one to five words, at times an honorific before or an academic title behind."""
    naming = pick(_NAMINGS, rng)
    first_words = (naming.female if female else naming.male).split()
    rng.shuffle(first_words)
    count = int(rng.choice(len(_WORDS_SHARE), p=_WORDS_SHARE)) + 1
    words = first_words[:1] if count == 1 else [*first_words[: count - 1], pick(naming.last.split(), rng)]
    prefixes = naming.female_prefix if female else naming.male_prefix
    if prefixes:
        words.insert(0, pick(prefixes, rng))
    name = " ".join(words)
    if naming.titles and rng.random() < 0.14:
        name = pick(_HONOURS_BEFORE["f" if female else "m"], rng) + name
    if naming.titles and rng.random() < 0.14:
        name += pick(_HONOURS_AFTER, rng)
    return InventedName(name, pick(naming.religions, rng))
