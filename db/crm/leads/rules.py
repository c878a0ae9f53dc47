"""What a lead is, the life it leads, and what may stand in its fields."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.access.rules import Actor, may_see_field
from db.kernel.errors import NotAllowed
from db.kernel.findings import BadFields
from db.kernel.findings import Finding as Finding
from db.kernel.lifecycle import Lifecycle
from db.kernel.money import round_to_cent
from db.kernel.phones import HOME, kept_phone, shown_phone
from db.parties.rules import phone_findings
from db.records.kinds.rules import RecordKind, register_kind
from db.records.relations.rules import Relation, register_relation

KIND = "lead"
register_relation(Relation(KIND, "party", table="lead", source="id", target="party_id"))
register_relation(Relation(KIND, "opportunity", table="opportunity", source="lead_id", target="id"))
register_relation(Relation(KIND, "party", table="opportunity", source="lead_id", target="contact_id"))
register_kind(RecordKind(KIND, "Piste", "Pistes", table="lead", read="crm.read_leads", edit="crm.edit_leads"))
SCORE = "lead_score"  # the model that says how likely a lead converts
MOST_AMOUNT = Decimal("1000000000000.00")
LONGEST_NAME = 200
LONGEST_TEXT = 2000
UNKNOWN_REASON = "non précisé"
FIRST_DAYS = timedelta(days=7)  # how long exchanges count as facts: the same for a lead that is closed by now


class LeadState(StrEnum):
    """Where a lead stands."""

    NEW = "new"
    CONTACTED = "contacted"
    QUALIFIED = "qualified"
    CONVERTED = "converted"
    LOST = "lost"


OPEN_STATES = (LeadState.NEW, LeadState.CONTACTED, LeadState.QUALIFIED)
CLOSED_STATES = (LeadState.CONVERTED, LeadState.LOST)
_ONWARD = frozenset(LeadState)

LEAD_LIFE = Lifecycle[LeadState](
    "Piste",
    {
        LeadState.NEW: _ONWARD - {LeadState.NEW},
        LeadState.CONTACTED: _ONWARD - {LeadState.CONTACTED, LeadState.NEW},
        LeadState.QUALIFIED: _ONWARD - {LeadState.QUALIFIED, LeadState.NEW},
        LeadState.LOST: frozenset({LeadState.NEW, LeadState.CONTACTED}),
        LeadState.CONVERTED: frozenset(),
    },
)

STATE_LABELS = {
    LeadState.NEW: "Nouvelle",
    LeadState.CONTACTED: "Contactée",
    LeadState.QUALIFIED: "Qualifiée",
    LeadState.CONVERTED: "Convertie",
    LeadState.LOST: "Perdue",
}

CANTONS = [
    "AG",
    "AI",
    "AR",
    "BE",
    "BL",
    "BS",
    "FR",
    "GE",
    "GL",
    "GR",
    "JU",
    "LU",
    "NE",
    "NW",
    "OW",
    "SG",
    "SH",
    "SO",
    "SZ",
    "TG",
    "TI",
    "UR",
    "VD",
    "VS",
    "ZG",
    "ZH",
]


class AlreadyConverted(NotAllowed):
    """Somebody else has converted the lead."""


class LeadClosed(NotAllowed):
    """The lead is closed; it has to be reopened first."""


class BadLead(BadFields):
    """Values of a lead cannot be kept; `findings` says which and why."""


@dataclass(frozen=True)
class LeadDraft:
    """A lead as somebody enters or imports it. `custom` maps field keys to typed values."""

    name: str
    received_at: datetime
    person_name: str = ""
    company_name: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    house_number: str = ""
    postal_code: str = ""
    city: str = ""
    canton: str = ""
    source: str = ""
    state: LeadState = LeadState.NEW
    owner_id: UUID | None = None
    expected_amount: Decimal | None = None
    next_step: str = ""
    next_step_date: date | None = None
    closed_at: datetime | None = None
    lost_reason: str = ""
    custom: dict[str, Any] = field(default_factory=dict)


TEXT_FIELDS = [
    "name",
    "person_name",
    "company_name",
    "email",
    "phone",
    "street",
    "house_number",
    "postal_code",
    "city",
    "canton",
    "source",
    "next_step",
]
DRAFT_FIELDS = tuple(f.name for f in fields(LeadDraft))
_TEXTS = tuple(f.name for f in fields(LeadDraft) if f.type is str or f.type == "str")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")


def clean_draft(draft: LeadDraft) -> LeadDraft:
    """Return the draft without surrounding spaces, with a canton code in capitals and a closed lead's date and reason.

    A closed lead without a date is taken to have closed when it was received; a lost one without a reason says so.
    """
    texts: dict[str, Any] = {name: " ".join((getattr(draft, name) or "").split()) for name in _TEXTS}
    texts["canton"], texts["email"] = texts["canton"].upper(), texts["email"].lower()
    texts["phone"] = kept_phone(texts["phone"])
    amount = None if draft.expected_amount is None else round_to_cent(draft.expected_amount)
    draft = replace(draft, **texts, expected_amount=amount)
    if draft.state in CLOSED_STATES and draft.closed_at is None:
        draft = replace(draft, closed_at=draft.received_at)
    if draft.state is LeadState.LOST and not draft.lost_reason:
        draft = replace(draft, lost_reason=UNKNOWN_REASON)
    return replace(
        draft,
        name=draft.name or draft.company_name or draft.person_name or draft.email or shown_phone(draft.phone),
    )


def draft_findings(draft: LeadDraft, *, known_phone: str = "") -> list[Finding]:
    """Return everything that is wrong with a cleaned draft; an empty list when it can be kept.

    `known_phone`: what was kept before numbers were read, and may stay.
    """
    found = [
        *_text_findings(draft),
        *_contact_findings(draft, known_phone),
        *_place_findings(draft),
        *_amount_findings(draft),
    ]
    is_closed = draft.state in CLOSED_STATES
    if is_closed != (draft.closed_at is not None):
        found.append(
            Finding(
                "closed_at",
                "Seule une piste convertie ou perdue a une date de clôture.",
            )
        )
    if draft.lost_reason and draft.state is not LeadState.LOST:
        found.append(Finding("lost_reason", "Seule une piste perdue a un motif de perte."))
    if draft.closed_at and draft.closed_at < draft.received_at:
        found.append(Finding("closed_at", "La date de clôture précède la date de réception."))
    return found


def _text_findings(draft: LeadDraft) -> list[Finding]:
    found = []
    if not draft.name:
        found.append(Finding("name", "Donnez un nom à la piste."))
    for name in _TEXTS:
        longest = LONGEST_TEXT if name in ("next_step", "lost_reason") else LONGEST_NAME
        if len(getattr(draft, name)) > longest:
            found.append(Finding(name, "Ce texte dépasse {longest} caractères.", {"longest": longest}))
    return found


def _contact_findings(draft: LeadDraft, known_phone: str) -> list[Finding]:
    found = []
    if draft.email and not _EMAIL.fullmatch(draft.email):
        found.append(
            Finding(
                "email",
                "« {given} » n’est pas une adresse e-mail ; il manque par exemple « @domaine.ch ».",
                {"given": draft.email},
            )
        )
    if draft.phone != known_phone:
        found += phone_findings("phone", draft.phone, HOME)
    return found


def _place_findings(draft: LeadDraft) -> list[Finding]:
    if draft.canton and not re.fullmatch(r"[A-Z]{2}", draft.canton):
        return [
            Finding(
                "canton",
                "« {given} » n’est pas un canton ; écrivez par exemple VD.",
                {"given": draft.canton},
            )
        ]
    if len(draft.postal_code) > 12:
        return [
            Finding(
                "postal_code",
                "« {given} » n’est pas un code postal.",
                {"given": draft.postal_code},
            )
        ]
    return []


def _amount_findings(draft: LeadDraft) -> list[Finding]:
    amount = draft.expected_amount
    if amount is not None and not Decimal(0) <= amount < MOST_AMOUNT:
        return [
            Finding(
                "expected_amount",
                "Le montant doit être positif ; écrivez par exemple 1'234.50.",
            )
        ]
    return []


def told_reasons(reasons: Sequence[Mapping[str, Any]], hidden: frozenset[str]) -> list[dict[str, Any]]:
    """Return the reasons of a score without those that speak of a column that the reader may not know of."""
    return [dict(reason) for reason in reasons if reason.get("column") not in hidden]


def filled_fields(draft: LeadDraft) -> list[str]:
    """Return the fields that a draft says something about."""
    return [name for name in DRAFT_FIELDS if name != "custom" and getattr(draft, name) not in (None, "")]


# what models are told of a column, where it is not called like the column
TOLD_AS = {"email": "has_email", "phone": "has_phone", "company_name": "has_company"}


def unseen_answers(by: Actor) -> frozenset[str]:
    """Return what models are told of the columns that the person may not see."""
    return frozenset(TOLD_AS.get(name, name) for name in _ANSWERING if not may_see_field(by, "lead", name))


_ANSWERING = (*TOLD_AS, "source", "canton", "city", "postal_code", "expected_amount", "exchanges")


def check_draft(draft: LeadDraft, *, known_phone: str = "") -> LeadDraft:
    """Return the cleaned draft. `known_phone`: what was kept before numbers were read, and may stay.

    Raises: BadLead: with all its findings.
    """
    cleaned = clean_draft(draft)
    found = draft_findings(cleaned, known_phone=known_phone)
    if found:
        raise BadLead(found)
    return cleaned


@dataclass(frozen=True)
class LeadFacts:
    """What was known of one lead at an instant: what models learn from and score.

    `won` is None unless the lead had closed before the instant. `fields` holds source, canton, city, postal_code,
    expected_amount (CHF), has_email, has_phone, has_company, exchanges (how many in the `FIRST_DAYS`), and one value
    per custom field that models may use. Nothing is measured at the closing: that would tell how it ended.
    """

    lead_id: UUID
    received_at: datetime
    closed_at: datetime | None
    won: bool | None
    fields: dict[str, str | Decimal | date | bool | None]


def first_exchanges(happened: Sequence[datetime], received_at: datetime, closed_at: datetime | None) -> int:
    """Count the exchanges of a lead's first days, without the one that closed it and what came after."""
    until = received_at + FIRST_DAYS
    until = until if closed_at is None else min(until, closed_at)
    return sum(moment < until for moment in happened)


def values_known_at(now: Mapping[str, Any], befores: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a record's values at an instant: those now, undone by the before-values of later changes, newest first."""
    known = dict(now)
    for before in befores:
        known.update({name: value for name, value in before.items() if name in known})
    return known
