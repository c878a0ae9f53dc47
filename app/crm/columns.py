"""The columns of the list of leads: what each shows, how it is sorted, and its text for screen and export."""

from collections.abc import Callable
from typing import Any

from app.text import say
from db.crm.leads.rules import STATE_LABELS, LeadState

PROGRESS = {
    LeadState.NEW: "25",
    LeadState.CONTACTED: "50",
    LeadState.QUALIFIED: "75",
    LeadState.CONVERTED: "100",
    LeadState.LOST: "0",
}


def state_label(state: LeadState, language: str) -> str:
    """Return the name of a state."""
    return say(language, STATE_LABELS[state])


FIELD_LABELS = {
    "name": "Nom de la piste",
    "company_name": "Société",
    "person_name": "Personne",
    "email": "E-mail",
    "phone": "Téléphone",
    "street": "Rue",
    "house_number": "Numéro",
    "postal_code": "NPA",
    "city": "Localité",
    "canton": "Canton",
    "source": "Source",
    "state": "État",
    "owner_id": "Responsable",
    "expected_amount": "Montant attendu (CHF)",
    "next_step": "Prochaine étape",
    "next_step_date": "Date de la prochaine étape",
    "closed_at": "Close le",
    "lost_reason": "Motif de la perte",
    "exchanges": "Échanges",
    "last_exchange_at": "Dernier échange",
    "custom": "Champs de l’entreprise",
    "party_id": "Société",
}


def field_label(name: str, language: str) -> str:
    """Return the name of a lead's field."""
    return say(language, FIELD_LABELS.get(name, name))


EXPORT_ONLY: tuple[tuple[str, Callable[[Any], Any], str], ...] = (  # label, value, and the field that it tells
    ("Intervalle bas", lambda row: row.low, "probability"),
    ("Intervalle haut", lambda row: row.high, "probability"),
    ("Version du modèle", lambda row: row.version, "probability"),
    ("Date de la prochaine étape", lambda row: row.next_step_date, "next_step_date"),
    ("Close le", lambda row: row.closed_at, "closed_at"),
)
