"""Reads what people write in cells: Swiss, French, German and English numbers, days, yes and no, telephones, cantons.

A value alone can be ambiguous (`1,234`, `03/04/2025`); the whole column decides (`Style`, see `app.imports.columns`).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from db.kernel.errors import BadInput
from db.kernel.phones import BadPhone
from db.kernel.phones import read_phone as read_number_of
from db.parties.rules import read_uid

SWITZERLAND = ZoneInfo("Europe/Zurich")
EXCEL_ORIGIN = date(1899, 12, 30)  # day 0 of Excel's calendar, its 29 February 1900 included
EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119
MOST_DIGITS = 18
SPACES = "\u00a0\u202f\u2009\u2007 "
APOSTROPHES = "'’‘`´′"
MISSING = frozenset({"", "null", "nan", "n/a", "na", "none", "-", "–", "—", "?", "n.a.", "k.a.", "n.d.", "s/o"})
ERRORS = frozenset(
    {
        "#N/A",
        "#N/V",
        "#NV",
        "#DIV/0!",
        "#REF!",
        "#BEZUG!",
        "#NAME?",
        "#NOM?",
        "#NULL!",
        "#NUL!",
        "#NUM!",
        "#ZAHL!",
        "#NOMBRE!",
        "#VALUE!",
        "#VALEUR!",
        "#WERT!",
        "#SPILL!",
        "#CALC!",
    }
)
YES = frozenset({"oui", "o", "yes", "y", "ja", "j", "sì", "si", "true", "vrai", "wahr", "1", "1.0", "x", "✓", "✔"})
NO = frozenset({"non", "n", "no", "nein", "false", "faux", "falsch", "0", "0.0"})
_MONTH_NAMES = (
    "jan janv janvier januar january",
    "fév févr fevr fev février fevrier feb februar february",
    "mar mars mrz märz maerz march",
    "avr avril apr april",
    "mai may",
    "jun juin juni june",
    "jul juil juillet juli july",
    "aoû août aout aug august",
    "sep sept septembre september",
    "oct octobre okt oktober october",
    "nov novembre november",
    "déc dec decembre décembre dez dezember december",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
CANTONS = {
    "AG": "argovie|aargau",
    "AI": "appenzell rhodes-intérieures|appenzell innerrhoden",
    "AR": "appenzell rhodes-extérieures|appenzell ausserrhoden",
    "BE": "berne|bern",
    "BL": "bâle-campagne|basel-landschaft|baselland",
    "BS": "bâle-ville|basel-stadt|basel|bâle",
    "FR": "fribourg|freiburg",
    "GE": "genève|geneve|genf|geneva",
    "GL": "glaris|glarus",
    "GR": "grisons|graubünden|graubuenden",
    "JU": "jura",
    "LU": "lucerne|luzern",
    "NE": "neuchâtel|neuchatel|neuenburg",
    "NW": "nidwald|nidwalden",
    "OW": "obwald|obwalden",
    "SG": "saint-gall|st-gall|st. gallen|sankt gallen",
    "SH": "schaffhouse|schaffhausen",
    "SO": "soleure|solothurn",
    "SZ": "schwytz|schwyz",
    "TG": "thurgovie|thurgau",
    "TI": "tessin|ticino",
    "UR": "uri",
    "VD": "vaud|waadt",
    "VS": "valais|wallis",
    "ZG": "zoug|zug",
    "ZH": "zurich|zürich|zuerich",
}
_CANTON_OF = {name: code for code, names in CANTONS.items() for name in (code.lower(), *names.split("|"))}

_NUMBER = re.compile(r"[-+−]?(?:\d[\d.,]*|[.,]\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_SMALL_FIRST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:[ T,]+(.+))?")
_YEAR_FIRST = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})(?:[ T]+(.+))?")
_NAMED = re.compile(r"(\d{1,2})(?:er|\.|)[ -]*([^\W\d_]{3,9})\.?[ ,-]+(\d{4}|\d{2})(?:[ T,]+(.+))?", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})[:h](\d{2})(?::(\d{2})(?:\.\d+)?)? ?(z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s<>(),;:\"]+@[^@\s<>(),;:\"]+\.[^@\s<>(),;:\".]{2,}")

_WORDS_FIRST = re.compile(r"(?!tel:)[^\d]*[^\W\d_]{3}", re.IGNORECASE)


@dataclass(frozen=True)
class Style:
    """How one column writes what is ambiguous."""

    decimal: str = "."
    day_first: bool = True


SWISS = Style()


class NotThat(BadInput):
    """The text is no value of the wanted kind."""


def clean_text(text: str) -> str:
    """Return text without control signs and needless spaces, composed (NFC); line breaks inside stay."""
    kept = "".join(
        sign for sign in unicodedata.normalize("NFC", text) if sign in "\n\t" or sign.isprintable() or sign in SPACES
    )
    return "\n".join(" ".join(line.split()) for line in kept.split("\n")).strip()


def is_missing(text: str) -> bool:
    """Test if a cell of a typed column says that there is nothing."""
    return text.strip().casefold() in MISSING


def read_number(text: str, style: Style = SWISS) -> Decimal:
    """Return the number; per cent stays as written (`12 %` is 12), currency and grouping signs are dropped.

    Raises:
        NotThat: the text is no number, or a decimal sign stands where the column groups thousands.
    """
    bare = re.sub(rf"[{SPACES}{APOSTROPHES}]|CHF|Fr\.?|EUR|€|\$|%", "", text.strip(), flags=re.IGNORECASE)
    bare = re.sub(r"[.,][–—-]+$", "", bare).replace("−", "-")
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1]
    if re.fullmatch(r"\d[\d.,]*-", bare):
        bare = "-" + bare[:-1]
    if not _NUMBER.fullmatch(bare):
        raise NotThat("« {text} » n’est pas un nombre ; écrire par exemple 1'234.50.", text=text[:60])
    try:
        number = Decimal(_pointed(bare, style))
    except InvalidOperation:
        raise NotThat("« {text} » n’est pas un nombre ; écrire par exemple 1'234.50.", text=text[:60]) from None
    if abs(number) >= Decimal(10) ** 15 or len(number.as_tuple().digits) > MOST_DIGITS:
        raise NotThat("« {text} » a trop de chiffres.", text=text[:60])
    return number


def _pointed(bare: str, style: Style) -> str:
    if "," in bare and "." in bare:
        group = "," if bare.rindex(".") > bare.rindex(",") else "."
        return bare.replace(group, "").replace(",", ".")
    if bare.count(",") > 1 or bare.count(".") > 1:
        grouped = re.fullmatch(r"[-+]?\d{1,3}(?:[.,]\d{3})+", bare)
        return bare.replace(",", "").replace(".", "") if grouped else "no"
    if style.decimal == "," and re.fullmatch(r"[-+]?\d{1,3}\.\d{3}", bare):
        return bare.replace(".", "")
    if style.decimal == "." and re.fullmatch(r"[-+]?\d{1,3},\d{3}", bare):
        return bare.replace(",", "")
    return bare.replace(",", ".")


def read_moment(text: str, style: Style = SWISS) -> datetime:
    """Return the instant (UTC) that a day or a day with a time means in Switzerland; a bare day is its noon.

    Raises:
        NotThat: the text is no date, or no day that exists.
    """
    on, clock = _day_and_clock(text.strip(), style, text)
    if not clock:
        return datetime(on.year, on.month, on.day, 12, tzinfo=SWITZERLAND).astimezone(UTC)
    found = _TIME.fullmatch(clock.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise _no_date(text)
    local = datetime(
        on.year, on.month, on.day, int(found[1]), int(found[2]), int(found[3] or 0), tzinfo=_zone(found[4])
    )
    return local.astimezone(UTC)


def read_day(text: str, style: Style = SWISS) -> date:
    """Return the day; a time beside it is dropped. Raises: NotThat."""
    return _day_and_clock(text.strip(), style, text)[0]


def _no_date(text: str) -> NotThat:
    return NotThat("« {text} » n’est pas une date ; écrire par exemple 31.12.2025.", text=text[:60])


def _zone(sign: str | None) -> ZoneInfo:
    if not sign:
        return SWITZERLAND
    if sign in "zZ" or sign.replace(":", "")[1:] == "0000":
        return ZoneInfo("UTC")
    hours = int(sign[1:3])
    return ZoneInfo(f"Etc/GMT{'-' if sign[0] == '+' else '+'}{hours}")


def _day_and_clock(bare: str, style: Style, text: str) -> tuple[date, str]:
    if found := _YEAR_FIRST.fullmatch(bare):
        return _day(int(found[1]), int(found[3]), int(found[4]), text), found[5] or ""
    if found := _SMALL_FIRST.fullmatch(bare):
        first, second = int(found[1]), int(found[3])
        if not style.day_first and found[2] != ".":
            first, second = second, first
        return _day(_year(found[4]), second, first, text), found[5] or ""
    if found := _NAMED.fullmatch(bare):
        month = MONTHS.get(found[2].casefold())
        if month is None:
            raise _no_date(text)
        return _day(_year(found[3]), month, int(found[1]), text), found[4] or ""
    return _serial_day(bare, text)


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


def _day(year: int, month: int, number: int, text: str) -> date:
    try:
        made = date(year, month, number)
    except ValueError:
        raise NotThat("« {text} » n’existe pas dans le calendrier.", text=text[:60]) from None
    if not 1900 <= year <= 2200:
        raise NotThat("« {text} » : l’année {year} n’est pas vraisemblable.", text=text[:60], year=year)
    return made


def _serial_day(bare: str, text: str) -> tuple[date, str]:
    if re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", bare):
        return _day(int(bare[:4]), int(bare[4:6]), int(bare[6:]), text), ""
    found = re.fullmatch(r"(\d{5})(?:\.(\d+))?", bare)
    if not found or not EXCEL_DAYS[0] <= int(found[1]) <= EXCEL_DAYS[1]:
        raise _no_date(text)
    seconds = round(float("0." + (found[2] or "0")) * 86_400)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}" if seconds else ""
    return EXCEL_ORIGIN + timedelta(days=int(found[1])), clock


def read_yes_no(text: str) -> bool:
    """Return what a yes or no in four languages means. Raises: NotThat."""
    word = text.strip().casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise NotThat("« {text} » n’est ni oui ni non.", text=text[:60])


def read_phone(text: str) -> str:
    """Return a telephone number as its record will read it: in E.164 where it is complete or Swiss.

    Raises:
        NotThat: no number in Switzerland, and no figures that could be one elsewhere.
    """
    bare = clean_text(text)
    try:
        read = read_number_of(bare)
    except BadPhone:
        read = ""
    if not read or _WORDS_FIRST.match(bare):
        raise NotThat("« {text} » n’est pas un numéro de téléphone ; écrire par exemple 021 801 23 45.", text=text[:60])
    return read


def read_any_phone(text: str) -> str:
    """Return a telephone number in E.164, or what may be one in the country of its row. Raises: NotThat."""
    try:
        return read_phone(text)
    except NotThat:
        figures = re.sub(r"\D", "", text)
        if not 6 <= len(figures) <= 15 or _WORDS_FIRST.match(text):
            raise
        return clean_text(text)


def read_email(text: str) -> str:
    """Return an e-mail address, its domain in small letters. Raises: NotThat."""
    bare = text.strip().removeprefix("mailto:")
    inside = re.search(r"<([^<>]+)>\s*$", bare)
    bare = inside.group(1).strip() if inside else bare
    if not _EMAIL.fullmatch(bare) or len(bare) > 254:
        raise NotThat("« {text} » n’est pas une adresse e-mail.", text=text[:60])
    name, _, domain = bare.rpartition("@")
    return f"{name}@{domain.lower()}"


@lru_cache(maxsize=4096)
def read_canton(text: str) -> str:
    """Return the two letters of a canton from its letters or its name. Raises: NotThat."""
    word = re.sub(r"^(canton (de |du |d’|d'|des )?|kanton )", "", " ".join(text.casefold().split()))
    code = _CANTON_OF.get(word)
    if code is None:
        raise NotThat("« {text} » n’est pas un canton suisse.", text=text[:60])
    return code


COUNTRIES = {
    "CH": "suisse|schweiz|svizzera|switzerland",
    "FR": "france|frankreich",
    "DE": "allemagne|deutschland|germany",
    "IT": "italie|italien|italia|italy",
    "AT": "autriche|österreich|oesterreich|austria",
    "LI": "liechtenstein",
    "LU": "luxembourg|luxemburg",
    "BE": "belgique|belgien|belgium",
    "NL": "pays-bas|niederlande|netherlands",
    "ES": "espagne|spanien|spain",
    "PT": "portugal",
    "GB": "royaume-uni|grossbritannien|united kingdom|uk|angleterre",
    "US": "états-unis|etats-unis|usa|vereinigte staaten|united states",
}
_COUNTRY_OF = {name: code for code, names in COUNTRIES.items() for name in names.split("|")}


def read_country(text: str) -> str:
    """Return the two letters of a country from its letters or its name. Raises: NotThat."""
    word = " ".join(text.casefold().split())
    code = _COUNTRY_OF.get(word) or (word.upper() if re.fullmatch(r"[a-z]{2}", word) else None)
    if code is None:
        raise NotThat("« {text} » n’est pas un pays connu ; écrire le code, par exemple CH.", text=text[:60])
    return code


def read_uid_number(text: str) -> str:
    """Return a company number, also out of a VAT number (`CHE-123.456.788 TVA`). Raises: NotThat."""
    bare = re.sub(r"\s*(TVA|MWST|IVA|HR|RC)\s*$", "", text.strip().upper())
    try:
        return read_uid(bare if bare.startswith("CHE") else f"CHE-{bare}")
    except BadInput as refusal:
        raise NotThat(refusal.message_id, text=text[:60]) from None


def read_postal_code(text: str) -> str:
    """Return a postal code: four digits in Switzerland, as written elsewhere. Raises: NotThat."""
    bare = re.sub(r"^CH[- ]?", "", text.strip(), flags=re.IGNORECASE)
    bare = re.sub(r"\.0$", "", bare)
    if not re.fullmatch(r"(?=.*\d)[A-Za-z0-9 -]{3,10}", bare):
        raise NotThat("« {text} » n’est pas un numéro postal.", text=text[:60])
    return bare
