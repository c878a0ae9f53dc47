"""The entry screen as JSON: the entry, the chart for completion, the days that are locked; and its deeds."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from app import routes
from app.doors import ask, do, now
from app.ledger.typed import Typed, beside_rows, entry_of, read_typed_entry, typed_of
from app.records.party_names import find_parties
from app.records.saving import uuid_of
from app.text import SWITZERLAND, day, instant, money, say
from db.access.rules import Actor, may
from db.kernel.errors import BusinessError, NotFound
from db.kernel.findings import Finding
from db.kernel.record import uuid7
from db.ledger.accounts.queries import chart
from db.ledger.entries.actions import RESERVED, add_draft, edit_draft, post_changed, post_new
from db.ledger.entries.queries import entries_like, entry_facts, newest_entries
from db.ledger.entries.rules import KIND, BadEntry, EntryPosted, EntryState
from db.ledger.open_items.queries import open_items_of_party
from db.ledger.periods.queries import fiscal_years
from db.ledger.periods.rules import PeriodClosed, PeriodState
from db.records.drafts.actions import drop_draft, keep_draft
from db.records.drafts.queries import draft_of_form

NEW = "new"
DRAFT_KEY = f"{NEW}:entry"
LONGEST_VALUE = 9_000


def entry_view(by: Actor, *, draft: str = "", like: str = "") -> str:
    """Return the screen: a draft by its id, an entry like another one, what was left unfinished, or an empty entry."""
    view = _around(by)
    if draft:
        facts = ask(by, entry_facts, entry_id=uuid_of(draft))
        if facts.state is not EntryState.DRAFT:
            raise EntryPosted("L’écriture {number} est comptabilisée : elle s’extourne.", number=facts.number)
        view |= {"key": str(facts.entry_id), "version": facts.row_version, "entry": typed_of(facts, keeps_items=True)}
    elif like:
        facts = ask(by, entry_facts, entry_id=uuid_of(like))
        view["entry"] = {**typed_of(facts, keeps_items=False), "date": view["entry"]["date"]}
    kept = ask(by, draft_of_form, kind=KIND, record_key=_key(view["key"]), by=by, at=now())
    if kept is not None and not like:
        typed = _unpacked(kept.values)
        view["draft"] = instant(kept.saved_at)
        view["entry"] = typed.get("entry", view["entry"])
        view["fresh"] = typed.get("fresh", view["fresh"])
    return json.dumps(view, ensure_ascii=False)


def _around(by: Actor) -> dict[str, Any]:
    today = now().astimezone(SWITZERLAND).date()
    accounts = [one for one in ask(by, chart) if not one.is_archived]
    years = ask(by, fiscal_years)
    locked = [one for year in years for one in year.periods if one.state is not PeriodState.OPEN]
    own = f"name_{by.language}"
    return {
        "key": NEW,
        "version": 0,
        "fresh": str(uuid7()),
        "opened": now().isoformat(),
        "draft": "",
        "today": today.isoformat(),
        "entry": {"date": day(today), "text": "", "document": "", "rows": []},
        "accounts": [
            [one.number, getattr(one, own, "") or one.name, one.collective, one.currency, _folded(one.name)]
            for one in accounts
        ],
        "years": [[one.first_date.isoformat(), one.last_date.isoformat()] for one in years],
        "locked": [[one.first_date.isoformat(), one.last_date.isoformat(), one.state.value] for one in locked],
        "mayReserved": may(by, RESERVED),
        "mayPost": may(by, "ledger.post"),
        "newest": _newest(by),
    }


def _folded(name: str) -> str:
    from db.records.search.rules import fold

    return fold(name)


def _newest(by: Actor) -> list[list[str]]:
    return [
        [str(one.entry_id), one.number, day(one.entry_date), one.text, money(one.total)]
        for one in ask(by, newest_entries)
    ]


def _key(key: str) -> str:
    return DRAFT_KEY if key == NEW else str(uuid_of(key))


def _read(payload: Any) -> tuple[Mapping[str, Any], str, Typed]:
    sent: Mapping[str, Any] = payload if isinstance(payload, Mapping) else {}
    key = str(sent.get("key", NEW))[:40]
    if key != NEW:
        uuid_of(key)
    return sent, key, read_typed_entry(sent.get("entry"))


# what is typed is one JSON text, cut into the pieces that a form's draft keeps
def keep_entry(by: Actor, payload: Any) -> None:
    """Keep what is typed, as it is."""
    sent, key, typed = _read(payload)
    entry = {**typed.head, "rows": [dict(row) for row in typed.rows]}
    text = json.dumps({"entry": entry, "fresh": str(sent.get("fresh", ""))[:40]}, ensure_ascii=False)
    pieces = {str(at): text[at : at + LONGEST_VALUE] for at in range(0, len(text), LONGEST_VALUE)}
    do(by, keep_draft, kind=KIND, record_key=_key(key), values=pieces, seen="")


def _unpacked(values: Mapping[str, str]) -> dict[str, Any]:
    text = "".join(values[key] for key in sorted(values, key=lambda one: int(one) if one.isdecimal() else 0))
    with suppress(ValueError):
        found = json.loads(text)
        return found if isinstance(found, dict) else {}
    return {}


def begin_again(by: Actor, payload: Any) -> str:
    """Forget what was typed; return the screen as it was before."""
    _, key, _ = _read(payload)
    do(by, drop_draft, kind=KIND, record_key=_key(key))
    return entry_view(by, draft="" if key == NEW else key)


def post_typed(by: Actor, payload: Any) -> dict[str, Any]:
    """Post what is typed; return the number and what to begin the next entry with, or errors by field."""
    sent, key, typed = _read(payload)
    places: list[tuple[int, str]] = []
    try:
        draft, places = entry_of(by, typed)
        if key == NEW:
            _, number = do(by, post_new, draft=draft, entry_id=_fresh(sent))
        else:
            version = _version(sent)
            number = do(by, post_changed, entry_id=uuid_of(key), draft=draft, expected_version=version)
    except BadEntry as refusal:
        return _refused(by, beside_rows(refusal.findings, places))
    except PeriodClosed as refusal:
        return _refused(by, [Finding("date", refusal.message_id, refusal.params)])
    except EntryPosted as refusal:  # sent again after a cut: it was posted the first time
        do(by, drop_draft, kind=KIND, record_key=_key(key))
        return {
            **_next(by),
            "what": "posted",
            "number": "",
            "again": say(by.language, refusal.message_id, **refusal.params),
        }
    do(by, drop_draft, kind=KIND, record_key=_key(key))
    return {**_next(by), "what": "posted", "number": number, "notice": "Écriture comptabilisée sous {number}."}


def save_typed(by: Actor, payload: Any) -> dict[str, Any]:
    """Keep what is typed among the entries as a draft; return where it is, or errors by field."""
    sent, key, typed = _read(payload)
    places: list[tuple[int, str]] = []
    try:
        draft, places = entry_of(by, typed)
        if key == NEW:
            entry_id = do(by, add_draft, draft=draft, entry_id=_fresh(sent))
        else:
            entry_id = uuid_of(key)
            do(by, edit_draft, entry_id=entry_id, draft=draft, expected_version=_version(sent))
    except BadEntry as refusal:
        return _refused(by, beside_rows(refusal.findings, places))
    do(by, drop_draft, kind=KIND, record_key=_key(key))
    return {**_next(by), "what": "saved", "number": "", "href": routes.entry(entry_id), "notice": "Brouillon gardé."}


def _next(by: Actor) -> dict[str, Any]:
    return {"fresh": str(uuid7()), "newest": _newest(by)}


def _refused(by: Actor, found: list[Finding]) -> dict[str, Any]:
    errors: dict[str, str] = {}
    for one in found:
        errors.setdefault(one.field, say(by.language, one.message_id, **one.params))
    return {"what": "refused", "errors": errors}


def _fresh(sent: Mapping[str, Any]) -> UUID:
    try:
        return UUID(str(sent.get("fresh", "")))
    except ValueError:
        raise NotFound("Cette saisie n’est plus valable ; rechargez la page.") from None


def _version(sent: Mapping[str, Any]) -> int:
    text = str(sent.get("version", "0"))
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def find_for_entry(by: Actor, payload: Any) -> dict[str, Any]:
    """Answer what a field asks: parties by name, what is open with one, entries like a text, or the lines of one."""
    sent: Mapping[str, Any] = payload if isinstance(payload, Mapping) else {}
    what, text = str(sent.get("what", "")), str(sent.get("text", ""))[:100].strip()
    told: dict[str, Any] = {"what": what, "text": text}
    with suppress(BusinessError):
        told |= _found(by, what, text)
    return told


def _found(by: Actor, what: str, text: str) -> dict[str, Any]:
    if what == "party":
        return {"options": find_parties(by, text) if text else []}
    if what == "open":
        items = ask(by, open_items_of_party, party_id=uuid_of(text))
        return {"items": [[str(one.line_id), _item_words(one, by), money(one.balance)] for one in items]}
    if what == "texts":
        found = ask(by, entries_like, text=text) if text else []
        return {"options": [[str(one.entry_id), one.text, day(one.entry_date), money(one.total)] for one in found]}
    if what == "like":
        return {"entry": typed_of(ask(by, entry_facts, entry_id=uuid_of(text)), keeps_items=False)}
    return {}


def _item_words(one: Any, by: Actor) -> str:
    due = say(by.language, "échéance {day}", day=day(one.due_date))
    return f"{one.document or '—'} · {due} · {money(one.balance)}"
