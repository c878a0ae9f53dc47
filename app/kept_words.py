"""What an undoing left as it was, in a person's words."""

from app.history_words import COLUMNS, KINDS, word
from app.records.kinds import address_of
from app.text import say
from db.access.rules import Actor
from db.records.undo.rules import UNDOERS, Kept


def kept_row(one: Kept, by: Actor) -> dict[str, str]:
    """Return one thing that stayed, in words."""
    undoer = UNDOERS.get(one.table)
    return {
        "kind": word(by.language, KINDS, one.table) if one.table else "",
        "name": one.name or str(one.record_id)[-6:],
        "href": address_of(undoer.kind, one.record_id) if undoer and undoer.kind else "",
        "field": word(by.language, COLUMNS, one.column) if one.column else "",
        "why": why(one, by.language),
    }


def why(one: Kept, language: str) -> str:
    """Return the reason; tables that hang on a record (`what`) are called by their words."""
    params = dict(one.params)
    if "what" in params:
        params["what"] = ", ".join(word(language, KINDS, table) for table in str(params["what"]).split(", "))
    return say(language, one.message_id, **params)
