"""Further families of type that training sets lines in: what other printers and other makers of cards may use.

None of them is a family of the style "foreign", or drawn after one: no FreeFont, DejaVu or Bitstream Vera, and nothing
that shares the outlines of Nimbus, from which FreeFont was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from worker.training.fonts import FontFile, FontMissingError


@dataclass(frozen=True)
class Family:
    """A regular and a bold face; the same twice where a family has one weight only."""

    regular: FontFile
    bold: FontFile

    def face(self, bold: bool) -> FontFile:
        """The regular or the bold face."""
        return self.bold if bold else self.regular

    @property
    def is_installed(self) -> bool:
        """Whether both files are on this machine."""
        return self.regular.file.is_file() and self.bold.file.is_file()


def _family(package: str, pattern: str, regular: str, bold: str | None = None) -> Family:
    files = [FontFile(pattern.format(weight), f"fonts-{package}") for weight in (regular, bold or regular)]
    return Family(files[0], files[1])


_OPEN = "../opentype/"
"""Most packages put their fonts under truetype, the folder that paths start from; some under its neighbour."""

SANS = (
    _family("open-sans", "open-sans/OpenSans-{}.ttf", "Regular", "Bold"),
    _family("open-sans", "open-sans/OpenSans-{}.ttf", "Semibold", "ExtraBold"),
    _family("lato", "lato/Lato-{}.ttf", "Regular", "Bold"),
    _family("lato", "lato/Lato-{}.ttf", "Medium", "Black"),
    _family("noto-core", "noto/NotoSans-{}.ttf", "Regular", "Bold"),
    _family("noto-core", "noto/NotoSansDisplay-{}.ttf", "Regular", "Bold"),
    _family("inter", _OPEN + "inter/Inter-{}.otf", "Regular", "Bold"),
    _family("inter", _OPEN + "inter/InterDisplay-{}.otf", "Medium", "SemiBold"),
    _family("cabin", _OPEN + "cabin/Cabin-{}.otf", "Regular", "Bold"),
    _family("cantarell", _OPEN + "cantarell/Cantarell-{}.otf", "Regular", "Bold"),
    _family("clear-sans", "clear-sans/ClearSans-{}.ttf", "Regular", "Bold"),
    _family("play", "play/Play-{}.ttf", "Regular", "Bold"),
    _family("oxygen", "oxygen/Oxygen-Sans{}.ttf", "", "-Bold"),
    _family("roadgeek", "roadgeek/RG2014{}.ttf", "D", "EM"),
    _family("tuffy", "tuffy/{}.ttf", "tuffy_regular", "tuffy_bold"),
    _family("adf-gillius", "adf/GilliusADF-{}.otf", "Regular", "Bold"),
    _family("adf-universalis", "adf/UniversalisADFStd-{}.otf", "Regular", "Bold"),
    _family("paratype", "paratype/PTS{}F.ttf", "55", "75"),
    _family("paratype", "paratype/PTC{}F.ttf", "55", "75"),
    _family("sil-andika", "andika/Andika-{}.ttf", "Regular", "Bold"),
    _family("manrope", "manrope/Manrope-{}.ttf", "Regular", "Bold"),
    _family("karla", "karla/Karla-{}.otf", "Regular", "Bold"),
    _family("sora", _OPEN + "sora/Sora-{}.otf", "Regular", "Bold"),
    _family("league-spartan", _OPEN + "league-spartan/LeagueSpartan-{}.otf", "Regular", "Bold"),
    _family("dosis", _OPEN + "dosis/Dosis-{}.otf", "Medium", "Bold"),
    _family("tiresias", "tiresias/tiresias_infofont{}.ttf", "", "_bold"),
    _family("tiresias", "tiresias/tiresias_pcfont{}.ttf", "", "_bold"),
    _family("linuxlibertine", _OPEN + "linux-libertine/LinBiolinum_{}.otf", "R", "RB"),
)
NARROW = (
    _family("open-sans", "open-sans/OpenSans-{}.ttf", "CondLight", "CondBold"),
    _family("osifont", "osifont/{}.ttf", "osifont"),
    _family("roadgeek", "roadgeek/RG2014{}.ttf", "B", "C"),
    _family("adf-gillius", "adf/GilliusADFNo2-{}.otf", "Cond", "BoldCond"),
    _family("adf-universalis", "adf/UniversalisADFStd-{}.otf", "Cond", "BoldCond"),
    _family("paratype", "paratype/PTN{}F.ttf", "57", "77"),
    _family("bebas-neue", _OPEN + "bebas-neue/BebasNeue-{}.otf", "Book", "Bold"),
    _family("yanone-kaffeesatz", _OPEN + "yanone-kaffeesatz/YanoneKaffeesatz-{}.otf", "Regular", "Bold"),
    _family("league-mono", _OPEN + "league-mono/LeagueMono-Condensed{}.otf", "", "Bold"),
)
MONO = (
    _family("ocr-b", _OPEN + "ocr-b/{}.otf", "OCRB", "OCRBS"),
    _family("ocr-b", _OPEN + "ocr-b/{}.otf", "OCRB", "OCRBL"),
    _family("anonymous-pro", "anonymous-pro/Anonymous Pro{}.ttf", "", " B"),
    _family("inconsolata", "inconsolata/{}.otf", "Inconsolata"),
    _family("jetbrains-mono", "jetbrains-mono/JetBrainsMono-{}.ttf", "Regular", "Bold"),
    _family("firacode", "firacode/FiraCode-{}.ttf", "Regular", "Bold"),
    _family("hermit", "hermit/Hermit-{}.otf", "medium", "bold"),
    _family("mononoki", "mononoki/mononoki-{}.ttf", "Regular", "Bold"),
    _family("paratype", "paratype/PTM{}F.ttf", "55", "75"),
    _family("league-mono", _OPEN + "league-mono/LeagueMono-{}.otf", "Regular", "Bold"),
    _family("oxygen", "oxygen/{}.ttf", "OxygenMono-Regular"),
)
SERIF = (
    _family("noto-core", "noto/NotoSerif-{}.ttf", "Regular", "Bold"),
    _family("crosextra-caladea", "crosextra/Caladea-{}.ttf", "Regular", "Bold"),
    _family("paratype", "paratype/PTF{}F.ttf", "55", "75"),
    _family("roboto-slab", _OPEN + "roboto/slab/RobotoSlab-{}.otf", "Regular", "Bold"),
)
FAMILIES = (*SANS, *NARROW, *MONO, *SERIF)


def installed(families: Iterable[Family]) -> tuple[Family, ...]:
    """Those of the families that are on this machine: training demands all, tests take what there is."""
    return tuple(family for family in families if family.is_installed)


def require_families() -> None:
    """Raises FontMissingError, which names the packages to install, unless every family is on this machine."""
    missing = {each.regular.package for each in FAMILIES if not each.is_installed}
    if missing:
        raise FontMissingError(f"fonts to train with are missing: apt-get install {' '.join(sorted(missing))}")
