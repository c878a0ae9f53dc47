"""What a journal entry is: lines whose debits and credits are equal, posted once and never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from db.access.policy.rules import declare_table
from db.kernel.errors import NotAllowed
from db.kernel.findings import BadFields, Finding
from db.kernel.lifecycle import Lifecycle
from db.kernel.money import CENT, round_to_cent
from db.ledger.accounts.rules import HOME
from db.records.kinds.rules import RecordKind, register_kind
from db.records.relations.rules import Relation, register_relation

KIND = "journal_entry"
WHOLE = frozenset[str]()  # books are read whole or not at all: no field of theirs is hidden from who reads them
register_kind(RecordKind(KIND, "Écriture", "Écritures", "journal_entry", "ledger.read", "ledger.edit", hideable=WHOLE))
declare_table("journal_line", label="Lignes d’écriture", read="ledger.read", fields=WHOLE)
register_relation(Relation(KIND, KIND, table="journal_entry", source="id", target="reverses_id"))
register_relation(Relation(KIND, "party", table="journal_line", source="entry_id", target="party_id"))
ZERO = Decimal("0.00")
MOST_AMOUNT = Decimal("9999999999.99")
MOST_LINES = 5000
LONGEST_TEXT, LONGEST_DOCUMENT = 200, 40
MILLION = 1_000_000
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


class EntryState(StrEnum):
    """A draft may change; what is posted never does."""

    DRAFT = "draft"
    POSTED = "posted"


ENTRY_LIFE = Lifecycle[EntryState](
    "Écriture", {EntryState.DRAFT: frozenset({EntryState.POSTED}), EntryState.POSTED: frozenset()}
)
STATE_LABELS = {EntryState.DRAFT: "Brouillon", EntryState.POSTED: "Comptabilisée"}


class BadEntry(BadFields):
    """An entry cannot be kept or posted; `findings` says which field and why (`lines.0.account`: of the first line)."""


class EntryPosted(NotAllowed):
    """The entry is posted: it is reversed, never changed."""


class AlreadyReversed(NotAllowed):
    """The entry was reversed before."""


@dataclass(frozen=True)
class LineDraft:
    """One line. Amounts are in CHF; `rate_millionths` is what one unit of the foreign currency is worth, times 10⁶."""

    account_id: UUID | None = None
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    text: str = ""
    party_id: UUID | None = None
    document: str = ""  # of the open item
    due_date: date | None = None
    settles_id: UUID | None = None  # the line that this one settles
    currency: str = HOME
    currency_amount: Decimal | None = None
    rate_millionths: int | None = None


@dataclass(frozen=True)
class EntryDraft:
    """An entry as somebody enters it. `origin` is the kind and id of what it comes from."""

    entry_date: date
    text: str
    lines: tuple[LineDraft, ...]
    document: str = ""
    origin_kind: str = ""
    origin_id: UUID | None = None


@dataclass(frozen=True)
class AccountSeen:
    """What the rules ask of an account."""

    number: str
    currency: str
    collective: str
    is_archived: bool


def difference(lines: Sequence[LineDraft]) -> Decimal:
    """Return debits less credits, in CHF."""
    return sum((line.debit - line.credit for line in lines), ZERO)


def tidy_entry(draft: EntryDraft) -> EntryDraft:
    """Return the draft in whole centimes and without needless spaces; a line without text has the entry's."""
    text = " ".join(draft.text.split()) or next((" ".join(one.text.split()) for one in draft.lines if one.text), "")
    lines = tuple(_tidy_line(line, text) for line in draft.lines)
    return replace(draft, text=text, document=" ".join(draft.document.split()), lines=lines)


def _tidy_line(line: LineDraft, text: str) -> LineDraft:
    debit, credit = round_to_cent(line.debit), round_to_cent(line.credit)
    if debit < 0 or credit < 0:  # an amount below zero stands on the other side
        debit, credit = max(debit, ZERO) + max(-credit, ZERO), max(credit, ZERO) + max(-debit, ZERO)
    currency, rate = (line.currency or HOME).upper(), line.rate_millionths
    if currency != HOME and line.currency_amount and rate is None:
        rate = int((debit + credit) * MILLION / abs(line.currency_amount))
    return replace(
        line,
        debit=debit,
        credit=credit,
        text=" ".join(line.text.split()) or text,
        document=" ".join(line.document.split()),
        currency=currency,
        rate_millionths=rate,
    )


