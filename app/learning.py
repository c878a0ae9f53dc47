"""The regular task that learns the words by which search forgives typing errors."""

from app.doors import do
from db.access.rules import Actor
from db.records.search.actions import learn_words


def learn(actor: Actor) -> int:
    """Learn the words of all that can be found, and forget those that are gone; return how many there are."""
    return do(actor, learn_words)
