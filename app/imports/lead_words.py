"""How people call the fields and the states of a lead, in French, German and English; without accents and case."""

from app.imports.kinds import Target
from db.crm.leads.rules import LeadState


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


TARGETS = (
    Target(
        "name",
        "Nom de la piste",
        "name",
        _words("nom de la piste|piste|lead|lead name|titre|title|sujet|betreff|name|nom|bezeichnung"),
        is_identity=True,
        example="Portes pour l’école",
    ),
    Target(
        "first_name",
        "Prénom",
        "text",
        _words("prenom|first name|firstname|vorname|given name"),
        is_identity=True,
        example="Anne",
    ),
    Target(
        "last_name",
        "Nom de famille",
        "text",
        _words("nom de famille|last name|lastname|surname|nachname|familienname|family name"),
        is_identity=True,
        example="Rochat",
    ),
    Target(
        "person_name",
        "Personne de contact",
        "text",
        _words(
            "personne de contact|nom du contact|contact|contact name|contact person|kontakt|kontaktperson|"
            "ansprechpartner|personne|full name|nom complet|nom et prenom|prenom nom|interlocuteur"
        ),
        is_identity=True,
    ),
    Target(
        "company_name",
        "Entreprise",
        "text",
        _words(
            "entreprise|societe|raison sociale|company|company name|firma|firme|unternehmen|organisation|"
            "organization|account|account name|client|kunde"
        ),
        is_identity=True,
        example="Boulangerie Rochat",
    ),
    Target(
        "email",
        "E-mail",
        "email",
        _words("e mail|email|mail|courriel|adresse e mail|adresse mail|email address|e mail adresse|mailadresse"),
        example="anne@rochat.example",
    ),
    Target(
        "phone",
        "Téléphone",
        "phone",
        _words(
            "telephone|tel|phone|phone number|telefon|telefonnummer|mobile|natel|portable|handy|"
            "numero de telephone|no de telephone"
        ),
        example="021 801 23 45",
    ),
    Target(
        "street",
        "Rue",
        "text",
        _words("rue|adresse|strasse|street|address|street address"),
        is_identity=True,
        example="Rue du Lac",
    ),
    Target(
        "house_number",
        "N° de rue",
        "text",
        _words("no de rue|n de rue|numero de rue|hausnummer|hausnr|house number"),
        example="12",
    ),
    Target(
        "postal_code",
        "NPA",
        "postal_code",
        _words("npa|code postal|plz|postleitzahl|zip|zip code|postal code|postcode"),
        example="1110",
    ),
    Target(
        "city",
        "Localité",
        "text",
        _words("localite|ville|ort|city|town|stadt|lieu|commune"),
        example="Morges",
    ),
    Target(
        "canton",
        "Canton",
        "canton",
        _words("canton|kanton|kt|ct"),
        example="VD",
    ),
    Target(
        "source",
        "Source",
        "text",
        _words(
            "source|lead source|provenance|origine|quelle|herkunft|canal d acquisition|campagne|campaign|lead origin"
        ),
        example="Salon",
    ),
    Target(
        "outcome",
        "État ou résultat",
        "state",
        _words(
            "resultat|etat ou resultat|etat|statut|outcome|converted|converti|gagne|won|y|status|stage|etape|"
            "ergebnis|phase|"
            "result|issue|signe|abgeschlossen|gewonnen|is converted|target|vendu|sold|lead status"
        ),
        example="nouvelle",
    ),
    Target(
        "expected_amount",
        "Montant espéré",
        "number",
        _words(
            "montant|montant espere|montant prevu|chiffre d affaires|budget|amount|expected amount|"
            "expected revenue|betrag|umsatz|wert|valeur|value|deal value|montant chf|ca"
        ),
        example="12'500.00",
    ),
    Target(
        "received_at",
        "Reçue le",
        "date",
        _words(
            "recue le|recu le|date|date de reception|date de creation|cree le|creee le|received|received at|"
            "received on|created|created at|created on|creation date|created date|create date|datum|eingang|"
            "eingangsdatum|erstellt|erstellt am|date d entree|first contact date"
        ),
        example="03.11.2026",
    ),
    Target(
        "closed_at",
        "Close le",
        "date",
        _words(
            "close le|cloture|date de cloture|closed|closed at|close date|closed date|converted at|abschluss|"
            "abschlussdatum|date de signature|perdue le|gagnee le"
        ),
    ),
    Target(
        "lost_reason",
        "Motif de perte",
        "text",
        _words("motif de perte|raison de perte|motif|lost reason|reason lost|verlustgrund|absagegrund"),
    ),
)

STATES: dict[LeadState, frozenset[str]] = {
    LeadState.CONVERTED: frozenset(
        _words(
            "1|1 0|abgeschlossen|client|closed won|conclu|conclue|converted|converti|convertie|customer|gagne|"
            "gagnee|gewonnen|ja|kunde|oui|signe|signed|signee|sold|success|true|vendu|vrai|won|y|yes"
        )
    ),
    LeadState.LOST: frozenset(
        _words(
            "0|0 0|abandonne|abandonnee|abgelehnt|closed lost|dead|disqualified|failure|false|faux|lost|n|nein|"
            "no|non|non converti|not converted|perdu|perdue|refuse|refusee|rejected|sans suite|verloren"
        )
    ),
    LeadState.NEW: frozenset(_words("a traiter|en attente|neu|new|nouveau|nouvelle|offen|open|ouvert|ouverte")),
    LeadState.CONTACTED: frozenset(
        _words("contacte|contacted|contactee|en cours|en discussion|in bearbeitung|in progress|kontaktiert")
    ),
    LeadState.QUALIFIED: frozenset(
        _words("interesse|interessee|interested|offre envoyee|proposal|qualifie|qualified|qualifiee|qualifiziert")
    ),
}
