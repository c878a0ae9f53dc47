"""Many companies or persons at once: out of a file, and the undoing of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from db.access.bulk import insert_rows, update_rows
from db.access.gate import gate
from db.access.history import as_json
from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.kernel.phones import kept_phone
from db.kernel.record import uuid7
from db.parties.actions import findable_by
from db.parties.intake.queries import companies_named, matches
from db.parties.intake.rules import PartyRow, several_companies
from db.parties.rules import ALSO, KIND, PartyDraft, PartyKind, check_party, draft_of
from db.parties.tables import Party, PartyContact
from db.records.custom_fields.actions import index_rows, remove_values
from db.records.custom_fields.queries import custom_fields
from db.records.custom_fields.rules import CustomField, all_kept
from db.records.intake.actions import Taking, remember_touched, undo_touched
from db.records.intake.queries import locked_records
from db.records.intake.rules import PORTION, Touched, Undone, Written, in_turn
from db.records.search.actions import add_search_entries, change_search_entries, remove_search_entries
from db.records.search.queries import next_numbers
from db.records.search.rules import fold
from db.records.timeline.actions import Told, add_entries, remove_timeline

COLUMNS = ("name", "uid", "email", "phone", "street", "house_number", "postal_code", "city", "canton", "country")
ROLES = ("is_customer", "is_supplier")


@gate("parties.import")
def write_parties(session: Session, *, rows: Sequence[PartyRow], import_id: UUID, by: Actor, at: datetime) -> Written:
    """Add or change the party of each row; persons are linked with their company, which is added when it is new.

    Raises:
        BadInput: a row means two parties, or cannot be kept; nothing is written.
    """
    found = matches(session, rows=rows, by=by)
    for row in rows:
        if row.line in found and found[row.line].problem:
            raise BadInput(found[row.line].problem)
    known = {line: match.party_id for line, match in found.items()}
    new = [(row, uuid7()) for row in rows if row.line not in known]
    companies = ensure_companies(session, names=[row.company for row in rows], import_id=import_id, by=by, at=at)

    fields = custom_fields(session, kind=KIND)
    added = [all_kept(fields, row.custom) for row, _ in new]
    made = _insert(session, [(party_id, row.draft) for row, party_id in new], added)
    given = [(known[row.line], {**row.given, "custom": row.custom}) for row in rows if row.line in known]
    changed = _change(session, given, fields)
    pairs = [
        (companies[fold(row.company)], known.get(row.line) or made_id, row.function)
        for row, made_id in [*new, *((row, None) for row in rows if row.line in known)]
        if row.company
    ]
    linked = _link(session, pairs, import_id, by=by, at=at)
    _make_known(session, made, fields, by=by, at=at)
    change_search_entries(session, entries=[findable_by(values, fields) for _, values in changed], by=by, at=at)
    index_rows(session, fields=fields, rows=[values for _, values in changed], are_new=False, by=by, at=at)
    touched = [Touched(values["id"]) for values in made] + [mark for mark, _ in changed]
    remember_touched(session, import_id=import_id, table="party", touched=touched, by=by, at=at)

    really = {mark.record_id for mark, _ in changed} | linked
    updated = [known[row.line] for row in rows if row.line in known]
    return Written(len(new), len(updated), sum(party_id not in really for party_id in updated))


@gate("parties.import")
def ensure_companies(
    session: Session, *, names: Sequence[str], import_id: UUID, by: Actor, at: datetime
) -> dict[str, UUID]:
    """Return the company of each name, by the folded name; those that are new are added.

    Raises:
        BadInput: several companies bear a name.
    """
    wanted = {fold(name): name for name in names if name}
    found = companies_named(session, names=list(wanted.values()))
    for name, ids in found.items():
        if len(ids) > 1:
            raise BadInput(several_companies(wanted[name]))
    new = [(uuid7(), PartyDraft(PartyKind.COMPANY, name)) for folded, name in wanted.items() if folded not in found]
    made = _insert(session, new)
    _make_known(session, made, (), by=by, at=at)
    touched = [Touched(values["id"]) for values in made]
    remember_touched(session, import_id=import_id, table="party", touched=touched, by=by, at=at)
    return {name: ids[0] for name, ids in found.items()} | {values["name_order"]: values["id"] for values in made}


@gate("crm.undo_import")
def undo_parties(session: Session, *, import_id: UUID, most: int = PORTION, by: Actor, at: datetime) -> Undone:
    """Take back what an import did to some parties: links first, then the parties that nobody uses.

    Links do not count among what is removed or restored.
    """
    links = Taking(
        PartyContact,
        remove=lambda found: _delete(session, found),
        restore=lambda pairs: _restore(session, PartyContact, pairs),
        named=lambda link: link.function or "contact",
    )
    parties = Taking(
        Party,
        remove=lambda found: _remove(session, found, by=by, at=at),
        restore=lambda pairs: _give_back(session, pairs, by=by, at=at),
        named=lambda party: party.name,
    )
    mine: dict[str, Any] = {"import_id": import_id, "by": by, "at": at}
    return in_turn(
        most,
        lambda most: replace(undo_touched(session, taking=links, most=most, **mine), removed=0, restored=0),
        lambda most: undo_touched(session, taking=parties, most=most, **mine),
    )


def _insert(
    session: Session,
    drafts: Sequence[tuple[UUID, PartyDraft]],
    added: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Insert parties, with the JSON of their added fields; return their columns."""
    numbers = next_numbers(session, count=len(drafts)) if drafts else []
    rows = []
    customs = added or [{}] * len(drafts)
    for (party_id, draft), number, custom in zip(drafts, numbers, customs, strict=True):
        check_party(draft)
        values = {**columns_of(draft), "kind": draft.kind.value, "name_order": fold(draft.name)}
        roles = {"is_customer": bool(draft.is_customer), "is_supplier": bool(draft.is_supplier)}
        rows.append({**values, **roles, "id": party_id, "search_number": number, "custom": custom})
    insert_rows(session, Party, rows)
    return rows


