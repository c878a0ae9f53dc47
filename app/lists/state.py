"""What every list does with events. A list's own state is three lines: `class Companies(ListState, rx.State)`.

The address holds search, filters, order, columns and groups; rows come first, counts a moment later.
"""

import asyncio
from collections.abc import Callable
from secrets import token_hex
from typing import Any
from uuid import UUID

import reflex as rx

from app.doors import do
from app.job_watch import JobWatch
from app.lists.changes import (
    Chosen,
    change_cell,
    paste_block,
    preview_block,
    preview_bulk,
    read_ids,
    run_bulk,
)
from app.lists.kind import ListKind
from app.lists.reading import facts_of, fresh_rows, in_words, read_counts, read_rows
from app.lists.view import as_text
from app.platform import handler, notify
from app.session import current_actor
from db.kernel.errors import BadInput, BusinessError
from db.records.listing.changes import Changed
from db.records.views.actions import begin_with_view, pin_view, remove_view, save_view

# what the handlers below ask for until a list says which of its own permissions that is
READ, EDIT, VIEW, SHARE = "list.read", "list.edit", "records.save_view", "records.share_view"


def for_list(kind: ListKind) -> Callable[[type[rx.State]], type[rx.State]]:
    """Make a state the one of a list: its handlers ask for the list's permissions."""

    def declare(state: type[rx.State]) -> type[rx.State]:
        state._kind_key = kind.key  # type: ignore[attr-defined]
        _KINDS[state.__name__] = kind
        wanted = {READ: kind.read, EDIT: kind.edit}
        for found in state.event_handlers.values():
            asked = getattr(found.fn, "_permission", "")
            found.fn._permission = wanted.get(asked, asked)  # type: ignore[attr-defined]
        return state

    return declare


_KINDS: dict[str, ListKind] = {}


