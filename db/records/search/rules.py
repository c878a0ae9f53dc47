"""How text is made comparable: one folding for what is stored and for what is asked."""

import re
import unicodedata
from collections.abc import Iterable

_LIGATURES = str.maketrans(
    {
        "œ": "oe",
        "Œ": "oe",
        "æ": "ae",
        "Æ": "ae",
        "ß": "ss",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ø": "o",
        "ł": "l",
    }
)
_APOSTROPHES = re.compile("['’‘ʼ`´]")
_SPACES = re.compile(r"\s+")
_PHONE = re.compile(r"\+?\d[\d\s./()\-']{4,}\d")
MOST_WORDS = 8


def fold(text: str | None) -> str:
    """Return the text in lower case without accents, ligatures, apostrophes and double spaces.

    >>> fold("L’Œuvre  d'Été")
    'l oeuvre d ete'
    """
    plain = (text or "").translate(_LIGATURES).lower()
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _SPACES.sub(" ", _APOSTROPHES.sub(" ", bare)).strip()


def digits(phone: str | None) -> str:
    """Return a phone number as digits, in its national form when Swiss.

    >>> digits("+41 79 123 45 67")
    '0791234567'
    """
    bare = re.sub(r"\D", "", phone or "")
    if bare.startswith("0041"):
        return "0" + bare[4:].removeprefix("0")
    if bare.startswith("41") and len(bare) == 11:
        return "0" + bare[2:]
    return bare


def search_text(parts: Iterable[str | None], *, phones: Iterable[str | None] = ()) -> str:
    """Return the text of one record that fragments are looked up in."""
    words = [fold(part) for part in parts if part]
    numbers = [digits(phone) for phone in phones if phone]
    return " ".join(piece for piece in [*words, *numbers] if piece)


def search_words(query: str) -> list[str]:
    """Return the fragments that must all occur; a phone number, however it is spaced, is one fragment."""
    numbers = [digits(found) for found in _PHONE.findall(query)]
    rest = _PHONE.sub(" ", query)
    return [*fold(rest).split(), *numbers][:MOST_WORDS]


def trigrams(word: str) -> list[str]:
    """Return the distinct runs of three characters of a word."""
    return sorted({word[i : i + 3] for i in range(len(word) - 2)})


def escaped(word: str) -> str:
    """Return a word for LIKE … ESCAPE '\\', so that % and _ mean themselves."""
    return word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
