"""What the API forgets by itself."""

from app.doors import do
from db.access.repeats import actions
from db.access.rules import Actor


def forget_old_answers(by: Actor) -> None:
    """Remove the kept answers of requests that are a day old."""
    do(by, actions.forget_old_answers)
