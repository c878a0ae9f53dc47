"""French words for what programs are told, and for what became of a message."""

from db.jobs.webhooks.rules import PING, DeliveryState

EVENTS: dict[str, str] = {
    "crm.lead_created": "Piste créée",
    "crm.lead_changed": "Piste modifiée",
    "crm.lead_closed": "Piste close",
    "crm.opportunity_closed": "Affaire gagnée ou perdue",
    "crm.opportunity_reopened": "Affaire rouverte",
    "records.mentioned": "Mention dans une note",
    PING: "Message d’essai",
}
STATES: dict[DeliveryState, str] = {
    DeliveryState.WAITING: "en attente",
    DeliveryState.DONE: "reçu",
    DeliveryState.FAILED: "non remis",
    DeliveryState.DROPPED: "abandonné",
}
