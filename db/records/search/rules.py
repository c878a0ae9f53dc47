"""How text is made comparable: one folding for what is stored and for what is asked."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from db.kernel.phones import phone_digits, phone_forms

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
_AMOUNT = re.compile(r"(?<![\w.])\d{1,3}(?:['’]\d{3})+(?:\.\d{1,2})?(?!\w)|(?<![\w.])\d+\.\d{2}(?![\w.])")
_SEPARATOR = re.compile(r"[\x00-/:-`{-\x7f]+")  # what stands between words; the same on both databases
_LEARNABLE = re.compile(r"(?<![^\W\d_])[a-z]{4,20}(?![^\W\d_])")
_PHONE = re.compile(r"(?<!\w)\+?\d[\d\s./()\-']{4,}\d(?!\w)")  # figures within a word (a part number) are none
MOST_WORDS = 8
TRIGRAM = 3
PREFIX = 40  # characters of the title that are indexed in order
DEEPEST = "\U0010ffff"  # comes after every character


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
    return phone_digits(phone)


def search_text(parts: Iterable[str | None], *, phones: Iterable[str | None] = ()) -> str:
    """Return the text of one record that fragments are looked up in, all of it open to whoever may find the record."""
    return search_lines([("", part) for part in parts], phones=[("", phone) for phone in phones])[1]


def search_lines(
    parts: Iterable[tuple[str, str | None]],
    *,
    phones: Iterable[tuple[str, str | None]] = (),
    identifiers: Iterable[tuple[str, str | None]] = (),
) -> tuple[str, str]:
    """Return the names of the fields and the text of one record, a line per field that says something.

    The first part is the title. `identifiers` (UID, IBAN, document number, amount) are found however they are spaced.

    >>> search_lines([("name", "Été SA"), ("city", "")], phones=[("phone", "021 555 01 42")])
    ('name,phone', 'ete sa\\n0215550142 41215550142')
    """
    lines = [(name, fold(part)) for name, part in parts]
    lines += [(name, phone_forms(phone)) for name, phone in phones if phone]
    lines += [(name, identifier_forms(given)) for name, given in identifiers if given]
    told = [(name, line) for name, line in lines if line]
    return ",".join(name for name, _ in told), "\n".join(line for _, line in told)


def identifier_forms(given: str) -> str:
    """Return an identifier as written, without its separators, and as figures alone.

    >>> identifier_forms("CHE-123.456.789")
    'che-123.456.789 che123456789 123456789'
    """
    forms = [fold(given), re.sub(r"[^a-z0-9]", "", fold(given)), re.sub(r"\D", "", given)]
    return " ".join(dict.fromkeys(form for form in forms if form))


def visible_text(fields: str | None, folded: str, is_hidden: Callable[[str], bool]) -> str:
    """Return the lines of a record's text that belong to no hidden field; nothing where the fields are not known."""
    if fields is None:
        return ""
    named = zip(fields.split(","), folded.split("\n"), strict=False)
    return "\n".join(line for name, line in named if not is_hidden(name))


def search_words(query: str) -> list[str]:
    """Return the fragments that must all occur; a phone number or an amount, however spaced, is one fragment.

    >>> search_words("1'234.50 Dupont")
    ['dupont', '123450']
    """
    amounts = [re.sub(r"\D", "", found) for found in _AMOUNT.findall(query)]
    without = _AMOUNT.sub(" ", query)
    numbers = [digits(found) for found in _PHONE.findall(without)]
    rest = _PHONE.sub(" ", without)
    return [*fold(rest).split(), *amounts, *numbers][:MOST_WORDS]


def is_beginning(word: str) -> bool:
    """Test if a fragment is so short that it is sought where words begin.

    >>> is_beginning("ga"), is_beginning("gar"), is_beginning("&")
    (True, False, False)
    """
    return len(word) < TRIGRAM and not _SEPARATOR.search(word)


def occurs(word: str, text: str) -> bool:
    """Test if a folded text contains a fragment; one of one or two letters must begin a word.

    >>> occurs("ga", "le garage"), occurs("ag", "le garage"), occurs("rag", "le garage")
    (True, False, True)
    """
    if not is_beginning(word):
        return word in text
    return any(part.startswith(word) for part in _SEPARATOR.split(text)) if word in text else False


def learnable(folded: str) -> set[str]:
    """Return the words of a text that typing errors may be measured against."""
    return set(_LEARNABLE.findall(folded))


def variants(word: str) -> set[str]:
    """Return a word and what it becomes without each one of its letters."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def is_near(typed: str, word: str) -> bool:
    """Test if two words differ by one letter more, less or other, or by two neighbours that changed places.

    >>> is_near("bornnad", "bornand"), is_near("dupnt", "dupont"), is_near("dupont", "durand")
    (True, True, False)
    """
    if abs(len(typed) - len(word)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), min(len(typed), len(word)))
    one, other = typed[start:], word[start:]
    return (
        one[1:] == other[1:]
        or one[1:] == other
        or one == other[1:]
        or (one[:2] == other[1::-1] and len(one) > 1 and one[2:] == other[2:])
    )


def trigrams(word: str) -> list[str]:
    """Return the distinct runs of three characters of a word."""
    return sorted({word[i : i + TRIGRAM] for i in range(len(word) - 2)})


def grams(word: str) -> list[str]:
    """Return what PostgreSQL's index finds a fragment by: trigrams, or the beginning of a word.

    >>> grams("ga"), grams("gara")
    (['^ga'], ['ara', 'gar'])
    """
    return ["^" + word] if is_beginning(word) else trigrams(word)


def escaped(word: str) -> str:
    """Return a word for LIKE … ESCAPE '\\', so that % and _ mean themselves."""
    return word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def has_words(text: str, words: Sequence[Sequence[str]]) -> bool:
    """Test if a folded text contains every fragment, in one of its spellings."""
    return all(any(occurs(one, text) for one in same) for same in words)


def rank(typed: str, folded: str, used: int | None, number: int) -> tuple[int, int, int]:
    """Return what candidates are ordered by: what was typed begins the title, last used, begins a word, newest."""
    title = folded.split("\n", 1)[0]
    if typed and title.startswith(typed):
        return 0, len(title) if used is None else used - 1000, -number
    if used is not None:
        return 1, used, 0
    starts = all(title.startswith(word) or f" {word}" in title for word in typed.split())
    inside = all(word in title for word in typed.split())
    return 2 if starts else 3 if inside else 4, 0, -number


def place_of(target: str) -> tuple[str, UUID] | None:
    """Return the record that `lead:<id>` names; None when it names something else.

    >>> place_of("page:/pistes") is None
    True
    """
    kind, _, text = target.partition(":")
    try:
        return kind, UUID(text)
    except ValueError:
        return None
