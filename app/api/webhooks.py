"""Webhooks over the API: who is told of what, what was sent, and sending again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.permission import allowed
from app.api.proof import Code, proven
from app.doors import ask, do, now
from app.webhooks.messages import trial
from db.access.rules import Actor
from db.jobs.webhooks import actions, queries
from db.jobs.webhooks.rules import EVENTS, LONGEST_URL

router = APIRouter(prefix="/webhooks", tags=["Webhooks"])
Manager = Annotated[Actor, Depends(allowed(queries.MANAGE))]


class NewWebhook(BaseModel):
    """Where to tell (https), and of which events."""

    model_config = ConfigDict(extra="forbid")
    url: str = Field(min_length=1, max_length=LONGEST_URL)
    events: list[Annotated[str, Field(max_length=80)]] = Field(min_length=1, max_length=len(EVENTS))


class ChangedWebhook(NewWebhook):
    """What a webhook is to be; `expected_version` is the `row_version` that was read."""

    expected_version: int = Field(ge=1, le=2**31 - 1)


class Decision(BaseModel):
    """Whether webhooks leave, and if they may stay within one's own network; `expected_version`: of the policy."""

    model_config = ConfigDict(extra="forbid")
    is_on: bool
    allows_private: bool = False
    expected_version: int = Field(ge=0, le=2**31 - 1)


class Made(BaseModel):
    """A new webhook with its secret, which is shown this once."""

    id: UUID
    secret: str


class Secret(BaseModel):
    """A new secret, shown this once."""

    secret: str


class Sent(BaseModel):
    """A message that is to be sent."""

    id: UUID


@router.get("")
def webhooks(by: Manager) -> list[queries.WebhookFacts]:
    """Lister les webhooks."""
    return ask(by, queries.webhooks)


@router.get("/events")
def events(by: Manager) -> list[str]:
    """Lister les événements dont un programme peut être averti."""
    return list(EVENTS)


@router.get("/policy")
def policy(by: Manager) -> queries.Policy:
    """Dire si l'entreprise envoie des webhooks, et jusque dans le réseau interne."""
    return ask(by, queries.policy)


@router.put("/policy")
def decide(by: Manager, given: Decision, code: Code = "") -> queries.Policy:
    """Laisser partir les webhooks, ou non ; demande le second facteur."""
    do(proven(by, code), actions.decide_webhooks, **given.model_dump())
    return ask(by, queries.policy)


@router.post("", status_code=201)
def create(by: Manager, given: NewWebhook, response: Response) -> Made:
    """Ajouter un webhook ; son secret n'est montré que cette fois."""
    response.headers["Cache-Control"] = "no-store"
    webhook_id, secret = do(by, actions.add_webhook, url=given.url, events=given.events)
    return Made(id=webhook_id, secret=secret)


@router.get("/{webhook_id}")
def webhook(by: Manager, webhook_id: UUID) -> queries.WebhookFacts:
    """Lire un webhook, sans son secret."""
    return ask(by, queries.webhook, webhook_id=webhook_id)


@router.put("/{webhook_id}")
def change(by: Manager, webhook_id: UUID, given: ChangedWebhook) -> queries.WebhookFacts:
    """Changer l'adresse et les événements."""
    do(by, actions.edit_webhook, webhook_id=webhook_id, **given.model_dump())
    return ask(by, queries.webhook, webhook_id=webhook_id)


@router.delete("/{webhook_id}", status_code=204)
def remove(by: Manager, webhook_id: UUID) -> None:
    """Supprimer un webhook avec son journal."""
    do(by, actions.remove_webhook, webhook_id=webhook_id)


@router.post("/{webhook_id}/secret")
def renew(by: Manager, webhook_id: UUID, response: Response) -> Secret:
    """Créer un nouveau secret ; l'ancien ne signe plus rien."""
    response.headers["Cache-Control"] = "no-store"
    return Secret(secret=do(by, actions.renew_secret, webhook_id=webhook_id))


@router.post("/{webhook_id}/enable", status_code=204)
def enable(by: Manager, webhook_id: UUID) -> None:
    """Reprendre l'envoi ; ce qui attendait part."""
    do(by, actions.switch_webhook, webhook_id=webhook_id, is_on=True)


@router.post("/{webhook_id}/disable", status_code=204)
def disable(by: Manager, webhook_id: UUID) -> None:
    """Suspendre l'envoi."""
    do(by, actions.switch_webhook, webhook_id=webhook_id, is_on=False)


@router.post("/{webhook_id}/ping", status_code=202)
def ping(by: Manager, webhook_id: UUID) -> Sent:
    """Envoyer un message d'essai."""
    return Sent(id=do(by, actions.ping, webhook_id=webhook_id, body=trial(now())))


@router.get("/{webhook_id}/deliveries")
def deliveries(
    by: Manager, webhook_id: UUID, cursor: UUID | None = None, size: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[queries.Delivery]:
    """Lire le journal d'envoi, le plus récent d'abord ; `cursor` : l'id du dernier message de la page d'avant."""
    return ask(by, queries.deliveries, webhook_id=webhook_id, before=cursor, most=size)


@router.post("/deliveries/{delivery_id}/resend", status_code=202)
def resend(by: Manager, delivery_id: UUID) -> Sent:
    """Envoyer un message encore une fois, sous le même `webhook-id`."""
    do(by, actions.send_again, delivery_id=delivery_id)
    return Sent(id=delivery_id)


@router.post("/deliveries/{delivery_id}/give-up", status_code=204)
def give_up(by: Manager, delivery_id: UUID) -> None:
    """Abandonner un message qui attend, pour que les suivants partent."""
    do(by, actions.give_up, delivery_id=delivery_id)
