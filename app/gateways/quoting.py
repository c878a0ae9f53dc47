"""What of an e-mail's text is new, and what it cites: cut where the answer of a mail program begins.

Rules of our own; how often they are right on replies as ten mail programs write them is in docs/measurements.md.
"""

import itertools
import re
from collections.abc import Sequence

MOST_LINES = 20_000
# "On … wrote:", "Le … a écrit :", "Am … schrieb …:" and the like, on one line or on two
_SAID = r"wrote|a écrit|écrit|schrieb|ha scritto|escribió|escreveu|schreef|skrev|napisał|пишет|napsal"
_INTRODUCED = re.compile(
    rf"^[>\s]*(?:on|le|am|il|el|op|em|den|w dniu|dne|at)\b.{{4,300}}?\b(?:{_SAID})\b[^\n]{{0,120}}:?\s*$", re.I
)
_INTRODUCED_BARE = re.compile(rf"^[>\s]*\S.{{2,200}}(?:<\S+@\S+>|@).{{0,120}}\b(?:{_SAID})\b\s*:\s*$", re.I)
_DATED = re.compile(r"^\s*\d{4}[/.-]\d{1,2}[/.-]\d{1,2}.{0,120}<\S+@\S+>\s*:?\s*$")
_RULE = re.compile(
    r"^\s*[>\s]*[-_*=]{2,}\s*(?:original message|message d.origine|message original|ursprüngliche nachricht|"
    r"message transféré|forwarded message|reply message|messaggio originale|mensaje original|"
    r"original-nachricht|weitergeleitete nachricht|begin forwarded message)\s*[-_*=]{0,}\s*$",
    re.I,
)
_UNDERSCORES = re.compile(r"^\s*_{20,}\s*$")
_FIELD = re.compile(
    r"^\s*[>*\s]*(from|de|von|da|sent|envoyé|envoyé le|gesendet|date|datum|to|à|pour|an|cc|subject|objet|betreff|"
    r"oggetto|reply-to|от|отправлено|кому|тема|дата)\s*\*?\s*:\s*\*?\s*\S",
    re.I,
)
_SENT_FROM = re.compile(
    r"^\s*(sent from my|envoyé de mon|envoyé depuis|von meinem .* gesendet|get outlook for)\b.{0,60}$", re.I
)


def split_reply(text: str) -> tuple[str, str]:
    """Return what is new in a text, and what follows from the first citation on; a text that begins so is all new.

    >>> split_reply("D’accord.\\n\\nLe 3 mars 2026 à 10:02, Jean <j@x.ch> a écrit :\\n> Mardi ?")
    ('D’accord.', 'Le 3 mars 2026 à 10:02, Jean <j@x.ch> a écrit :\\n> Mardi ?')
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]
    cut = _first_citation(lines)
    new, rest = "\n".join(lines[:cut]).strip("\n"), "\n".join(lines[cut:]).strip("\n")
    if not new.strip():
        return _below(lines, cut)
    return new.rstrip(), rest


def _below(lines: Sequence[str], cut: int) -> tuple[str, str]:
    """Return the text of an answer that stands below what it cites; all of it when nothing stands there."""
    end = cut
    for number in range(cut, len(lines)):
        if lines[number].lstrip().startswith(">"):
            end = number + 1
    below = "\n".join(lines[end:]).strip() if end > cut else ""
    if below and not any(_INTRODUCED.match(line) for line in lines[end:]):
        return below, "\n".join(lines[cut:end]).strip("\n")
    return "\n".join(lines).strip(), ""


def _first_citation(lines: Sequence[str]) -> int:
    """Return the number of the line from which on a text cites; how many lines it has when it cites nothing."""
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if _begins_citation(lines, number):
            return number
    return _trailing_marks(lines)


def _begins_citation(lines: Sequence[str], number: int) -> bool:
    line = lines[number]
    if _RULE.match(line) or _DATED.match(line):
        return True
    if line.lstrip().startswith(">"):
        return False
    joined = " ".join(part.strip() for part in lines[number : number + 3])
    after = [part for part in lines[number + 1 : number + 4] if part.strip()]
    is_begun = re.search(r"\d|@", line) is not None and not "".join(lines[number + 1 : number + 2]).startswith(">")
    for one in (line, *([" ".join(part.strip() for part in lines[number : number + 2])] if is_begun else [])):
        if (_INTRODUCED.match(one) or _INTRODUCED_BARE.match(one)) and one.rstrip().endswith((":", "-", ">")):
            return True
    if _INTRODUCED.match(joined) and joined.rstrip().endswith(":") and len(joined) < 400:
        return True
    if _UNDERSCORES.match(line) and after and _FIELD.match(after[0]):
        return True
    return _is_header_block(lines, number)


def _is_header_block(lines: Sequence[str], number: int) -> bool:
    """Test if three fields of a head (From, Sent, To, Subject) follow each other and name an address or a sender."""
    if not _FIELD.match(lines[number]):
        return False
    some = [line for line in lines[number : number + 8] if line.strip()][:6]
    fields = list(itertools.takewhile(_FIELD.match, some))
    named = any("@" in line or re.match(r"(?i)[>*\s]*(from|de|von|da|от)\s*\*?\s*:", line) for line in fields)
    return len(fields) >= 3 and named


def _trailing_marks(lines: Sequence[str]) -> int:
    """Return where a block of lines with « > » begins that goes to the end (but for blank lines)."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    begin = end
    while begin and (lines[begin - 1].lstrip().startswith(">") or not lines[begin - 1].strip()):
        begin -= 1
    if not any(line.lstrip().startswith(">") for line in lines[begin:end]):
        return len(lines)
    return _with_introduction(lines, begin)


def _with_introduction(lines: Sequence[str], begin: int) -> int:
    """Return where the words begin that introduce a citation in whatever language: they end in « : » and name when."""
    above = begin
    while above and not lines[above - 1].strip():
        above -= 1
    for number in (2, 1):
        first = lines[above - number] if above >= number else ""
        told = " ".join(lines[above - number : above])
        if re.search(r"\d", first) and told.rstrip().endswith(":") and re.search(r"@|\d{1,2}:\d\d", told):
            return above - number
    return begin


def without_phone_line(text: str) -> str:
    """Return a text without the line that a phone adds below it."""
    kept = [line for line in text.split("\n") if not _SENT_FROM.match(line)]
    return "\n".join(kept).strip()
