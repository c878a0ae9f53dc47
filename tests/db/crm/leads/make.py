"""A valid lead in one call."""

from datetime import UTC, datetime
from typing import Any

from db.crm.leads.rules import LeadDraft

RECEIVED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def make_draft(**given: Any) -> LeadDraft:
    """Return a draft of a lead; a test states only what matters to it."""
    return LeadDraft(
        **{
            "name": "Garde-corps quai Ouest",
            "person_name": "Ingrid Keller",
            "company_name": "Chantier naval Bornand SA",
            "email": "ingrid.keller@bornand.example",
            "phone": "+41 21 555 01 42",
            "postal_code": "1800",
            "city": "Vevey",
            "canton": "VD",
            "source": "Site web",
            "received_at": RECEIVED,
            **given,
        }
    )
