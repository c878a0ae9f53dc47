"""Turns the rows of a file into drafts, or says in words why a row cannot be one. Pure: nothing is written here."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from app.gateways.table_files import RawRow
from app.imports import values
from app.imports.kinds import Kind, Situation
from app.imports.mapping import CUSTOM, IGNORE, ColumnPlan, Plan, fold
from app.imports.values import NotThat, Style
from db.documents.imports.rules import FoundProblem
from db.kernel.errors import BadInput
from db.kernel.sentences import Sentence
from db.parties.intake.rules import IDENTITY_WORDS, Identity, shared_identity
from db.records.custom_fields.rules import to_the_centime
from db.records.search.rules import fold as folded

MOST_PER_ROW = 8
KNOWN_VALUES = 2_000  # per column: most columns repeat few values
SHOWN = 200  # characters of a refused value that are kept


@dataclass
class CheckedRow:
    """One row: a draft and its key, or findings that refuse it. `given` names what the file really says."""

    line: int
    draft: Any = None
    key: Any = None
    given: dict[str, Any] = field(default_factory=dict)
    findings: list[FoundProblem] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """How to read the rows of one file: plan, kind, places in time, and what the situation adds."""

    plan: Plan
    kind: Kind
    names: list[str]
    places: list[int]  # of each row, 0 = the oldest
    began_at: datetime
    file_name: str
    choices: Mapping[str, tuple[str, ...]]  # of the custom fields that exist, by key

    def checked(self, rows: Iterable[RawRow]) -> Iterator[CheckedRow]:
        """Yield every row in the order of the file, each either a draft or refused; a key that was seen is refused."""
        columns = [
            (place, plan, lru_cache(KNOWN_VALUES)(_reader(plan, self.kind, self.choices)))
            for place, plan in enumerate(self.plan.columns)
            if plan.target != IGNORE
        ]
        first_lines: dict[str, int] = {}
        seen = SeenBefore()
        for number, row in enumerate(rows):
            situation = Situation(row.line, self.places[number], len(self.places), self.began_at, self.file_name)
            made = self._check(row, columns, situation, first_lines)
            if made.draft is not None and self.kind.identify is not None:
                self._identify(made, seen)
            yield made

    def _identify(self, made: CheckedRow, seen: "SeenBefore") -> None:
        """Give the row what it is recognised by; refuse one that an earlier row of the file already is."""
        assert self.kind.identify is not None
        found = self.kind.identify(made.draft)
        chosen = self.plan.plan_of(self.plan.key).target if self.plan.key else ""
        made.key = tuple(one for one in found if one.by == chosen) if chosen else found
        earlier = seen.earlier(made.line, made.key)
        if earlier is not None:
            line, by = earlier
            reason = Sentence(
                "Même fiche qu’à la ligne {line} (même {by}) ; seule la première est importée.", line=line, by=by
            )
            made.findings.append(FoundProblem(made.line, "", "", reason))

    def _check(self, row: RawRow, columns: list[Any], situation: Situation, first_lines: dict[str, int]) -> CheckedRow:
        made = CheckedRow(row.line)
        if row.problem:
            made.findings.append(FoundProblem(row.line, "", "", row.problem))
            return made
        found: dict[str, Any] = {}
        custom: dict[str, Any] = {}
        for place, plan, read in columns:
            _read_cell(row, row.cells[place], plan, read, found, custom, made.findings)
        if not made.findings and self.plan.key and self.kind.identify is None:
            self._take_key(row, found, custom, made, first_lines)
        if not made.findings:
            self._build(row, found, custom, made, situation)
        return made

    def _take_key(
        self, row: RawRow, found: dict[str, Any], custom: dict[str, Any], made: CheckedRow, first: dict[str, int]
    ) -> None:
        plan = self.plan.plan_of(self.plan.key)
        value = custom.get(plan.key) if plan.target == CUSTOM else found.get(plan.target)
        key = key_text(value)
        text = row.cells[self.names.index(plan.column)][:SHOWN]
        if key is None:
            made.findings.append(FoundProblem(row.line, plan.column, text, Sentence("La clé est vide.")))
        elif key in first:
            reason = Sentence("Même clé qu’à la ligne {line} ; seule la première est importée.", line=first[key])
            made.findings.append(FoundProblem(row.line, plan.column, text, reason))
        else:
            first[key] = row.line
            made.key = value

    def _build(
        self, row: RawRow, found: dict[str, Any], custom: dict[str, Any], made: CheckedRow, situation: Situation
    ) -> None:
        try:
            made.draft = self.kind.build(found, custom, situation)
        except BadInput as refusal:
            made.findings += self._problems_of(row, refusal)
            return
        made.given = {**found, "custom": custom} if custom else dict(found)

    def _problems_of(self, row: RawRow, refusal: BadInput) -> list[FoundProblem]:
        """Name the columns that a record's own rules refuse, where they say which field it is."""
        found_wrong = getattr(refusal, "findings", [])
        wrong = [(finding.field, finding.sentence) for finding in found_wrong] or [("", refusal.sentence)]
        columns = {self.kind.field_of.get(plan.target, plan.target): plan.column for plan in self.plan.columns}
        wrong = [told for told in wrong if told[0] in columns] or wrong  # not what was only derived from it
        found = []
        for field_name, reason in wrong[:MOST_PER_ROW]:
            column = columns.get(field_name, "")
            text = row.cells[self.names.index(column)].strip()[:SHOWN] if column else ""
            found.append(FoundProblem(row.line, column, text, reason))
        return found


