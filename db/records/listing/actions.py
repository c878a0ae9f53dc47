"""Asking for a change of more records than one deed takes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from db.access.gate import gate
from db.access.rules import Actor
from db.jobs.actions import ask_for_job

BULK = "lists.bulk"


@gate("records.save_view")
def ask_for_bulk(session: Session, *, arguments: dict[str, Any], by: Actor, at: datetime) -> UUID:
    """Let the worker change many records on behalf of the actor, whose rights it asks again; return the job's id."""
    return ask_for_job(session, kind=BULK, arguments=arguments, by=by, at=at)
