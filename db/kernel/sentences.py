"""Sentences that are kept: the French message id and what fills its places, so that each reader has her language."""

import json
from typing import Any

MARK = '["'  # how a kept sentence with places begins; anything else is a sentence as it stands
LONGEST_PARAM = 300


class Sentence(str):
    """A French sentence with its places filled, which still knows the two apart: `message_id`, `params`."""

    message_id: str
    params: dict[str, Any]

    def __new__(cls, message_id: str, **params: Any) -> "Sentence":
        """Fill the places."""
        made = super().__new__(cls, message_id.format(**params) if params else message_id)
        made.message_id, made.params = message_id, params
        return made


def kept(sentence: str) -> str:
    """Return a sentence as a text column keeps it: the id alone, or with what fills its places."""
    if not isinstance(sentence, Sentence) or not sentence.params:
        return str(sentence)
    params = {name: str(value)[:LONGEST_PARAM] for name, value in sentence.params.items()}
    return json.dumps([sentence.message_id, params], ensure_ascii=False)


def read_sentence(text: str) -> Sentence:
    """Return a kept sentence; what earlier releases kept, French with its places filled, is one without places."""
    if text.startswith(MARK):
        try:
            message_id, params = json.loads(text)
            return Sentence(str(message_id), **params)
        except (ValueError, TypeError, KeyError, IndexError):
            return Sentence(text)
    return Sentence(text)
