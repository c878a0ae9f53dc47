"""Which buttons a document offers: what its life allows next, and what the person may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.text import say
from db.access.rules import Actor, may
from db.kernel.lifecycle import Lifecycle


@dataclass(frozen=True)
class Step:
    """A deed that leads a document on: to which state (None: it stays in its own), what it says, who may."""

    verb: str
    label: str  # French
    permission: str
    to: StrEnum | None = None
    only_in: tuple[StrEnum, ...] = ()  # for a deed that changes no state: where it is offered
    reason: str = ""  # "optional", "needed"
    key: str = ""
    tone: str = ""  # p: the one that is meant; danger
    href: str = ""  # where it leads, when it is no deed of this page


def steps_offered(life: Lifecycle[Any], state: StrEnum, steps: Sequence[Step], by: Actor) -> list[Step]:
    """Return the steps that may follow from a state and that the person may take, in their order."""
    return [
        step
        for step in steps
        if may(by, step.permission)
        and (state in step.only_in if step.to is None else step.to in life.next(state))
        and (step.to is None or not step.only_in or state in step.only_in)
    ]


def button_views(steps: Sequence[Step], language: str) -> list[dict[str, str]]:
    """Return buttons as the screen draws them."""
    return [
        {
            "verb": step.verb,
            "label": say(language, step.label),
            "reason": step.reason,
            "key": step.key.lower(),
            "shown_key": step.key.upper(),
            "tone": step.tone,
            "href": step.href,
        }
        for step in steps
    ]
