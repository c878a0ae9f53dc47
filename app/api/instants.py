"""Instants over the API carry their time zone: without it nobody could know when they are."""

from datetime import datetime

from db.kernel.errors import BadInput


def check_aware(**given: datetime | None) -> None:
    """Refuse an instant without a time zone.

    Raises: BadInput: names it.
    """
    for name, at in given.items():
        if at is not None and at.tzinfo is None:
            raise BadInput("« {field} » doit porter un fuseau horaire.", field=name)
