"""The life of a document, as data that actions and buttons both read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from db.kernel.errors import NotAllowed

State = TypeVar("State", bound=StrEnum)


class WrongStep(NotAllowed):
    """The document cannot go from its state to the one asked for."""


@dataclass(frozen=True)
class Lifecycle(Generic[State]):
    """Which state may follow which."""

    document: str
    steps: Mapping[State, frozenset[State]]

    def step(self, now: State, to: State) -> State:
        """Return `to` if it may follow `now`.

        Raises:
            WrongStep: it may not.
        """
        if to not in self.steps[now]:
            raise WrongStep(
                "{document} : le passage de « {now} » à « {to} » n’est pas prévu.",
                document=self.document,
                now=now.value,
                to=to.value,
            )
        return to

    def next(self, now: State) -> frozenset[State]:
        """Return the states that may follow."""
        return self.steps[now]
