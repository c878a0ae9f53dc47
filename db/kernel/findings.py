"""What is wrong with single fields, so that each sentence can stand beside its field."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.kernel.errors import BadInput
from db.kernel.sentences import Sentence


@dataclass(frozen=True)
class Finding:
    """What is wrong with one field."""

    field: str
    message_id: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def sentence(self) -> Sentence:
        """Return what is wrong, as a sentence that can be kept."""
        return Sentence(self.message_id, **self.params)

    def __str__(self) -> str:
        return str(self.sentence)


class BadFields(BadInput):
    """Values of a record cannot be kept; `findings` says which and why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = list(findings)
        super().__init__(findings[0].message_id, **findings[0].params)
