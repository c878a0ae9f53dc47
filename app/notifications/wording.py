"""A message in its reader's language."""

from app.text import money, say
from db.kernel.sentences import read_sentence
from db.records.notifications.queries import MessageFacts


def message_line(one: MessageFacts, language: str) -> str:
    """Return a message as one line, with what is at stake."""
    said = {
        name: say(language, read_sentence(str(value))) if name in ("job", "problem") else value
        for name, value in one.params.items()
    }
    line = say(language, one.message_id, **said)
    return line if one.amount is None else f"{line} · CHF {money(one.amount)}"
