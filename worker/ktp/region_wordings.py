"""The wordings in which cards print names of provinces and cities beside that of the list; none replaces another."""

from __future__ import annotations

from worker.ktp.regions import Region

PROVINCES: dict[str, tuple[str, ...]] = {
    "11": ("NANGGROE ACEH DARUSSALAM",),
    "19": ("BANGKA BELITUNG",),
    "31": ("DAERAH KHUSUS IBUKOTA JAKARTA", "DAERAH KHUSUS JAKARTA"),
    "34": ("DI YOGYAKARTA",),
    "92": ("IRIAN JAYA BARAT",),
}

CITIES: dict[str, tuple[str, ...]] = {
    "1212": ("TOBA SAMOSIR",),
    "1277": ("PADANG SIDEMPUAN",),
    "1307": ("LIMAPULUH KOTO", "50 KOTA"),
    "6401": ("PASIR",),
    "7109": ("KEP. SIAU TAGULANDANG BIARO", "SIAU TAGULANDANG BIARO"),
    "7301": ("SELAYAR",),
    "7310": ("PANGKAJENE KEPULAUAN",),
    "7601": ("MAMUJU UTARA",),
    "8103": ("MALUKU TENGGARA BARAT",),
}
"""Former names and spellings, without KABUPATEN or KOTA."""

BIRTH_PLACES = ("JAKARTA", "UJUNG PANDANG")
"""Places of birth that many cards print and that are no city of today."""

FORMER_PARENTS: dict[str, tuple[str, ...]] = {"64": ("65",), "91": ("93", "94", "95"), "92": ("96",)}
"""Provinces whose cities were another's when e-KTP were already printed: since 2012 and 2022."""

CITY_KINDS = ("KABUPATEN ", "KOTA ")


def province_wordings(province: Region) -> tuple[str, ...]:
    """How cards print the name of `province`, without the word PROVINSI."""
    return (province.name, *PROVINCES.get(province.code, ()))


def city_wordings(city: Region) -> tuple[str, ...]:
    """How cards print the name of `city`: with its kind, the kind shortened, or without it."""
    kind = next((kind for kind in CITY_KINDS if city.name.startswith(kind)), None)
    names = (city.name.removeprefix(kind or ""), *CITIES.get(city.code, ()))
    if kind is None:
        kinds: tuple[str, ...] = ("", "KOTA ", "KOTA ADM. ", "KOTA ADMINISTRASI ")
        if city.code == "3101":
            kinds = ("", "KABUPATEN ", "KAB. ", "KABUPATEN ADM. ", "KAB. ADM. ", "KABUPATEN ADMINISTRASI ")
    else:
        kinds = ("KABUPATEN ", "KAB. ", "") if kind == "KABUPATEN " else ("KOTA ", "")
    return tuple(each + name for name in names for each in kinds)


def cut_city_kind(wording: str) -> str:
    """The name of a city without what a card prints before it."""
    for word in ("KABUPATEN ", "KAB. ", "KOTA ", "ADMINISTRASI ", "ADM. "):
        wording = wording.removeprefix(word)
    return wording
