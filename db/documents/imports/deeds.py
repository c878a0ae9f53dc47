"""The deeds that the import of every kind has, made from what the kind itself does with its rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.documents.imports import actions as batches
from db.documents.imports.queries import undoable_batch
from db.documents.imports.rules import Counts, FoundProblem, UndoStand
from db.records.intake.rules import Undone, Written

JOB = "documents.run_import"


@dataclass(frozen=True)
class ImportDeeds:
    """What is done with an import of a kind: begun, written portion by portion, and undone part by part."""

    begin: Callable[..., Any]
    write: Callable[..., Any]
    ask_for_undo: Callable[..., Any]
    undo: Callable[..., Any]


@dataclass(frozen=True)
class AddedFields:
    """What a kind with added fields does: `make` those that a file brings, `remove` them; how many had to stay."""

    make: Callable[..., None]  # (session, *, batch, fields, by, at)
    remove: Callable[..., int]  # (session, *, batch, by, at)


def import_deeds(
    name: str,
    *,
    module: str,
    permissions: tuple[str, str],
    write_rows: Callable[..., Written],
    undo_part: Callable[..., Undone],
    added: AddedFields | None = None,
) -> ImportDeeds:
    """Return the deeds of a kind, with the permissions to import and to undo.

    `write_rows` takes (session, *, import_id, rows, by, at) and raises BadInput when a row cannot be kept so;
    `undo_part` takes (session, *, import_id, by, at). They are registered as actions of `module` by the name of the
    kind: `begin_item_import`, `write_item_rows`, `ask_for_item_undo`, `undo_item_import`.
    """

    def write(
        session: Session,
        *,
        import_id: UUID,
        cursor: int,
        rows: Sequence[Any],
        key_field: str,
        problems: Sequence[FoundProblem],
        refused: int,
        by: Actor,
        at: datetime,
    ) -> None:
        """Write one portion and the place in the file, in one transaction."""
        done = write_rows(session, import_id=import_id, rows=rows, by=by, at=at)
        counts = Counts(done.created, done.updated, done.unchanged, refused)
        batches.advance(session, import_id=import_id, counts=counts, problems=problems, cursor=cursor, by=by)

    def undo(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> UndoStand:
        """Undo the next part of an import; what was touched or used since is left and named."""
        batches.check_undoable(session, import_id=import_id, by=by, at=at)
        done, kept = undo_part(session, import_id=import_id, by=by, at=at), 0
        if added is not None and not done.waiting:
            kept = added.remove(session, batch=undoable_batch(session, import_id=import_id, by=by), by=by, at=at)
        return batches.note_part_undone(session, import_id=import_id, done=done, fields_kept=kept, by=by, at=at)

    to_import, to_undo = permissions
    return ImportDeeds(
        _deed(_begun(added), f"begin_{name}_import", module, to_import),
        _deed(write, f"write_{name}_rows", module, to_import),
        _deed(_asked(), f"ask_for_{name}_undo", module, to_undo),
        _deed(undo, f"undo_{name}_import", module, to_undo),
    )


def _deed(deed: Any, name: str, module: str, permission: str) -> Callable[..., Any]:
    deed.__name__, deed.__qualname__, deed.__module__ = name, name, module
    gated: Callable[..., Any] = gate(permission)(deed)
    return gated


def _begun(added: AddedFields | None) -> Callable[..., Any]:
    def begin(
        session: Session, *, import_id: UUID, fields: Sequence[Any], with_job: bool, by: Actor, at: datetime
    ) -> UUID | None:
        """Begin the import, with the fields that it adds; return its job."""
        batch = batches.begin(session, import_id=import_id, job_kind=JOB if with_job else None, by=by, at=at)
        if added is not None:
            added.make(session, batch=batch, fields=fields, by=by, at=at)
        return batch.job_id

    return begin


def _asked() -> Callable[..., Any]:
    def ask_for_undo(session: Session, *, import_id: UUID, by: Actor, at: datetime) -> UUID:
        """Ask the worker to undo an import; return the job. Raises: WrongStep."""
        job_id: UUID = batches.ask_for_undo(session, import_id=import_id, by=by, at=at)
        return job_id

    return ask_for_undo
