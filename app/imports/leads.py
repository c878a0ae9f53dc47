"""Leads as a kind that files are read into: their fields, the words that name them, and how a row becomes a draft."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.imports.kinds import Kind, Situation
from app.imports.lead_words import STATES, TARGETS
from db.crm.imports import actions
from db.crm.imports.rules import LeadRow
from db.crm.leads.queries import lead_by_key
from db.crm.leads.rules import DRAFT_FIELDS, STATE_LABELS, LeadDraft, LeadState, check_draft
from db.kernel.errors import BadInput

BETWEEN_ROWS = timedelta(
    minutes=1
)  # rows without a date keep their order: one a minute, the last just before the import

# What models and lists already call so; a custom field of that name would be taken for it.
RESERVED = frozenset(
    {
        *DRAFT_FIELDS,
        *(target.key for target in TARGETS),
        *("id", "won", "has_email", "has_phone", "has_company", "exchanges"),
        *("import_id", "party_id", "score", "probability", "owner"),
    }
)


def build(values: dict[str, Any], custom: dict[str, Any], where: Situation) -> LeadDraft:
    """Return the draft of one row; puts names together and gives a row without a date its place in time.

    Adds to `values` what it made of several columns, so that an update knows it as well.

    Raises:
        BadInput: the values contradict each other.
    """
    _join_names(values)
    if "outcome" in values:
        values["state"] = LeadState(values.pop("outcome"))
    received = values.get("received_at") or where.began_at - BETWEEN_ROWS * (where.rows - where.place)
    if received > where.began_at + timedelta(days=1):
        raise BadInput("La date de réception {day} est dans le futur.", day=f"{received:%d.%m.%Y}")
    received = min(received, where.began_at)
    if "received_at" not in values and values.get("closed_at"):
        received = min(received, values["closed_at"])
    if values.get("received_at"):
        values["received_at"] = received
    if values.get("closed_at") and "state" not in values:
        values["state"] = LeadState.CONVERTED if not values.get("lost_reason") else LeadState.LOST
    draft = LeadDraft(**{"name": "", **values, "received_at": received, "custom": custom})
    named = draft.company_name or draft.person_name or draft.email or draft.phone
    return check_draft(draft if draft.name or named else _numbered(draft, where))


def _join_names(values: dict[str, Any]) -> None:
    first, last = values.pop("first_name", None), values.pop("last_name", None)
    if "person_name" not in values and (first or last or ""):
        if last is None and "name" in values and first:
            last = values.pop("name")  # `Prénom;Nom`: here the name is the family name
        values["person_name"] = " ".join(part for part in (first, last) if part)


def _numbered(draft: LeadDraft, where: Situation) -> LeadDraft:
    stem = where.file_name.split(".")[0].replace("_", " ").strip()[:80]
    return replace(draft, name=f"{stem}, ligne {where.line}")


LEADS = Kind(
    name="leads",
    record_kind="lead",
    label="Pistes",
    permission="crm.import_leads",
    undo_permission="crm.undo_import",
    targets=TARGETS,
    states={state.value: words for state, words in STATES.items()},
    state_labels={state.value: label for state, label in STATE_LABELS.items()},
    key_targets=frozenset({"email", "phone", "name"}),
    field_of={"outcome": "state", "first_name": "person_name"},
    reserved=RESERVED,
    build=build,
    row=LeadRow,
    deeds=actions.LEAD_IMPORT,
    known_keys=lead_by_key,
    recognised="La colonne choisie ci-dessous.",
    proposes_custom=True,
    icon="target",
    page="/pistes",
    purpose="Qui pourrait devenir client : demandes, salons, listes achetées.",
)
