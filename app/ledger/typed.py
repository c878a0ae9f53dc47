"""What somebody types into the entry screen, read into an entry: a row is one line, or two with its contra account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.doors import ask
from app.text import day, money
from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.kernel.findings import Finding
from db.ledger.accounts.queries import AccountFacts, accounts_by_number
from db.ledger.accounts.rules import HOME
from db.ledger.entries.queries import EntryFacts, LineFacts
from db.ledger.entries.rules import BadEntry, EntryDraft, LineDraft
from db.records.custom_fields.rules import read_date, read_number

ZERO = Decimal("0.00")
MOST_ROWS = 500
LONGEST = 400
ROW_FIELDS = (
    "account", "text", "debit", "credit", "contra", "party", "partyName", "document", "due", "settles", "foreign",
)  # fmt: skip
HEAD_FIELDS = ("date", "text", "document")
MAIN, CONTRA = "account", "contra"


@dataclass(frozen=True)
class Typed:
    """The entry as texts: its head, and rows by the names of `ROW_FIELDS`."""

    head: Mapping[str, str]
    rows: tuple[Mapping[str, str], ...]


@dataclass
class Read:
    """Lines read from rows, each with the row and the part of it that it comes from, and what could not be read."""

    lines: list[LineDraft] = field(default_factory=list)
    places: list[tuple[int, str]] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)


def read_typed_entry(given: Any) -> Typed:
    """Return what the screen sent, whatever was sent."""
    known: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    rows = known.get("rows")
    listed = rows[:MOST_ROWS] if isinstance(rows, list) else []
    head = {name: _text(known.get(name)) for name in HEAD_FIELDS}
    return Typed(head, tuple({name: _text(_at(row, name)) for name in ROW_FIELDS} for row in listed))


def _at(row: Any, name: str) -> Any:
    return row.get(name) if isinstance(row, Mapping) else None


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()[:LONGEST].replace("\u2212", "-")


def entry_of(by: Actor, typed: Typed) -> tuple[EntryDraft, list[tuple[int, str]]]:
    """Return the entry that is meant, and of each line the row and part that it comes from.

    Raises: BadEntry: what cannot be read, beside its field (`rows.0.debit`).
    """
    numbers = [row[part].upper() for row in typed.rows for part in (MAIN, CONTRA) if row[part]]
    accounts = ask(by, accounts_by_number, numbers=numbers) if numbers else {}
    read, on = Read(), None
    try:
        on = read_date(typed.head["date"])
    except BadInput as problem:
        read.found.append(Finding("date", problem.message_id, problem.params))
    for place, row in enumerate(typed.rows):
        if any(row[name] for name in ROW_FIELDS):
            _read_row(read, place, row, accounts)
    if read.found or on is None:
        raise BadEntry(read.found)
    return EntryDraft(on, typed.head["text"], tuple(read.lines), typed.head["document"]), read.places


def _read_row(read: Read, place: int, row: Mapping[str, str], accounts: Mapping[str, AccountFacts]) -> None:
    main, contra = (_account(read, place, part, row, accounts) for part in (MAIN, CONTRA))
    debit, credit, foreign = (_amount(read, place, name, row[name]) for name in ("debit", "credit", "foreign"))
    due = _due(read, place, row["due"])
    about = {
        "party_id": _id(row["party"]),
        "document": row["document"],
        "due_date": due,
        "settles_id": _id(row["settles"]),
    }
    on_main = main is None or bool(main.collective) or contra is None or not contra.collective
    line = LineDraft(main.account_id if main else None, debit, credit, row["text"])
    _add(read, (place, MAIN), line, main, about if on_main else {}, foreign)
    if row[CONTRA]:
        other = replace(line, account_id=contra.account_id if contra else None, debit=credit, credit=debit)
        _add(read, (place, CONTRA), other, contra, {} if on_main else about, foreign)


def _add(
    read: Read,
    place: tuple[int, str],
    line: LineDraft,
    account: AccountFacts | None,
    about: Mapping[str, Any],
    foreign: Decimal,
) -> None:
    is_foreign = account is not None and account.currency != HOME
    more = {"currency": account.currency, "currency_amount": abs(foreign) or None} if account and is_foreign else {}
    read.lines.append(replace(line, **(about if account is None or account.collective else {}), **more))
    read.places.append(place)


def _account(
    read: Read, place: int, part: str, row: Mapping[str, str], accounts: Mapping[str, AccountFacts]
) -> AccountFacts | None:
    known = accounts.get(row[part].upper())
    if row[part] and known is None:
        message = "Le compte « {number} » n’existe pas. Tapez un numéro ou un mot de son nom."
        read.found.append(Finding(f"rows.{place}.{part}", message, {"number": row[part]}))
    return known


def _amount(read: Read, place: int, name: str, text: str) -> Decimal:
    try:
        return read_number(text) if text else ZERO
    except BadInput as problem:
        read.found.append(Finding(f"rows.{place}.{name}", problem.message_id, problem.params))
        return ZERO


def _due(read: Read, place: int, text: str) -> date | None:
    try:
        return read_date(text) if text else None
    except BadInput as problem:
        read.found.append(Finding(f"rows.{place}.due", problem.message_id, problem.params))
        return None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


FIELD_NAMES = {"amount": "debit", "currency_amount": "foreign", "entry_date": "date"}


def beside_rows(found: Sequence[Finding], places: Sequence[tuple[int, str]]) -> list[Finding]:
    """Return findings on lines as findings on the rows that they come from (`lines.1.account` as `rows.0.contra`)."""
    return [replace(one, field=_row_field(one.field, places)) for one in found]


def _row_field(name: str, places: Sequence[tuple[int, str]]) -> str:
    kind, _, rest = name.partition(".")
    if kind != "lines" or not rest:
        return FIELD_NAMES.get(name, name)
    position, _, about = rest.partition(".")
    row, part = places[int(position)]
    if about == "account":
        return f"rows.{row}.{part}"
    return f"rows.{row}.{FIELD_NAMES.get(about, about)}"


# --- and back: an entry as rows


def typed_of(facts: EntryFacts, *, keeps_items: bool) -> dict[str, Any]:
    """Return an entry as the screen types it; for a new one like it, what it settled and its due dates are left out."""
    rows = [_row_of(line, facts.text, keeps_items=keeps_items) for line in facts.lines]
    joined = _joined(rows)
    head = {"date": day(facts.entry_date), "text": facts.text, "document": facts.document if keeps_items else ""}
    return {**head, "rows": joined or rows}


def _row_of(line: LineFacts, text: str, *, keeps_items: bool) -> dict[str, str]:
    draft = line.draft
    row = dict.fromkeys(ROW_FIELDS, "")
    row |= {"account": line.account_number, "text": "" if draft.text == text else draft.text}
    row |= {"debit": money(draft.debit) if draft.debit else "", "credit": money(draft.credit) if draft.credit else ""}
    row |= {"party": str(draft.party_id or ""), "partyName": line.party_name}
    row["foreign"] = money(draft.currency_amount) if draft.currency_amount else ""
    if keeps_items:
        row |= {"document": draft.document, "due": day(draft.due_date) if draft.due_date else ""}
        row["settles"] = str(draft.settles_id or "")
    return row


def _joined(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return two lines that mirror each other as one row with a contra account; nothing where they do not."""
    if len(rows) != 2 or rows[0]["text"] != rows[1]["text"] or rows[0]["foreign"] or rows[1]["foreign"]:
        return []
    first, second = rows
    if (first["debit"], first["credit"]) != (second["credit"], second["debit"]) or (first["party"] and second["party"]):
        return []
    about = first if first["party"] or not second["party"] else second
    kept = {name: about[name] for name in ("party", "partyName", "document", "due", "settles")}
    return [{**first, **kept, "contra": second["account"]}]
