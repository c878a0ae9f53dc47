"""Each address once: pages as patterns, links to records as functions, and what browsers post to."""

from typing import Any
from urllib.parse import quote

# before signing in
WELCOME = "/bienvenue"
ARRIVAL = "/bienvenue/import"
SIGN_IN = "/connexion"
RESET = "/mot-de-passe"

# pages
INDEX = "/"
HOME = "/ma-journee"
LEADS = "/pistes"
IMPORT = "/importer"
IMPORT_KIND = "/importer/[kind]"
IMPORT_LEADS = "/importer/leads"
OLD_IMPORT_LEADS = "/pistes/importer"  # bookmarks and older links
NEW_LEAD = "/pistes/nouvelle"
LEAD = "/pistes/[lead_id]"
COMPANIES = "/societes"
NEW_COMPANY = "/societes/nouvelle"
COMPANY_RECORD = "/societes/[party_id]"
CONTACTS = "/contacts"
NEW_CONTACT = "/contacts/nouveau"
CONTACT_RECORD = "/contacts/[party_id]"
OPPORTUNITIES = "/affaires"
NEW_OPPORTUNITY = "/affaires/nouvelle"
OPPORTUNITY = "/affaires/[opportunity_id]"
BOARD = "/affaires/tableau"
FORECAST = "/affaires/previsions"
BILLS = "/factures-recues"
BILL = "/factures-recues/[bill_id]"
PHOTOGRAPH = "/photographier"
OWN_HOURS = "/mes-heures"
HOURS = "/heures"
NEW_HOURS = "/heures/nouvelles"
HOURS_RECORD = "/heures/[span_id]"
MONTHS = "/heures/mois"
CALL = "/appel"
ITEMS = "/articles"
NEW_ITEM = "/articles/nouveau"
ITEM = "/articles/[item_id]"
MOVES = "/mouvements"
NEW_MOVE = "/mouvements/nouveau"
MOVE = "/mouvements/[move_id]"
PLACES = "/lieux"
NEW_PLACE = "/lieux/nouveau"
PLACE = "/lieux/[place_id]"
COUNTS = "/inventaires"
NEW_COUNT = "/inventaires/nouveau"
COUNT = "/inventaires/[count_id]"
COUNTING = "/compter/[count_id]"
MODELS = "/modeles"
MODEL_VERSION = "/modeles/[model]/[version]"
NOTEBOOKS = "/carnets"
ACCOUNT = "/compte"
PEOPLE = "/reglages/personnes"
COMPANY = "/reglages/entreprise"
SETTINGS = "/reglages"
BACKUPS = "/reglages/sauvegardes"
EXPORT = "/reglages/export"
NUMBERING = "/reglages/numerotation"
WORKING_HOURS = "/reglages/horaire"
PIPELINES = "/reglages/ventes"
CUSTOM_FIELDS = "/reglages/champs"
TAX = "/reglages/tva-et-calendrier"
RETENTION = "/reglages/conservation"
MESSAGES = "/messages"
MAILS = "/courrier"
MAIL = "/courrier/[mail_id]"
NEW_MAIL = "/courrier/nouveau"
MAILBOXES = "/reglages/courrier"
RIGHTS = "/reglages/droits"
DUPLICATES = "/doublons"
COMPARE = "/doublons/comparer"
HISTORY = "/historique"
PAST = "/tel-quel/[kind]/[record_id]"
UNDOING = "/historique/annulation/[job_id]"
DIGESTS = "/historique/empreintes"
READINGS = "/historique/acces"
JOBS = "/travaux"
API = "/reglages/api"
API_DOCS = "/api/v1/docs"
NOT_FOUND = "/introuvable"

# fetched by browsers
DIGEST_FILE = "/historique/empreintes/fichier"
BACKUP_FILE = "/reglages/sauvegardes/fichier"
LOGO = "/reglages/logo"
EXPORT_FILE = "/reglages/export/fichier"
STARTER_FILES = "/importer/modeles.zip"
STARTER_FILE = "/importer/modele"  # and a kind

# posted by a native form
SIGN_OUT = "/auth/sign-out"
LEAVE_DEMO = "/demonstration/quitter"


def lead(lead_id: Any) -> str:
    """Return the address of a lead; the id may be a Var."""
    return f"/pistes/{lead_id}"


ENTRIES, ENTRY = "/ecritures", "/ecritures/[entry_id]"
ACCOUNTS, ACCOUNT_PAGE = "/comptes", "/comptes/[account_id]"
TRIAL_BALANCE = "/balance"
ENTERING = "/saisie"
STATEMENT = "/comptes/[account_id]/extrait"
NEW_ACCOUNT = "/comptes/nouveau"
OPEN_ITEMS = "/postes-ouverts"
BOOKS = "/reglages/comptabilite"


def entry(entry_id: Any) -> str:
    """Return the address of a journal entry."""
    return f"{ENTRIES}/{entry_id}"


