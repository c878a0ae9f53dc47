"""What webhooks do when something happened: write a message for each program that is told."""

from uuid import UUID

from app import routes
from app.doors import do
from app.session import actor_of_user
from app.webhooks.messages import message_of
from db.access.people.rules import PersonClosed
from db.access.rules import Actor
from db.jobs.queries import Event
from db.jobs.webhooks import actions, queries
from db.records.notifications.actions import tell
from db.records.notifications.rules import Told, Topic
from db.session import reading

LEFT = "La personne de ce webhook ne travaille plus ici."


def tell_programs(event: Event, by: Actor) -> None:
    """Have every program told that listens to the event and whose person may know of it; safe to repeat."""
    with reading() as session:
        listeners = queries.listeners(session, kind=event.kind)
    for listener in listeners:
        try:
            receiver = actor_of_user(listener.owner_id, via="api")
        except PersonClosed:
            do(by, actions.disable_webhook, webhook_id=listener.webhook_id, problem=LEFT)
            continue
        body = message_of(event, receiver)
        if body is not None:
            do(by, actions.enqueue, webhook_id=listener.webhook_id, event_id=event.id, kind=event.kind, body=body)


def on_disabled(event: Event, by: Actor) -> None:
    """Tell the person of a webhook that it rests; whoever has left is told nothing."""
    try:
        actor_of_user(UUID(event.facts["user_id"]), via="job")
    except PersonClosed:
        return
    told = Told(
        UUID(event.facts["user_id"]),
        Topic.JOB,
        f"webhook-{event.id}",
        "Le webhook vers {url} est arrêté : {problem}",
        {"url": event.facts["url"], "problem": event.facts["problem"]},
        address=routes.API,
    )
    do(by, tell, told=[told])
