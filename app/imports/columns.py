"""Says what each column of a table holds, having looked at the whole of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from app.gateways.table_files import RawRow
from app.imports import values
from app.imports.values import NotThat, Style
from db.kernel.errors import BadInput

SAMPLES = 4
MOST_KNOWN = 20_000  # distinct values kept per column; beyond them a value is looked at each time
USUAL_SHARE = 0.9
CHOICES = 30
SHAPES: dict[str, Callable[..., Any]] = {
    "number": values.read_number,
    "date": values.read_day,
    "yes_no": values.read_yes_no,
    "email": values.read_email,
    "phone": values.read_phone,
    "canton": values.read_canton,
    "postal_code": values.read_postal_code,
}


@dataclass(frozen=True)
class Column:
    """What one column holds: samples, its type, how it writes what is ambiguous, what its values could be."""

    name: str
    type: str  # text, number, date, yes_no
    filled: int
    distinct: int  # counted up to MOST_KNOWN
    samples: list[str]
    shapes: dict[str, float]
    style: Style = values.SWISS
    is_unique: bool = False
    order: int = 0  # 1 = rising figures from row to row, -1 = falling
    choices: list[str] = field(default_factory=list)


@dataclass
class _Tally:
    known: dict[str, int] = field(default_factory=dict)  # how often each value was seen
    more: bool = False
    filled: int = 0
    rising: int = 0
    falling: int = 0
    last: float | None = None

    def add(self, text: str) -> None:
        """Count one filled cell."""
        self.filled += 1
        if text in self.known:
            self.known[text] += 1
        elif len(self.known) < MOST_KNOWN:
            self.known[text] = 1
        else:
            self.more = True
        self._follow(text)

    def _follow(self, text: str) -> None:
        try:
            now = float(text)
        except ValueError:
            return
        if self.last is not None:
            self.rising += now > self.last
            self.falling += now < self.last
        self.last = now


def profile(names: list[str], rows: Iterable[RawRow]) -> list[Column]:
    """Return what each column holds."""
    tallies = [_Tally() for _ in names]
    for row in rows:
        for tally, cell in zip(tallies, row.cells, strict=False):
            text = cell.strip()
            if text:
                tally.add(text)
    return [_column(name, tally) for name, tally in zip(names, tallies, strict=True)]


def _column(name: str, tally: _Tally) -> Column:
    present = {text: count for text, count in tally.known.items() if not values.is_missing(text)}
    style = _style(present)
    shapes = _shares(present, style)
    by_count = sorted(present, key=lambda text: -present[text])
    kind = _type(present, shapes, style)
    steps = max(1, tally.filled - 1)
    return Column(
        name=name,
        type=kind,
        filled=tally.filled,
        distinct=len(tally.known),
        samples=[text[:80] for text in list(present)[:SAMPLES]],
        shapes={shape: share for shape, share in shapes.items() if share > 0.2},
        style=style,
        is_unique=(not tally.more and len(tally.known) == tally.filled and tally.filled > 1)
        or (tally.more and tally.filled > MOST_KNOWN and all(count == 1 for count in tally.known.values())),
        order=1 if tally.rising / steps > 0.98 else -1 if tally.falling / steps > 0.98 else 0,
        choices=by_count[:CHOICES] if kind == "text" and len(present) <= CHOICES else [],
    )


def _style(present: dict[str, int]) -> Style:
    """Decide what `1,234` and `03/04/2025` mean from the values that leave no doubt."""
    comma = any(_reads(values.read_number, text, Style(",")) and _small_after_comma(text) for text in present)
    month_first = day_first = False
    for text in present:
        if text.count("/") == 2:
            first, second = text.split("/")[:2]
            day_first |= first.isdigit() and int(first) > 12
            month_first |= second.isdigit() and int(second) > 12
    return Style("," if comma else ".", day_first or not month_first)


def _small_after_comma(text: str) -> bool:
    bare = text.strip().rstrip("%").strip()
    tail = bare.rpartition(",")[2]
    return "," in bare and bare.count(",") == 1 and len(tail) != 3 and tail.isdigit() and "." not in tail


def _shares(present: dict[str, int], style: Style) -> dict[str, float]:
    total = sum(present.values()) or 1
    return {shape: _hits(present, shape, style) / total for shape in SHAPES}


def _hits(present: dict[str, int], shape: str, style: Style) -> int:
    reader = SHAPES[shape]
    read = partial(reader, style=style) if shape in ("number", "date") else reader
    return sum(count for text, count in present.items() if _reads(read, text))


def _reads(read: Callable[..., Any], text: str, *more: Any) -> bool:
    try:
        read(text, *more)
    except (NotThat, BadInput, ArithmeticError):
        return False
    return True


def _type(present: dict[str, int], shapes: dict[str, float], style: Style) -> str:
    if not present:
        return "text"
    if shapes["yes_no"] == 1 and (len(present) > 1 or any(text.isalpha() for text in present)):
        return "yes_no"
    if (
        shapes["date"] >= USUAL_SHARE
        and shapes["date"] >= shapes["number"]
        and not _one_word_fails(present, "date", style)
    ):
        figures = shapes["number"] == shapes["date"]  # five-digit figures only: serial days, or just figures
        return "number" if figures else "date"
    if shapes["number"] >= USUAL_SHARE and not _one_word_fails(present, "number", style):
        return "text" if _are_codes(present) else "number"
    return "text"


def _one_word_fails(present: dict[str, int], shape: str, style: Style) -> bool:
    """Test if what is no number or date is one repeated word (`unknown`): a choice, not a mistake of typing."""
    reader = partial(SHAPES[shape], style=style)
    failing = {text: count for text, count in present.items() if not _reads(reader, text)}
    total = sum(failing.values())
    return total > 3 and max(failing.values()) > total / 2


def _are_codes(present: dict[str, int]) -> bool:
    """Test if figures are codes whose leading zeros or length matter (0012, 7610123456789)."""
    return any(len(text) > 1 and text[0] == "0" and text.isdigit() for text in present) or all(
        len(text) > 15 for text in present
    )
