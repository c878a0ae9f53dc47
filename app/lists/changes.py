"""Deeds from a list: one cell, a pasted block, many records at once; what would be refused is told before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.doors import ask, do, now, rehearse
from app.lists.kind import Around, Editing, ListKind, Verb
from app.lists.reading import in_words, surroundings, view_of
from app.text import say
from db.access.rules import Actor
from db.kernel.errors import BadInput, BusinessError
from db.records.listing.actions import ask_for_bulk
from db.records.listing.changes import Change, Changed

MOST_IN_ONE_DEED = 500
MOST_CELLS = 5000
NOT_HERE = "Cette colonne ne se modifie pas dans la liste."


@dataclass(frozen=True)
class Chosen:
    """Which records: these, or (without ids) every record of the view at an address."""

    ids: tuple[UUID, ...]
    address: str

    def all(self, kind: ListKind, actor: Actor) -> list[UUID]:
        """Return the ids.

        Raises: BadInput, NotFound: a view that cannot be shown.
        """
        if self.ids:
            return list(self.ids)
        asked = view_of(kind, actor, self.address)
        return ask(actor, kind.queries.ids, request=kind.read_request(asked.whole), by=actor)


def read_ids(given: Sequence[str]) -> tuple[UUID, ...]:
    """Return record ids that came from a browser.

    Raises: BadInput.
    """
    try:
        return tuple(UUID(str(one)) for one in given)
    except ValueError:
        raise BadInput("Ces lignes ne désignent aucune fiche ; rechargez la liste.") from None


def change_cell(kind: ListKind, actor: Actor, record_id: str, key: str, text: str, version: int) -> Changed:
    """Write one cell.

    Raises: BusinessError: the value does not fit, or the record may not be changed.
    """
    around = surroundings(kind, actor)
    editing = _editing(kind, key, around)
    if editing is None:
        raise BadInput(NOT_HERE)
    [one] = read_ids([record_id])
    change = Change(one, as_values(editing, text, around), expected_version=int(version))
    return do(actor, kind.change, changes=(change,))


def _editing(kind: ListKind, key: str, around: Around) -> Editing | None:
    return next((column.editing for column in kind.columns_seen(around) if column.key == key), None)


def as_values(editing: Editing, text: str, around: Around) -> dict[str, Any]:
    """Return what a text sets.

    Raises: BusinessError: the text does not fit.
    """
    value = editing.read(_choice(editing, str(text).strip(), around), around)
    if editing.field.startswith("custom."):
        return {"custom": {editing.field.removeprefix("custom."): value}}
    return {editing.field: value}


def _choice(editing: Editing, text: str, around: Around) -> str:
    """Return the value of a choice that was named by its words, as a pasted cell does."""
    if editing.options is None:
        return text
    options = editing.options(around)
    by_words = {words.casefold(): value for value, words in options}
    if text in dict(options):
        return text
    if text.casefold() in by_words:
        return by_words[text.casefold()]
    raise BadInput("« {text} » n’est pas un des choix.", text=text[:60])


# --- many records ----------------------------------------------------------------------------------------------------


def _verb(kind: ListKind, key: str) -> Verb:
    found = next((verb for verb in kind.verbs if verb.key == key), None)
    if found is None:
        raise BadInput("« {verb} » ne se fait pas en lot.", verb=key[:40])
    return found


def bulk_changes(kind: ListKind, actor: Actor, key: str, value: str, ids: Sequence[UUID]) -> tuple[Change, ...]:
    """Return what a verb does to records.

    Raises: BadInput.
    """
    values = _verb(kind, key).values(value, surroundings(kind, actor))
    return tuple(Change(one, values, key) for one in ids)


def preview_bulk(kind: ListKind, actor: Actor, key: str, value: str, chosen: Chosen) -> dict[str, Any]:
    """Tell how many records a verb would change and which it would refuse, having tried and kept nothing.

    Raises: BadInput.
    """
    ids = chosen.all(kind, actor)
    tried = ids[:MOST_IN_ONE_DEED]
    refused = _rehearsed(kind, actor, bulk_changes(kind, actor, key, value, tried))
    reasons = Counter(refused.values())
    return {
        "what": "bulk",
        "verb": key,
        "value": value,
        "count": len(ids),
        "tried": len(tried),
        "fit": len(tried) - len(refused),
        "refused": [[sentence, number] for sentence, number in reasons.most_common(8)],
        "job": len(ids) > MOST_IN_ONE_DEED,
    }


def _rehearsed(kind: ListKind, actor: Actor, changes: Sequence[Change]) -> dict[UUID, str]:
    """Return why records would be refused."""
    if not changes:
        return {}
    try:
        changed: Changed = rehearse(actor, kind.change, changes=changes)
    except BusinessError:
        return {change.record_id: _alone(kind, actor, change) for change in changes}
    return {one.record_id: say(actor.language, one.message_id, **one.params) for one in changed.refused}


def _alone(kind: ListKind, actor: Actor, change: Change) -> str:
    try:
        rehearse(actor, kind.change, changes=(change,))
    except BusinessError as refusal:
        return in_words(actor, refusal)
    return ""


def run_bulk(kind: ListKind, actor: Actor, key: str, value: str, chosen: Chosen) -> Changed | UUID:
    """Do it: in one deed, or (above `MOST_IN_ONE_DEED`) as a job, whose id is returned.

    Raises: BusinessError: nothing could be done.
    """
    ids = chosen.all(kind, actor)
    if len(ids) <= MOST_IN_ONE_DEED:
        changed: Changed = do(actor, kind.change, changes=bulk_changes(kind, actor, key, value, ids))
        return changed
    _verb(kind, key).values(value, surroundings(kind, actor))
    arguments = {"list": kind.key, "verb": key, "value": value, "ids": [one.hex for one in ids]}
    job_id: UUID = do(actor, ask_for_bulk, arguments=arguments, at=now())
    return job_id


# --- a pasted block --------------------------------------------------------------------------------------------------

Cell = tuple[str, int, str, str]  # record, version, column, text


def read_block(kind: ListKind, actor: Actor, cells: Sequence[Cell]) -> tuple[list[Change], dict[tuple[str, str], str]]:
    """Return one change per record of a block, and why single cells cannot be read.

    Raises: BadInput: too many cells, or no records.
    """
    if len(cells) > MOST_CELLS:
        raise BadInput("Collez au plus {most} cellules à la fois.", most=MOST_CELLS)
    around = surroundings(kind, actor)
    editable = {column.key: column.editing for column in kind.columns_seen(around)}
    values: dict[tuple[str, int], dict[str, Any]] = {}
    wrong: dict[tuple[str, str], str] = {}
    for record_id, version, key, text in cells:
        editing = editable.get(key)
        try:
            if editing is None:
                raise BadInput(NOT_HERE)
            _merge(values.setdefault((record_id, int(version)), {}), as_values(editing, text, around))
        except BusinessError as refusal:
            wrong[record_id, key] = in_words(actor, refusal)
    ids = read_ids([record_id for record_id, _ in values])
    changes = [
        Change(one, given, expected_version=version)
        for one, ((_, version), given) in zip(ids, values.items(), strict=True)
        if given
    ]
    return changes, wrong


def _merge(into: dict[str, Any], values: dict[str, Any]) -> None:
    custom = {**into.get("custom", {}), **values.get("custom", {})}
    into.update(values)
    if custom:
        into["custom"] = custom


def preview_block(kind: ListKind, actor: Actor, cells: Sequence[Cell]) -> dict[str, Any]:
    """Tell cell by cell what a block would write and what is wrong with it; nothing is kept.

    Raises: BadInput.
    """
    changes, wrong = read_block(kind, actor, cells)
    refused = {one.hex: sentence for one, sentence in _rehearsed(kind, actor, changes).items()}
    told = [
        [record_id, key, text, wrong.get((record_id, key)) or refused.get(UUID(record_id).hex, "")]
        for record_id, _, key, text in cells
    ]
    return {
        "what": "paste",
        "cells": told,
        "good": sum(not error for *_, error in told),
        "bad": sum(bool(error) for *_, error in told),
    }


def paste_block(kind: ListKind, actor: Actor, cells: Sequence[Cell]) -> Changed:
    """Write the cells of a block that fit, in one deed.

    Raises: BusinessError: nothing fits.
    """
    changes, wrong = read_block(kind, actor, cells)
    if not changes:
        raise BadInput("Aucune cellule ne convient.") if wrong else BadInput("Le presse-papiers est vide.")
    return do(actor, kind.change, changes=tuple(changes))
