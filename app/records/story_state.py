"""The story beside every record: lines by sort, older ones on demand, notes with mentions, files, followers."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from app.doors import ask, do
from app.platform import handler, notify
from app.records.kinds import place_of
from app.records.saving import uuid_of
from app.records.story import FileView, Line, read_cursor, read_files, read_followers, read_people, read_story
from app.session import current_actor
from db.access.rules import Actor, may
from db.documents.attachments.actions import attach_file, detach_file
from db.documents.attachments.rules import MOST_BYTES
from db.kernel.errors import BusinessError
from db.records.followers.actions import follow_record, unfollow_record
from db.records.notes.actions import write_note
from db.records.timeline.rules import CHANGE, SORTS, StoryPart
from db.records.undo.queries import may_be_removed

OPEN, WRITE, FILES = "records.open", "records.write_note", "documents.receive"
FILE_SORT = "document"


class Story(rx.State):
    """The story of the record that the page shows."""

    kind: str = ""
    record_id: str = ""
    sort: str = ""
    lines: list[Line] = []
    older: str = ""
    files: list[FileView] = []
    preview: str = ""  # the file that is shown
    followers: list[str] = []
    follows: bool = False
    people: list[str] = []
    removable: bool = False

    @handler(OPEN)
    async def load(self) -> None:
        """Show the story of the record of the address."""
        await self._load(*place_of(self.router.url.path))

    @handler(OPEN)
    async def filter(self, sort: str) -> None:
        """Show only one sort of lines, or all of them again."""
        self.sort = sort if sort in SORTS or sort == CHANGE else ""
        await self._lines(await current_actor(self))

    @handler(OPEN)
    async def more(self) -> None:
        """Show older lines below."""
        actor, before = await current_actor(self), read_cursor(self.older)
        if before is None or not self.record_id:
            return
        part = StoryPart(sort=self.sort, before=before)
        lines, self.older = await asyncio.to_thread(read_story, actor, self.kind, UUID(self.record_id), part)
        known = {line.id for line in self.lines}
        self.lines = [*self.lines, *(line for line in lines if line.id not in known)]

    @handler(WRITE)
    async def note(self, form: dict[str, Any]) -> Any:
        """Write a note; people named after an @ are told."""
        actor = await current_actor(self)
        place = {"kind": str(form.get("kind", "")), "record_id": uuid_of(form.get("record_id", ""))}
        await asyncio.to_thread(do, actor, write_note, text=str(form.get("text", "")), **place)
        await self._lines(actor)
        return notify("Noté.")

    @handler(OPEN)
    async def follow(self, follows: bool) -> Any:
        """Follow the record of the page, or stop."""
        actor = await current_actor(self)
        kind, record_id = place_of(self.router.url.path)
        action = follow_record if follows is True else unfollow_record
        await asyncio.to_thread(do, actor, action, kind=kind, record_id=record_id)
        self.followers, self.follows = await asyncio.to_thread(read_followers, actor, kind, record_id)
        return notify("Vous suivez cette fiche." if self.follows else "Vous ne suivez plus cette fiche.")

    @handler(FILES)
    async def attach(self, files: list[rx.UploadFile]) -> Any:
        """Hang dropped or chosen files on the record of the page."""
        actor = await current_actor(self)
        kind, record_id = place_of(self.router.url.path)
        refusals: list[BusinessError] = []
        for file in files:
            content = await file.read(MOST_BYTES + 1)
            given = {"kind": kind, "record_id": record_id, "name": file.name or "fichier", "content": content}
            try:
                await asyncio.to_thread(do, actor, attach_file, **given)
            except BusinessError as refusal:
                refusals.append(refusal)
        await self._load(kind, record_id)
        if refusals:  # the others hang there already
            raise refusals[0]
        return notify("Fichier joint." if len(files) == 1 else "{count} fichiers joints.", count=len(files))

    @handler(FILES)
    def reject(self, files: list[dict[str, Any]]) -> Any:
        """Say why the browser did not send what was dropped."""
        return notify("Ce fichier dépasse 25 Mo ; réduisez-le.", "error")

    @handler(FILES)
    async def detach(self, file_id: str) -> Any:
        """Take a file off the record."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, detach_file, file_id=uuid_of(file_id))
        self.preview = ""
        if self.record_id:
            await self._load(self.kind, UUID(self.record_id))
        return notify("Fichier retiré.")

    @handler(OPEN)
    def look_at(self, file_id: str) -> None:
        """Show a file in its place, or put it away."""
        known = {file.id for file in self.files}
        self.preview = file_id if file_id in known and file_id != self.preview else ""

    async def _load(self, kind: str, record_id: UUID) -> None:
        """Show the story of a record; called by the states of pages as well."""
        actor = await current_actor(self)
        if (self.kind, self.record_id) != (kind, str(record_id)):
            self.sort = self.preview = ""
        self.kind, self.record_id = kind, str(record_id)
        await self._lines(actor)
        self.files = await asyncio.to_thread(read_files, actor, kind, record_id)
        self.followers, self.follows = await asyncio.to_thread(read_followers, actor, kind, record_id)
        self.people = await asyncio.to_thread(_mentionable, actor)
        self.removable = await asyncio.to_thread(ask, actor, may_be_removed, kind=kind, record_id=record_id, by=actor)

    async def _lines(self, actor: Actor) -> None:
        if not self.record_id:
            return
        part = StoryPart(sort=self.sort)
        self.lines, self.older = await asyncio.to_thread(read_story, actor, self.kind, UUID(self.record_id), part)

    def _forget(self) -> None:
        self.kind = self.record_id = self.older = self.preview = ""
        self.lines, self.files, self.followers, self.people, self.removable = [], [], [], [], False


def _mentionable(actor: Actor) -> list[str]:
    return read_people(actor) if may(actor, WRITE) else []