def columns_of(draft: PartyDraft) -> dict[str, Any]:
    """Return a draft as the columns of a party."""
    bare = {"name": draft.name, "uid": draft.uid, "email": draft.email}
    bare["phone"] = kept_phone(draft.phone, country=draft.address.country)
    return {**bare, **vars(draft.address)}


def _make_known(
    session: Session,
    made: Sequence[Mapping[str, Any]],
    fields: Sequence[CustomField],
    *,
    by: Actor,
    at: datetime,
) -> None:
    add_search_entries(session, entries=[findable_by(values, fields) for values in made], by=by, at=at)
    index_rows(session, fields=fields, rows=made, are_new=True, by=by, at=at)
    told = [Told(KIND, values["id"], "created", "Fiche importée", at) for values in made]
    add_entries(session, entries=told, by=by, at=at)


def _change(
    session: Session, changes: Sequence[tuple[UUID, Mapping[str, Any]]], fields: Sequence[CustomField]
) -> list[tuple[Touched, dict[str, Any]]]:
    """Change parties by what the file says of them; return what really changed, with all columns as they are now."""
    parties = locked_records(session, Party, [party_id for party_id, _ in changes])
    real, done = [], []
    for party_id, given in changes:
        party: Any = parties[party_id]
        full = {name: getattr(party, name) for name in (*COLUMNS, *ROLES)} | dict(given)
        full["custom"] = all_kept(fields, {**party.custom, **given.get("custom", {})})
        draft = draft_of(full, PartyKind(party.kind))
        check_party(draft, known_phones={party.phone})
        full["phone"] = draft.phone
        new = {name: value for name, value in full.items() if getattr(party, name) != value}
        if not new:
            continue
        before = {name: as_json(getattr(party, name)) for name in new}
        touched = Touched(party_id, party.row_version + 1, before)
        also = {name: getattr(party, name) for name in ALSO}
        done.append((touched, {**full, **also, "id": party_id, "search_number": party.search_number}))
        real.append((party, {**new, "name_order": fold(full["name"])}))
    _write(session, Party, real)
    return done


def _write(session: Session, table: type[Any], pairs: Sequence[tuple[Any, dict[str, Any]]]) -> None:
    update_rows(session, table, pairs)
    for record, _ in pairs:
        session.expire(record)


def _link(
    session: Session, pairs: Sequence[tuple[UUID, UUID | None, str]], import_id: UUID, *, by: Actor, at: datetime
) -> set[UUID | None]:
    """Note for whom persons speak; return the persons of whom that is new."""
    ids = [person_id for _, person_id, _ in pairs]
    wanted = select(PartyContact).where(col(PartyContact.person_id).in_(ids))
    known = {(link.company_id, link.person_id): link for link in session.scalars(wanted)} if ids else {}
    new: list[dict[str, Any]] = []
    changes, touched = [], []
    for company_id, person_id, function in pairs:
        link = known.get((company_id, person_id))  # type: ignore[arg-type]
        if link is None:
            link_id = uuid7()
            new.append({"id": link_id, "company_id": company_id, "person_id": person_id, "function": function})
            touched.append(Touched(link_id))
        elif function and link.function != function:
            touched.append(Touched(link.id, link.row_version + 1, {"function": link.function}))
            changes.append((link, {"function": function}))
    insert_rows(session, PartyContact, new)
    _write(session, PartyContact, changes)
    remember_touched(session, import_id=import_id, table="party_contact", touched=touched, by=by, at=at)
    return {row["person_id"] for row in new} | {link.person_id for link, _ in changes}


def _delete(session: Session, found: Sequence[Any]) -> None:
    for record in found:
        session.delete(record)
    session.flush()


def _restore(session: Session, table: type[Any], pairs: Sequence[tuple[Any, dict[str, Any]]]) -> None:
    _write(session, table, pairs)


def _remove(session: Session, found: Sequence[Any], *, by: Actor, at: datetime) -> None:
    ids, numbers = [party.id for party in found], [party.search_number for party in found]
    _delete(session, found)
    remove_values(session, record_ids=ids, by=by, at=at)
    remove_search_entries(session, numbers=numbers, by=by, at=at)
    remove_timeline(session, kind=KIND, record_ids=ids, by=by, at=at)


def _give_back(session: Session, pairs: Sequence[tuple[Any, dict[str, Any]]], *, by: Actor, at: datetime) -> None:
    rows, fields = [], custom_fields(session, kind=KIND)
    for party, before in pairs:
        names = (*COLUMNS, *ROLES, *ALSO, "custom", "id", "search_number")
        rows.append({name: getattr(party, name) for name in names} | before)
        before["name_order"] = fold(rows[-1]["name"])
    _write(session, Party, pairs)
    change_search_entries(session, entries=[findable_by(row, fields) for row in rows], by=by, at=at)
    index_rows(session, fields=fields, rows=rows, are_new=False, by=by, at=at)