class ListState(rx.State, mixin=True):
    """One page of a list as one JSON text, its counts as another, and the answer to the newest deed."""

    view: str = ""
    counts: str = ""
    answer: str = ""
    peeked: str = ""
    facts: list[dict[str, str]] = []
    peeked_name: str = ""
    _address: str = ""
    _counted: str = "?"  # which view the counts belong to
    _answers: int = 0
    _number: int = 0  # of what the browser asked last: it knows by it whether the newest is shown
    _load: str = ""

    @handler(READ)
    async def load(self) -> Any:
        """Show what the address asks for."""
        self.peeked, self._counted, self.answer, self._load = "", "?", "", token_hex(4)
        return await self._show(self.router.url.query)

    @handler(READ)
    async def query(self, address: str, number: int = 0) -> Any:
        """Show another search, filter, order or page; `number` counts what the browser asked."""
        self._number = number if isinstance(number, int) else 0
        return await self._show(str(address))

    @handler(READ, background=True)
    async def count(self) -> None:
        """Count what the view holds, after its rows are shown."""
        async with self:
            actor, address = await current_actor(self), self._address
        counts = await asyncio.to_thread(read_counts, self._kind(), actor, address)
        async with self:
            if self._address == address:
                self.counts = as_text(counts)

    @handler(READ)
    def open(self, record_id: str) -> Any:
        """Go to a record's page."""
        [one] = read_ids([record_id])
        return rx.redirect(self._kind().link.replace("{id}", str(one)))

    @handler(READ)
    async def peek(self, record_id: str) -> None:
        """Look at a record beside the list; the same one again closes the panel."""
        if self.peeked == record_id:
            self.peeked = ""
            return
        await self._look(record_id)

    @handler(READ)
    def close_peek(self) -> None:
        """Close the panel beside the list."""
        self.peeked = ""

    @handler(EDIT)
    async def change_cell(self, record_id: str, column: str, text: str, version: int) -> Any:
        """Write one cell; a refusal is shown beside it."""
        actor, kind = await current_actor(self), self._kind()
        told = {"what": "cell", "id": record_id, "column": column}
        try:
            changed = await asyncio.to_thread(change_cell, kind, actor, record_id, column, text, version)
        except BusinessError as refusal:
            self._tell({**told, "error": in_words(actor, refusal)})
            return None
        rows = await asyncio.to_thread(fresh_rows, kind, actor, self._address, list(changed.done))
        self._tell({**told, "error": "", "row": rows[0] if rows else None})
        return notify("Enregistré.", undo=str(changed.deed_id))

    @handler(EDIT)
    async def preview_bulk(self, verb: str, ids: list[str], value: str) -> None:
        """Tell what a verb would do to the chosen records; without ids, to the whole view."""
        actor = await current_actor(self)
        chosen = Chosen(read_ids(ids), self._address)
        try:
            told = await asyncio.to_thread(preview_bulk, self._kind(), actor, verb, value, chosen)
        except BusinessError as refusal:
            told = {"what": "bulk", "error": in_words(actor, refusal)}
        self._tell(told)

    @handler(EDIT)
    async def bulk(self, verb: str, ids: list[str], value: str) -> Any:
        """Do it."""
        actor, kind = await current_actor(self), self._kind()
        chosen = Chosen(read_ids(ids), self._address)
        done = await asyncio.to_thread(run_bulk, kind, actor, verb, value, chosen)
        self._tell({"what": "done"})
        if isinstance(done, UUID):
            started = notify("Le travail est lancé ; sa fin vous sera signalée dans les travaux.")
            return [started, JobWatch.follow(str(done))]
        return _events(await self._again(), _told(kind, verb, done))

    @handler(EDIT)
    async def preview_paste(self, cells: list[list[Any]]) -> None:
        """Tell cell by cell what a block would write."""
        actor = await current_actor(self)
        try:
            told = await asyncio.to_thread(preview_block, self._kind(), actor, _cells(cells))
        except BusinessError as refusal:
            told = {"what": "paste", "cells": [], "good": 0, "bad": 0, "error": in_words(actor, refusal)}
        self._tell(told)

    @handler(EDIT)
    async def paste(self, cells: list[list[Any]]) -> Any:
        """Write the cells that fit."""
        actor = await current_actor(self)
        changed = await asyncio.to_thread(paste_block, self._kind(), actor, _cells(cells))
        self._tell({"what": "done"})
        said = notify("{count} fiches modifiées.", undo=str(changed.deed_id), count=len(changed.done))
        return _events(await self._again(), said)

    @handler(VIEW)
    async def save_view(self, name: str, address: str, shared: bool) -> Any:
        """Keep the state of the list under a name."""
        given = {"kind": self._kind().key, "name": name, "query": address, "shared": bool(shared)}
        view_id = await self._do(save_view, **given)
        await self._do(pin_view, view_id=view_id, pinned=True)
        return _events(await self._again(), notify("Vue « {name} » enregistrée.", name=name))

    @handler(VIEW)
    async def remove_view(self, view_id: str) -> Any:
        """Remove a view of one's own."""
        await self._do(remove_view, view_id=read_ids([view_id])[0])
        return _events(await self._again(), notify("Vue supprimée."))

    @handler(VIEW)
    async def pin_view(self, view_id: str, pinned: bool) -> Any:
        """Keep a view as a tab, or no longer."""
        await self._do(pin_view, view_id=read_ids([view_id])[0], pinned=bool(pinned))
        return await self._again()

    @handler(SHARE)
    async def begin_with(self, view_id: str, roles: list[str]) -> Any:
        """Let the people of these roles begin with a view."""
        await self._do(begin_with_view, view_id=read_ids([view_id])[0], roles=[str(role) for role in roles])
        return _events(await self._again(), notify("Vue de départ enregistrée."))

    def _kind(self) -> ListKind:
        return _KINDS[self.__class__.__name__]  # also behind the proxy of a background event

    async def _do(self, action: Any, **arguments: Any) -> Any:
        return await asyncio.to_thread(do, await current_actor(self), action, **arguments)

    async def _look(self, record_id: str) -> None:
        actor = await current_actor(self)
        [one] = read_ids([record_id])
        found = await asyncio.to_thread(facts_of, self._kind(), actor, one)
        self.peeked = record_id if found else ""
        self.facts, self.peeked_name = found.get("facts", []), found.get("name", "")

    async def _again(self) -> Any:
        self._counted = "?"
        return await self._show(self._address)

    async def _show(self, address: str) -> Any:
        actor = await current_actor(self)
        view = await asyncio.to_thread(read_rows, self._kind(), actor, address)
        self._address, self.view = address, as_text({**view, "n": self._number, "load": self._load})
        if view["error"] or self._counted == view["filterKey"]:
            return None
        self._counted = view["filterKey"]
        return type(self).count

    def _tell(self, told: dict[str, Any]) -> None:
        self._answers += 1
        self.answer = as_text({"n": self._answers, **told})


def _events(*events: Any) -> list[Any]:
    return [event for event in events if event is not None]


def _cells(given: list[list[Any]]) -> list[tuple[str, int, str, str]]:
    try:
        return [(str(one), int(version), str(key), str(text)) for one, version, key, text in given]
    except (TypeError, ValueError):
        raise BadInput("Ces lignes ne désignent aucune fiche ; rechargez la liste.") from None


def _told(kind: ListKind, verb: str, changed: Changed) -> Any:
    said = next(one.done for one in kind.verbs if one.key == verb)
    if changed.refused:
        return notify(
            "{count} fiches modifiées, {refused} refusées.",
            "warning",
            undo=str(changed.deed_id),
            count=len(changed.done),
            refused=len(changed.refused),
        )
    return notify(said, undo=str(changed.deed_id), count=len(changed.done))
