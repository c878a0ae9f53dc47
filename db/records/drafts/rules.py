"""What a draft of a form is: what somebody typed and has not saved."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from db.kernel.errors import BadInput

LIFE = timedelta(days=30)
NEW = "new"
MOST_FIELDS, LONGEST_VALUE, LONGEST_ALL = 100, 10_000, 60_000


def check_values(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what was typed, as texts by field.

    Raises: BadInput: far more than any form holds.
    """
    texts = {str(name)[:120]: str(value) for name, value in values.items()}
    sizes = [len(text) for text in texts.values()]
    if len(texts) > MOST_FIELDS or max(sizes, default=0) > LONGEST_VALUE or sum(sizes) > LONGEST_ALL:
        raise BadInput("Ce brouillon est trop long pour être gardé.")
    return texts
