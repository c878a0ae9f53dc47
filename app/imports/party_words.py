"""How people (and Winbiz) call the fields of companies and persons, in French, German and English."""

from dataclasses import replace

from app.imports.kinds import Target


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


NAME = Target(
    "name",
    "Société",
    "text",
    _words(
        "societe|raison sociale|entreprise|nom de la societe|nom de l entreprise|ad societe|company|"
        "company name|firma|firme|firmenname|unternehmen|organisation|organization|account name|"
        "account|client|fournisseur|kunde|lieferant|supplier|customer|nom|name|bezeichnung"
    ),
    is_identity=True,
    example="Menuiserie Favre SA",
)
UID = Target(
    "uid",
    "N° IDE",
    "uid",
    _words(
        "n ide|no ide|ide|numero ide|numero d entreprise|uid|uid nummer|mwst nummer|mwst nr|no tva|"
        "n tva|numero tva|tva|vat|vat number|ad no tva|ad ide"
    ),
    example="CHE-109.322.551",
)
EMAIL = Target(
    "email",
    "E-mail",
    "email",
    _words(
        "e mail|email|mail|courriel|adresse e mail|adresse mail|email address|e mail adresse|"
        "mailadresse|ad email|e mail 1|e mail prof"
    ),
    example="contact@menuiserie-favre.example",
)
PHONE = Target(
    "phone",
    "Téléphone",
    "phone",
    _words(
        "telephone|tel|phone|phone number|telefon|telefonnummer|tel prof|tel professionnel|"
        "telephone prof|ad tel1|ad tel|tel 1|telephone 1|mobile|natel|portable|handy|ad portabl|"
        "numero de telephone|no de telephone"
    ),
    example="021 801 23 45",
)
ADDRESS = (
    Target(
        "street",
        "Rue",
        "text",
        _words("rue|adresse|rue 1|adresse 1|strasse|street|address|street address|ad rue 1|ad rue1"),
        example="Rue du Lac",
    ),
    Target(
        "house_number",
        "N° de rue",
        "text",
        _words("no de rue|numero de rue|n de rue|no rue|hausnummer|hausnr|house number|ad no rue"),
        example="12",
    ),
    Target(
        "postal_code",
        "NPA",
        "postal_code",
        _words("npa|code postal|plz|postleitzahl|zip|zip code|postal code|postcode|ad npa"),
        example="1110",
    ),
    Target(
        "city",
        "Localité",
        "text",
        _words("localite|ville|ort|city|town|stadt|lieu|commune|ad ville|ad localite"),
        example="Morges",
    ),
    Target("canton", "Canton", "canton", _words("canton|kanton|kt|ct|ad canton"), example="VD"),
    Target(
        "country",
        "Pays",
        "country",
        _words("pays|land|country|code pays|ad code pays|ad code pa|ad pays|landercode|country code"),
        example="CH",
    ),
)
IS_CUSTOMER = Target(
    "is_customer",
    "Client",
    "yes_no",
    _words("client|est client|kunde|ist kunde|customer|is customer|ad client"),
    example="oui",
)
IS_SUPPLIER = Target(
    "is_supplier",
    "Fournisseur",
    "yes_no",
    _words("fournisseur|est fournisseur|lieferant|ist lieferant|supplier|is supplier|vendor|ad fourn"),
    example="non",
)
FIRST_NAME = Target(
    "first_name",
    "Prénom",
    "text",
    _words("prenom|first name|firstname|vorname|given name|ad prenom|prenom du contact"),
    is_identity=True,
    example="Luc",
)
LAST_NAME = Target(
    "last_name",
    "Nom de famille",
    "text",
    _words("nom de famille|last name|lastname|surname|nachname|familienname|family name|ad nom|nom du contact|nom"),
    is_identity=True,
    example="Favre",
)
FULL_NAME = Target(
    "full_name",
    "Prénom et nom",
    "text",
    _words(
        "prenom et nom|nom et prenom|nom complet|full name|contact|contact name|personne|"
        "personne de contact|name|kontakt|kontaktperson|ansprechpartner|interlocuteur"
    ),
    is_identity=True,
)
COMPANY_NAME = replace(NAME, key="company_name", words=NAME.words[:-3])
FUNCTION = Target(
    "function",
    "Fonction",
    "text",
    _words("fonction|function|poste|titre|job title|title|funktion|position|role|rolle|ad fonction"),
    example="Directeur",
)

COMPANY_TARGETS = (NAME, UID, EMAIL, PHONE, *ADDRESS, IS_CUSTOMER, IS_SUPPLIER, FULL_NAME, FIRST_NAME, LAST_NAME)
CONTACT_TARGETS = (FIRST_NAME, LAST_NAME, FULL_NAME, COMPANY_NAME, FUNCTION, EMAIL, PHONE, *ADDRESS)
OF_A_SUPPLIER = {
    "name": "Inoxal AG",
    "uid": "",
    "email": "verkauf@inoxal.example",
    "phone": "044 801 23 45",
    "street": "Industriestrasse",
    "house_number": "4",
    "postal_code": "8304",
    "city": "Wallisellen",
    "canton": "ZH",
    "is_customer": "non",
    "first_name": "",
    "last_name": "",
}
SUPPLIER_TARGETS = tuple(
    replace(target, example=OF_A_SUPPLIER.get(target.key, target.example))
    for target in COMPANY_TARGETS
    if target is not IS_SUPPLIER
)