def draft_findings(draft: EntryDraft, accounts: Mapping[UUID, AccountSeen]) -> list[Finding]:
    """Return what is wrong even with a draft: what the database could not keep."""
    found = []
    if not FIRST_DAY <= draft.entry_date <= LAST_DAY:
        found.append(Finding("entry_date", "Cette date n’est pas possible."))
    if len(draft.text) > LONGEST_TEXT:
        found.append(Finding("text", "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_TEXT}))
    if len(draft.document) > LONGEST_DOCUMENT:
        found.append(Finding("document", "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_DOCUMENT}))
    if len(draft.lines) > MOST_LINES:
        found.append(Finding("text", "Une écriture a au plus {most} lignes.", {"most": MOST_LINES}))
    for place, line in enumerate(draft.lines):
        found += [replace(one, field=f"lines.{place}.{one.field}") for one in _line_findings(line, accounts)]
    return found


def _line_findings(line: LineDraft, accounts: Mapping[UUID, AccountSeen]) -> list[Finding]:
    account = accounts.get(line.account_id) if line.account_id else None
    found = []
    if account is None:
        found.append(Finding("account", "Choisissez un compte par son numéro ou un mot de son nom."))
    if (line.debit == 0) == (line.credit == 0):
        found.append(Finding("amount", "Indiquez un montant, au débit ou au crédit."))
    if line.debit + line.credit > MOST_AMOUNT:
        found.append(Finding("amount", "Ce montant est trop grand."))
    if len(line.text) > LONGEST_TEXT:
        found.append(Finding("text", "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_TEXT}))
    if len(line.document) > LONGEST_DOCUMENT:
        found.append(Finding("document", "Ce texte dépasse {longest} caractères.", {"longest": LONGEST_DOCUMENT}))
    return found + _currency_findings(line, account)


def _currency_findings(line: LineDraft, account: AccountSeen | None) -> list[Finding]:
    """Return what does not fit between the amount in CHF, that in the foreign currency, and the rate."""
    if account is not None and account.currency not in (HOME, line.currency):
        message = "Le compte {number} est tenu en {currency} : indiquez le montant en {currency}."
        return [Finding("currency_amount", message, {"number": account.number, "currency": account.currency})]
    if line.currency == HOME:
        return []
    amount, rate = line.currency_amount, line.rate_millionths
    if not amount or not rate or amount < 0 or rate < 0:
        return [
            Finding("currency_amount", "Indiquez le montant en {currency} et le cours.", {"currency": line.currency})
        ]
    converted, tolerance = amount * rate / MILLION, CENT + amount / MILLION
    if abs(converted - line.debit - line.credit) > tolerance:
        params = {"amount": f"{round_to_cent(converted):.2f}"}
        return [Finding("currency_amount", "Au cours indiqué, cela fait {amount} francs.", params)]
    return []


def posting_findings(draft: EntryDraft, accounts: Mapping[UUID, AccountSeen], *, by_hand: bool) -> list[Finding]:
    """Return what keeps an entry from being posted; one by hand uses no archived account and names whom it concerns."""
    found = draft_findings(draft, accounts)
    if not draft.text:
        found.append(Finding("text", "Donnez un libellé à l’écriture."))
    if len(draft.lines) < 2:
        found.append(Finding("lines", "Une écriture a au moins deux lignes."))
    gap = difference(draft.lines)
    if gap:
        side = "au crédit" if gap > 0 else "au débit"
        found.append(Finding("lines", "Il manque {amount} {side}.", {"amount": f"{abs(gap):.2f}", "side": side}))
    for place, line in enumerate(draft.lines if by_hand else ()):
        account = accounts.get(line.account_id) if line.account_id else None
        if account is not None and account.is_archived:
            message = "Le compte {number} est archivé."
            found.append(Finding(f"lines.{place}.account", message, {"number": account.number}))
        if account is not None and account.collective and line.party_id is None:
            message = "Le compte {number} tient des postes ouverts : indiquez le client ou le fournisseur."
            found.append(Finding(f"lines.{place}.party", message, {"number": account.number}))
    return found


def reversed_lines(lines: Sequence[tuple[UUID, LineDraft]], collective: frozenset[UUID]) -> tuple[LineDraft, ...]:
    """Return the lines that cancel posted ones (id and values); open items are settled by their reversal."""
    return tuple(
        replace(
            line,
            debit=line.credit,
            credit=line.debit,
            settles_id=line_id if line.account_id in collective else None,
        )
        for line_id, line in lines
    )