@dataclass
class SeenBefore:
    """What the rows of a file so far are recognised by."""

    lines: dict[tuple[str, str], list[tuple[int, tuple[Identity, ...]]]] = field(default_factory=dict)

    def earlier(self, line: int, key: tuple[Identity, ...]) -> tuple[int, str] | None:
        """Return the earlier line that is the same, and by what; else remember this one."""
        for one in key:
            for known, theirs in self.lines.get((one.by, one.value), []):
                shared = shared_identity(key, theirs)
                if shared is not None:
                    return known, IDENTITY_WORDS[shared.by]
        for one in key:
            self.lines.setdefault((one.by, one.value), []).append((line, key))
        return None


def key_text(value: Any) -> str | None:
    """Return a key as it is compared: `12`, `12.0` and `12.00` are the same."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value != value.to_integral() else str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else folded(str(value))


def _read_cell(
    row: RawRow,
    cell: str,
    plan: ColumnPlan,
    read: Callable[[str], Any],
    found: dict[str, Any],
    custom: dict[str, Any],
    findings: list[FoundProblem],
) -> None:
    text = cell.strip()
    try:
        if text.upper() in values.ERRORS:
            raise NotThat("La cellule contient l’erreur « {text} » du tableur.", text=text)
        value = read(text)
    except NotThat as refusal:
        if len(findings) < MOST_PER_ROW:
            findings.append(FoundProblem(row.line, plan.column, text[:SHOWN], refusal.sentence))
        return
    if value is None:
        return
    if plan.target == CUSTOM:
        custom[plan.key] = value
    else:
        found[plan.target] = value


def _reader(plan: ColumnPlan, kind: Kind, choices: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    target = kind.target(plan.target)
    wanted = plan.type if target is None else target.type
    if wanted == "state":
        return partial(_read_state, words={fold(word): state for word, state in plan.values.items()}, kind=kind)
    if wanted == "choice" and choices.get(plan.key):
        return partial(_read_choice, choices=frozenset(choices[plan.key]))
    if wanted == "amount":
        return partial(_read_typed, read=partial(_read_amount, style=plan.style))
    if wanted in ("text", "long_text", "name", "choice", "code"):
        return _read_text
    if wanted == "number":
        return partial(_read_typed, read=partial(values.read_number, style=plan.style))
    if wanted == "date":
        day_only = target is None
        return partial(_read_typed, read=partial(values.read_day if day_only else values.read_moment, style=plan.style))
    simple: dict[str, Callable[[str], Any]] = {
        "yes_no": values.read_yes_no,
        "email": values.read_email,
        "phone": values.read_any_phone,
        "canton": values.read_canton,
        "postal_code": values.read_postal_code,
        "country": values.read_country,
        "uid": values.read_uid_number,
    }
    return partial(_read_typed, read=simple[wanted])


def _read_text(text: str) -> str | None:
    return values.clean_text(text) or None


def _read_choice(text: str, *, choices: frozenset[str]) -> str | None:
    word = values.clean_text(text)
    if word and word not in choices:
        raise NotThat("« {text} » n’est pas un choix prévu pour ce champ.", text=text[:60])
    return word or None


def _read_amount(text: str, *, style: Style) -> Decimal:
    try:
        return to_the_centime(values.read_number(text, style), text)
    except BadInput as refusal:
        raise NotThat(refusal.message_id, **refusal.params) from None


def _read_typed(text: str, *, read: Callable[[str], Any]) -> Any:
    return None if values.is_missing(text) else read(text)


def _read_state(text: str, *, words: dict[str, str], kind: Kind) -> str | None:
    if not text:
        return words.get("")
    word = fold(text)
    if word in words:
        return words[word]
    for state, known in kind.states.items():
        if word in known:
            return state
    raise NotThat("« {text} » n’a pas de correspondance ; la choisir dans la colonne du résultat.", text=text[:60])


def places_in_time(rows: Iterable[RawRow], plan: Plan, names: list[str]) -> list[int]:
    """Return the place in time of each row, 0 = the oldest: by the ordering column, else as in the file.

    Rows whose ordering value is missing keep the place of the row before them.
    """
    if not plan.order:
        return list(range(sum(1 for _ in rows)))
    column = names.index(plan.order)
    style = plan.plan_of(plan.order).style
    kept: list[tuple[Decimal, int]] = []
    last = Decimal(0)
    for number, row in enumerate(rows):
        last = _ordering_value(row.cells[column], style, last)
        kept.append((last, number))
    places = [0] * len(kept)
    for place, (_, number) in enumerate(sorted(kept)):
        places[number] = place
    return places


def _ordering_value(text: str, style: values.Style, last: Decimal) -> Decimal:
    try:
        return values.read_number(text, style)
    except NotThat:
        pass  # perhaps a day
    try:
        return Decimal(values.read_day(text, style).toordinal())
    except NotThat:
        return last
