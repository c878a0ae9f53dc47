"""Refusals that a person can read."""

from typing import Any

from db.kernel.sentences import Sentence


class BusinessError(Exception):
    """A refusal, told in words.

    `message_id` is the French sentence with `{named}` places; `params` fills them. Screens translate the sentence,
    so the two are kept apart until a language is known.
    """

    def __init__(self, message_id: str, **params: Any) -> None:
        sentence = message_id if isinstance(message_id, Sentence) else Sentence(message_id, **params)
        self.message_id, self.params, self.sentence = sentence.message_id, sentence.params, sentence
        super().__init__(str(sentence))


class NotAllowed(BusinessError):
    """The person, or the state of the document, does not permit the deed."""


class NotFound(BusinessError):
    """The record does not exist, or the person may not know of it."""


class ChangedMeanwhile(BusinessError):
    """Somebody else changed the record since it was read."""


class BadInput(BusinessError):
    """A value cannot be understood; the sentence says which and what would do."""


class FreshProofNeeded(BusinessError):
    """The deed asks for a second factor entered a moment ago."""
