"""`/ecritures`, `/comptes` and the pages of one entry and one account."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import reflex as rx

from app import routes
from app.doors import ask, do, now
from app.ledger import forms as _forms  # noqa: F401 - registers the form
from app.ledger.lists import ACCOUNTS, ENTRIES
from app.lists.page import list_page
from app.lists.state import ListState, for_list
from app.records.buttons import Step, button_views, steps_offered
from app.records.page import EDIT_VERB, RecordPage, new_body, record_body, record_head, register_page
from app.records.page_view import Fact, Group, Page, PageView, Related
from app.shell import screen
from app.text import SWITZERLAND, day, money, say, t
from db.access.rules import Actor, may
from db.kernel.errors import NotFound
from db.ledger.accounts.actions import change_account
from db.ledger.accounts.queries import account_facts
from db.ledger.accounts.rules import KIND_LABELS, AccountKind
from db.ledger.entries.actions import post_entry, remove_draft, reverse_entry
from db.ledger.entries.queries import EntryFacts, LineFacts, entry_facts
from db.ledger.entries.rules import ENTRY_LIFE, STATE_LABELS, EntryState, difference
from db.ledger.intake.actions import put_difference_aside
from db.ledger.intake.rules import BALANCES
from db.ledger.reports.queries import account_statement

READ = "ledger.read"
DRAFT, POSTED = EntryState.DRAFT, EntryState.POSTED
EDIT, MANAGE = "ledger.edit", "ledger.manage_accounts"
STEPS = (
    Step("remove", "Supprimer le brouillon", "ledger.edit", only_in=(DRAFT,), tone="danger"),
    Step("aside", "Porter l’écart au compte d’attente", "ledger.edit", only_in=(DRAFT,)),
    Step("change", "Modifier", EDIT, only_in=(DRAFT,), key="e"),
    Step("post", "Comptabiliser", "ledger.post", POSTED, tone="p"),
    Step("again", "Refaire", EDIT, only_in=(POSTED,), key="r"),
    Step("reverse", "Extourner", "ledger.post", only_in=(POSTED,), reason="optional"),
)


@for_list(ENTRIES)
class Entries(ListState, rx.State):
    """The list of journal entries."""


@for_list(ACCOUNTS)
class Accounts(ListState, rx.State):
    """The list of accounts."""


list_page(ENTRIES, Entries)
list_page(ACCOUNTS, Accounts)


def _entry_page(by: Actor, entry_id: UUID) -> PageView:
    facts = ask(by, entry_facts, entry_id=entry_id)
    gap = difference([line.draft for line in facts.lines])
    offered = [step for step in steps_offered(ENTRY_LIFE, facts.state, STEPS, by) if _is_offered(step, facts, gap)]
    buttons = [_leading(step, entry_id) for step in offered]
    tone = "grn" if facts.state is POSTED else "amb"
    name = f"{facts.number} {facts.text}".strip()
    main = _main(facts, gap, by.language)
    groups = [_lines(facts, by.language), *_links(facts, by.language)]
    label = say(by.language, STATE_LABELS[facts.state])
    return PageView(name, label, tone, main, [], groups, button_views(buttons, by.language))


def _leading(step: Step, entry_id: UUID) -> Step:
    """Return a step with the address that it leads to, if it is one of the entry screen."""
    if step.verb == "change":
        return replace(step, href=routes.entering(draft=entry_id))
    return replace(step, href=routes.entering(like=entry_id)) if step.verb == "again" else step


def _is_offered(step: Step, facts: EntryFacts, gap: Decimal) -> bool:
    if step.verb == "aside":
        return bool(gap) and facts.origin_kind == BALANCES
    if step.verb == "post":
        return not gap
    return step.verb != "reverse" or facts.reversed_by is None


def _main(facts: EntryFacts, gap: Decimal, language: str) -> list[Fact]:
    found = [("Date", day(facts.entry_date)), ("Total CHF", money(facts.total)), ("Pièce", facts.document)]
    if gap:
        found.append(("Écart", money(gap)))
    return [Fact(say(language, label), value) for label, value in found if value]


def _lines(facts: EntryFacts, language: str) -> Group:
    return Group(say(language, "Lignes"), [_line(line, language) for line in facts.lines])


def _line(line: LineFacts, language: str) -> Related:
    side = say(language, "débit") if line.draft.debit else say(language, "crédit")
    amount = money(line.draft.debit or line.draft.credit)
    about = " · ".join(one for one in (line.party_name, line.draft.document, line.draft.text) if one)
    name = f"{line.account_number} {line.account_name}"
    address = routes.account_page(line.draft.account_id)
    return Related(name, about, address, f"{amount} {side}", "" if line.draft.debit else "ac")


def _links(facts: EntryFacts, language: str) -> list[Group]:
    found = []
    if facts.reverses:
        found.append(("Extourne", facts.reverses))
    if facts.reversed_by:
        found.append(("Extournée par", facts.reversed_by))
    return [Group(say(language, title), [Related(number, "", routes.entry(one))]) for title, (one, number) in found]


def _act_on_entry(by: Actor, verb: str, entry_id: UUID, reason: str) -> str:
    if verb == "post":
        do(by, post_entry, entry_id=entry_id)
        return "Écriture comptabilisée."
    if verb == "reverse":
        today = now().astimezone(SWITZERLAND).date()
        on = max(today, ask(by, entry_facts, entry_id=entry_id).entry_date)
        do(by, reverse_entry, entry_id=entry_id, on=on, reason=" ".join(reason.split())[:120])
        return "Écriture extournée."
    if verb == "aside":
        do(by, put_difference_aside, entry_id=entry_id)
        return "Écart porté au compte d’attente."
    if verb == "remove":
        do(by, remove_draft, entry_id=entry_id)
        return "Brouillon supprimé."
    raise NotFound("Ce geste n’existe pas.")


def _account_page(by: Actor, account_id: UUID) -> PageView:
    facts = ask(by, account_facts, account_id=account_id)
    lines = ask(by, account_statement, account_id=account_id)
    language = by.language
    found = [
        ("Solde CHF", money(lines[0].balance) if lines else money(Decimal("0.00"))),
        ("Genre", say(language, KIND_LABELS[AccountKind(facts.kind)])),
        ("Monnaie", facts.currency),
    ]
    shown = [
        Related(f"{day(one.entry_date)} {one.text}", one.number, routes.entry(one.entry_id), money(one.amount), "grn")
        for one in lines
    ]
    for related, one in zip(shown, lines, strict=True):
        related.detail = f"{one.number} · {say(language, 'solde')} {money(one.balance)}"
        related.tone = ""
    label = say(language, "Archivé") if facts.is_archived else ""
    offered = [step for step in _account_steps(account_id, is_archived=facts.is_archived) if may(by, step.permission)]
    moves = Group(say(language, "Mouvements"), shown, say(language, "Aucune écriture sur ce compte."))
    main = [Fact(say(language, name), value) for name, value in found]
    return PageView(f"{facts.number} {facts.name}", label, "amb", main, [], [moves], button_views(offered, language))


def _account_steps(account_id: UUID, *, is_archived: bool) -> list[Step]:
    kept = Step("restore", "Désarchiver", MANAGE) if is_archived else Step("archive", "Archiver", MANAGE)
    return [
        kept,
        Step(EDIT_VERB, "Modifier", MANAGE, key="e"),
        Step("statement", "Extrait", READ, key="x", tone="p", href=routes.statement(account_id)),
    ]


def _act_on_account(by: Actor, verb: str, account_id: UUID, reason: str) -> str:
    if verb in ("archive", "restore"):
        version = ask(by, account_facts, account_id=account_id).row_version
        values = {"is_archived": verb == "archive"}
        do(by, change_account, account_id=account_id, values=values, expected_version=version)
        return "Compte archivé." if verb == "archive" else "Compte désarchivé."
    raise NotFound("Ce geste n’existe pas.")


register_page("ecritures", Page("journal_entry", _entry_page, _act_on_entry, "Écritures", routes.ENTRIES))
register_page("comptes", Page("account", _account_page, _act_on_account, "Plan comptable", routes.ACCOUNTS))


@screen(
    route=routes.ENTRY,
    title="Écriture",
    permission=READ,
    on_load=RecordPage.load,
    head=record_head,
    shows_title=False,
    keys=(("L", "liste"), ("N", "note")),
)
def entry() -> rx.Component:
    """Draw a journal entry."""
    return record_body()


@screen(
    route=routes.ACCOUNT_PAGE,
    title="Compte",
    permission=READ,
    on_load=RecordPage.load,
    head=record_head,
    shows_title=False,
    keys=(("L", "liste"), ("N", "note")),
)
def account() -> rx.Component:
    """Draw an account with its newest lines."""
    return record_body()


@screen(route=routes.NEW_ACCOUNT, title="Nouveau compte", permission=MANAGE, on_load=RecordPage.start)
def new_account() -> rx.Component:
    """Draw the form of a new account."""
    return new_body(t("Créer le compte"))