def entering(draft: Any = "", like: Any = "") -> str:
    """Return the address where entries are written: a new one, a draft, or one like an earlier entry."""
    if draft:
        return f"{ENTERING}?ecriture={draft}"
    return f"{ENTERING}?comme={like}" if like else ENTERING


def statement(account_id: Any) -> str:
    """Return the address of an account's statement."""
    return f"{ACCOUNTS}/{account_id}/extrait"


def statement_of(account_id: Any, begin: Any, end: Any) -> str:
    """Return the address of an account's statement of a period; days as `24.11.2026`, also Vars."""
    return f"{ACCOUNTS}/{account_id}/extrait?du={begin}&au={end}"


def books_file(what: Any, form: Any, query: Any = "") -> str:
    """Return the address of a report as a file: `balance`, `postes-ouverts` or `extrait`; `csv` or `xlsx`."""
    return f"/livres/{what}/{form}?{query}"


def account_page(account_id: Any) -> str:
    """Return the address of an account."""
    return f"{ACCOUNTS}/{account_id}"


def company(party_id: Any) -> str:
    """Return the address of a company; that of a person leads on to her own page."""
    return f"{COMPANIES}/{party_id}"


def contact(party_id: Any) -> str:
    """Return the address of a contact."""
    return f"{CONTACTS}/{party_id}"


def opportunity(opportunity_id: Any) -> str:
    """Return the address of an opportunity."""
    return f"{OPPORTUNITIES}/{opportunity_id}"


def bill(bill_id: Any) -> str:
    """Return the address of a received bill."""
    return f"{BILLS}/{bill_id}"


def bill_picture(file_id: Any, number: Any) -> str:
    """Return the address of a picture of a bill's file; `original` for the file as it came."""
    return f"/pieces-recues/{file_id}/{number}"


def span(span_id: Any) -> str:
    """Return the address of a stretch of work."""
    return f"{HOURS}/{span_id}"


def hours_of(owner_id: Any, month: Any) -> str:
    """Return the address of a person's month (`2026-10`)."""
    return f"{OWN_HOURS}?personne={owner_id}&mois={month}"


def month_file(owner_id: Any, month: Any, form: Any) -> str:
    """Return the address of a person's month as a file."""
    return f"/feuille-heures/{owner_id}/{month}/{form}"


def item(item_id: Any) -> str:
    """Return the address of an item."""
    return f"{ITEMS}/{item_id}"


def move(move_id: Any) -> str:
    """Return the address of a stock move."""
    return f"{MOVES}/{move_id}"


def place(place_id: Any) -> str:
    """Return the address of a place where goods lie."""
    return f"{PLACES}/{place_id}"


def stock_count(count_id: Any) -> str:
    """Return the address of a count."""
    return f"{COUNTS}/{count_id}"


def counting(count_id: Any) -> str:
    """Return the address where a count's numbers are entered, made for a phone."""
    return f"/compter/{count_id}"


def file(file_id: Any) -> str:
    """Return the address of a file that hangs on a record."""
    return f"/fichiers/{file_id}"


def comparison(kind: Any, one: Any, other: Any = "") -> str:
    """Return the address at which two records stand side by side; without the other it is looked for there."""
    return f"{COMPARE}?genre={kind}&a={one}&b={other}"


def import_of(kind: Any, import_id: Any = "") -> Any:
    """Return the address where files of a kind are imported, or of one import; both may be Vars."""
    return f"{IMPORT}/{kind}?import={import_id}" if str(import_id) else f"{IMPORT}/{kind}"


def model_version(model: Any, version: Any) -> str:
    """Return the address of a model's version."""
    return f"/modeles/{model}/{version}"


def job(job_id: Any) -> str:
    """Return the address at which a job's log is open."""
    return f"{JOBS}?travail={job_id}"


def history_of(kind: Any, record_id: Any) -> str:
    """Return the address of a record's history."""
    return f"{HISTORY}?objet={kind}&id={record_id}"


def undoing(job_id: Any) -> str:
    """Return the address of an undoing of many records."""
    return f"/historique/annulation/{job_id}"


def past_of(kind: Any, record_id: Any) -> str:
    """Return the address of a record as it was on a day; both may be Vars."""
    return f"/tel-quel/{kind}/{record_id}"


def sign_in(back_to: str) -> str:
    """Return the sign-in page that leads back to where the person wanted to go."""
    return f"{SIGN_IN}?retour={quote(back_to)}"


def mail(mail_id: Any) -> str:
    """Return the address of an e-mail, in its thread."""
    return f"{MAILS}/{mail_id}"


def new_mail(kind: Any = "", record_id: Any = "") -> str:
    """Return the address where an e-mail is written, to whom a record is about."""
    return f"{NEW_MAIL}?genre={kind}&fiche={record_id}" if kind else NEW_MAIL
