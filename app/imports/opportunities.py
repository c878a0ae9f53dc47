"""Opportunities as a kind that files are read into: their fields, the words that name them, and how a row is read."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from app.imports.kinds import Kind, Situation, Target
from app.imports.party_words import COMPANY_NAME
from db.crm.imports.opportunities.actions import OPPORTUNITY_IMPORT
from db.crm.opportunities.intake.queries import opportunity_matches
from db.crm.opportunities.intake.rules import OpportunityRow, check_row, identities_of
from db.crm.opportunities.rules import STATE_LABELS, OpportunityState, tidy
from db.kernel.errors import BadInput
from db.kernel.money import round_to_cent
from db.parties.intake.rules import Identity


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


TARGETS = (
    Target(
        "name",
        "Nom de l’affaire",
        "text",
        _words(
            "nom de l affaire|affaire|opportunite|opportunity|opportunity name|deal|deal name|projet|"
            "project|objet|titre|title|verkaufschance|geschaft|auftrag|projekt|bezeichnung|nom|name"
        ),
        example="Rénovation de la cuisine",
    ),
    replace(COMPANY_NAME, example="Menuiserie Favre SA"),
    Target(
        "outcome",
        "État",
        "state",
        _words("etat|statut|status|state|phase|etape|stage|deal stage|resultat|ergebnis|issue"),
        example="en cours",
    ),
    Target(
        "expected_amount",
        "Montant espéré",
        "number",
        _words(
            "montant espere|montant|montant chf|valeur|amount|value|deal value|close value|"
            "expected amount|expected revenue|betrag|wert|umsatz|chiffre d affaires"
        ),
        example="12'500.00",
    ),
    Target(
        "opened_at",
        "Ouverte le",
        "date",
        _words(
            "ouverte le|date d ouverture|cree le|creee le|date de creation|created|engage date|eroffnet am|datum|date"
        ),
        example="03.11.2026",
    ),
    Target(
        "closed_at",
        "Close le",
        "date",
        _words("close le|date de cloture|cloture|signee le|closed|close date|abschluss|abschlussdatum"),
    ),
    Target(
        "closing_reason",
        "Motif",
        "text",
        _words("motif|motif de perte|raison|raison de perte|reason|lost reason|verlustgrund|grund"),
    ),
    Target("next_step", "Prochaine étape", "text", _words("prochaine etape|next step|nachster schritt|suite")),
    Target(
        "next_step_date",
        "Prochaine étape le",
        "date",
        _words("prochaine etape le|date de relance|relance|next step date|follow up|wiedervorlage"),
    ),
)
STATES = {
    OpportunityState.OPEN.value: frozenset(
        _words(
            "en cours|ouverte|ouvert|offen|open|nouvelle|new|negotiation|negociation|engaging|prospecting|offre envoyee"
        )
    ),
    OpportunityState.WON.value: frozenset(
        _words("gagnee|gagne|won|closed won|gewonnen|signee|signe|conclue|oui|vendu|ja|yes|1|true|vrai")
    ),
    OpportunityState.LOST.value: frozenset(
        _words("perdue|perdu|lost|closed lost|verloren|abandonnee|sans suite|non|nein|no|0|false|faux")
    ),
}


def build(values: dict[str, Any], custom: dict[str, Any], where: Situation) -> OpportunityRow:
    """Return the opportunity of one row. Raises: BadInput: the values cannot be kept."""
    if "outcome" in values:
        values["state"] = OpportunityState(values.pop("outcome"))
    if isinstance(values.get("next_step_date"), datetime):
        values["next_step_date"] = values["next_step_date"].date()
    for name in ("name", "company_name", "next_step", "closing_reason"):
        if name in values:
            values[name] = tidy(values[name])
    if "expected_amount" in values:
        values["expected_amount"] = round_to_cent(values["expected_amount"])
    opened = values.get("opened_at") or min(values.get("closed_at") or where.began_at, where.began_at)
    state = values.get("state") or (OpportunityState.WON if values.get("closed_at") else OpportunityState.OPEN)
    if state is not OpportunityState.OPEN:
        values.setdefault("closed_at", opened)
    elif "closed_at" in values:
        raise BadInput("Une affaire en cours n’a pas de date de clôture.")
    rest = {name: value for name, value in values.items() if name not in ("company_name", "opened_at", "state")}
    company = values.get("company_name", "")
    made = OpportunityRow(where.line, rest.pop("name", ""), company, opened, state, custom=custom, **rest)
    check_row(made)
    return made


def identify(read: OpportunityRow) -> tuple[Identity, ...]:
    """Return by what the opportunity of a row is recognised."""
    return identities_of(read.name, read.company)


def row(line: int, read: OpportunityRow, given: dict[str, Any], key: tuple[Identity, ...]) -> OpportunityRow:
    """Return the row as the business takes it."""
    said = {
        name: value for name, value in given.items() if name not in ("company_name", "custom") and value is not None
    }
    return replace(read, given=said, key=key)


OPPORTUNITIES = Kind(
    name="opportunities",
    record_kind="opportunity",
    label="Affaires",
    permission="crm.import_leads",
    undo_permission="crm.undo_import",
    targets=TARGETS,
    states=STATES,
    state_labels={state.value: label for state, label in STATE_LABELS.items()},
    key_targets=frozenset({"name"}),
    field_of={"outcome": "state"},
    reserved=frozenset(),
    build=build,
    row=row,
    deeds=OPPORTUNITY_IMPORT,
    find=opportunity_matches,
    identify=identify,
    recognised="Le nom de l’affaire et la société.",
    portion=100,
    icon="handshake",
    page="/affaires",
    purpose="Ce qui est en discussion, gagné ou perdu, avec la société ; une société inconnue est créée.",
)
