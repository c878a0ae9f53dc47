"""What is derived from a lead's fields: its orders in the list and the text it is found by."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from db.crm.leads.rules import KIND, LeadState
from db.records.custom_fields.given import texts_among
from db.records.custom_fields.rules import CustomField
from db.records.search.actions import Findable
from db.records.search.rules import digits, fold, search_lines

PERMISSION = "crm.read_leads"
SEARCHED = ("name", "person_name", "company_name", "email", "postal_code", "city", "source")
LAST = "9999"  # leads without a next step come last


def state_order(state: str) -> int:
    """Return the place of a state in a lead's life."""
    return list(LeadState).index(LeadState(state))


def derived(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the derived columns of a lead's values."""
    step: date | None = values.get("next_step_date")
    return {
        "name_order": fold(values["name"]),
        "company_order": fold(values["company_name"]),
        "person_order": fold(values["person_name"]),
        "city_order": fold(values["city"]),
        "phone_digits": digits(values["phone"]),
        "amount_order": -1 if values["expected_amount"] is None else int(values["expected_amount"] * 100),
        "state_order": state_order(values["state"]),
        "next_order": step.isoformat() if step else LAST,
    }


def findable(lead_id: UUID, values: Mapping[str, Any], fields: Sequence[CustomField]) -> Findable:
    """Return the search entry of a lead. Custom fields that not every reader of leads may see are left out."""
    open_texts = texts_among(fields, PERMISSION, values["custom"])
    amount = values["expected_amount"]
    named, folded = search_lines(
        [*((name, values[name]) for name in SEARCHED), *open_texts],
        phones=[("phone", values["phone"])],
        identifiers=[("expected_amount", None if amount is None else f"{amount:.2f}")],
    )
    subtitle = " · ".join(text for text in (values["company_name"], values["city"]) if text)
    return Findable(values["search_number"], KIND, lead_id, PERMISSION, values["name"], subtitle, folded, named)
