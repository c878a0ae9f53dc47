"""Who is mentioned in a note: `@` and a person's full name."""

import re
from collections.abc import Sequence
from uuid import UUID


def mentioned(text: str, people: Sequence[tuple[UUID, str]]) -> list[UUID]:
    """Return who is mentioned in a text, in the order of the list, each once; the longest name that fits counts."""
    names = sorted({name for _, name in people if name}, key=len, reverse=True)
    if not names or "@" not in text:
        return []
    said = re.compile("@(" + "|".join(re.escape(name) for name in names) + r")(?!\w)")
    found = set(said.findall(text))
    return [user_id for user_id, name in people if name in found]
