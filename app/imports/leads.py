"""Leads as a kind that files are read into: their fields, the words that name them, and how a row becomes a draft."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.imports.kinds import Kind, Situation, Target
from db.crm.imports import actions
from db.crm.imports.rules import LeadRow
from db.crm.leads.queries import lead_by_key
from db.crm.leads.rules import DRAFT_FIELDS, STATE_LABELS, LeadDraft, LeadState, check_draft
from db.kernel.errors import BadInput

BETWEEN_ROWS = timedelta(
    minutes=1
)  # rows without a date keep their order: one a minute, the last just before the import

TARGETS = (
    Target("name", "Nom de la piste", "name", ("nom de la piste", "piste", "lead", "lead name", "titre", "title", "sujet", "betreff",
           "name", "nom", "bezeichnung"), is_identity=True),
    Target("first_name", "Prénom", "text", ("prenom", "first name", "firstname", "vorname", "given name"), is_identity=True),
    Target("last_name", "Nom de famille", "text", ("nom de famille", "last name", "lastname", "surname", "nachname", "familienname",
           "family name"), is_identity=True),
    Target("person_name", "Personne de contact", "text", ("personne de contact", "nom du contact", "contact", "contact name", "contact person",
           "kontakt", "kontaktperson", "ansprechpartner", "personne", "full name", "nom complet", "nom et prenom", "prenom nom",
           "interlocuteur"), is_identity=True),
    Target("company_name", "Entreprise", "text", ("entreprise", "societe", "raison sociale", "company", "company name", "firma", "firme",
           "unternehmen", "organisation", "organization", "account", "account name", "client", "kunde"), is_identity=True),
    Target("email", "E-mail", "email", ("e mail", "email", "mail", "courriel", "adresse e mail", "adresse mail", "email address",
           "e mail adresse", "mailadresse")),
    Target("phone", "Téléphone", "phone", ("telephone", "tel", "phone", "phone number", "telefon", "telefonnummer", "mobile", "natel", "portable",
           "handy", "numero de telephone", "no de telephone")),
    Target("street", "Rue", "text", ("rue", "adresse", "strasse", "street", "address", "street address"), is_identity=True),
    Target("house_number", "N° de rue", "text", ("no de rue", "numero de rue", "hausnummer", "hausnr", "house number")),
    Target("postal_code", "NPA", "postal_code", ("npa", "code postal", "plz", "postleitzahl", "zip", "zip code", "postal code", "postcode")),
    Target("city", "Localité", "text", ("localite", "ville", "ort", "city", "town", "stadt", "lieu", "commune")),
    Target("canton", "Canton", "canton", ("canton", "kanton", "kt", "ct")),
    Target("source", "Source", "text", ("source", "lead source", "provenance", "origine", "quelle", "herkunft", "canal d acquisition", "campagne",
           "campaign", "lead origin")),
    Target("outcome", "État ou résultat", "state", ("resultat", "etat", "statut", "outcome", "converted", "converti", "gagne", "won", "y",
           "status", "stage", "etape", "ergebnis", "phase", "result", "issue", "signe", "abgeschlossen", "gewonnen", "is converted", "target", "vendu",
           "sold", "lead status")),
    Target("expected_amount", "Montant espéré", "number", ("montant", "montant espere", "montant prevu", "chiffre d affaires", "budget", "amount",
           "expected amount", "expected revenue", "betrag", "umsatz", "wert", "valeur", "value", "deal value", "montant chf", "ca")),
    Target("received_at", "Reçue le", "date", ("recue le", "recu le", "date", "date de reception", "date de creation", "cree le", "creee le",
           "received", "received at", "received on", "created", "created at", "created on", "creation date", "created date", "create date", "datum",
           "eingang", "eingangsdatum", "erstellt", "erstellt am", "date d entree", "first contact date")),
    Target("closed_at", "Close le", "date", ("close le", "cloture", "date de cloture", "closed", "closed at", "close date", "closed date",
           "converted at", "abschluss", "abschlussdatum", "date de signature", "perdue le", "gagnee le")),
    Target("lost_reason", "Motif de perte", "text", ("motif de perte", "raison de perte", "motif", "lost reason", "reason lost", "verlustgrund",
           "absagegrund")),
)  # fmt: skip

STATES = {
    LeadState.CONVERTED: frozenset("oui yes ja y 1 true vrai converti convertie converted gagne gagnee won gewonnen signe signee signed vendu sold "
        "client customer kunde conclu conclue success abgeschlossen".split() + ["closed won", "1 0"]),
    LeadState.LOST: frozenset("non no nein n 0 false faux perdu perdue lost verloren refuse refusee rejected abgelehnt dead disqualified "
        "abandonne abandonnee failure".split() + ["closed lost", "sans suite", "0 0", "not converted", "non converti"]),
    LeadState.NEW: frozenset("nouveau nouvelle new neu ouvert ouverte open offen".split() + ["en attente", "a traiter"]),
    LeadState.CONTACTED: frozenset("contacte contactee contacted kontaktiert".split() + ["en cours", "in progress", "in bearbeitung", "en discussion"]),
    LeadState.QUALIFIED: frozenset("qualifie qualifiee qualified qualifiziert interesse interessee interested".split() + ["offre envoyee", "proposal"]),
}  # fmt: skip

# What models and lists already call so; a custom field of that name would be taken for it.
RESERVED = frozenset({*DRAFT_FIELDS, *(target.key for target in TARGETS), "id", "won", "has_email", "has_phone", "has_company", "exchanges",
                      "days_since_last_exchange", "import_id", "party_id", "score", "probability", "owner"})  # fmt: skip


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
    label="pistes",
    permission="crm.import_leads",
    undo_permission="crm.undo_import",
    targets=TARGETS,
    states={state.value: words for state, words in STATES.items()},
    state_labels={state.value: label for state, label in STATE_LABELS.items()},
    key_targets=frozenset({"email", "phone", "name"}),
    reserved=RESERVED,
    build=build,
    begin=actions.begin_lead_import,
    row=LeadRow,
    write=actions.write_lead_rows,
    ask_for_undo=actions.ask_for_undo,
    undo=actions.undo_lead_import,
    known_keys=lead_by_key,
)
