"""What can be done from the palette, one entry per action; only what works today."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from app import routes
from app.language import LANGUAGES
from app.navigation import LANGUAGE_NAMES
from app.platform import SCREENS
from app.records.kinds import address_of
from app.text import say
from db.access.rules import Actor, may
from db.records.search.queries import Found
from db.records.search.rules import fold, is_near

ANY = "access.use_own_account"
EDIT = "crm.edit_leads"
NEW_OPPORTUNITY = "/affaires/nouvelle"
NEW_COMPANY = "/societes/nouvelle"
JOINING = frozenset(
    {"pour", "chez", "avec", "a", "de", "du", "des", "d", "la", "le", "les", "l"}  # French
    | {"for", "to", "with", "at", "by", "fur", "bei", "mit", "zu", "an"}
)
SHORTEST = 2


@dataclass(frozen=True)
class PaletteAction:
    """Something to do. With `about`, it can concern a record of these kinds: `label_about` names it as `{name}`."""

    name: str
    label: str
    icon: str
    permission: str
    words: str = ""  # other words by which it is found, in any language
    href: str = ""
    act: str = ""  # what the palette itself does: `theme:dark`, `language:de`, `click:<selector>`
    about: tuple[str, ...] = ()
    label_about: str = ""
    address: Callable[[Found], str] | None = None
    focus: str = ""  # the key of the element that has the focus where it leads


def _with(route: str, **given: str) -> str:
    return f"{route}?{urlencode(given)}"


ACTIONS: tuple[PaletteAction, ...] = (
    PaletteAction(
        "new_lead", "Nouvelle piste", "plus", EDIT, "creer ajouter new lead neuer kontakt", routes.NEW_LEAD,
        about=("party",), label_about="Nouvelle piste pour {name}",
        address=lambda found: _with(routes.NEW_LEAD, company_name=found.title),
    ),
    PaletteAction(
        "new_opportunity", "Nouvelle affaire", "handshake", EDIT, "creer ajouter new opportunity deal neues geschaft",
        NEW_OPPORTUNITY, about=("party",), label_about="Nouvelle affaire pour {name}",
        address=lambda found: _with(NEW_OPPORTUNITY, societe=str(found.record_id)),
    ),
    PaletteAction(
        "new_company", "Nouvelle société", "building-2", "parties.edit", "creer ajouter client new company neue firma",
        NEW_COMPANY,
    ),
    PaletteAction(
        "new_item", "Nouvel article", "package", "catalog.edit", "creer ajouter produit new item neuer artikel",
        routes.NEW_ITEM,
    ),
    PaletteAction(
        "new_move", "Nouveau mouvement", "arrow-right-left", "stock.move",
        "entree sortie transfert stock receipt issue lager bewegung", routes.NEW_MOVE,
        about=("item",), label_about="Nouveau mouvement de {name}",
        address=lambda found: _with(routes.NEW_MOVE, article=str(found.record_id)),
    ),
    PaletteAction(
        "new_count", "Nouvel inventaire", "clipboard-check", "stock.count", "compter stock count inventur zahlen",
        routes.NEW_COUNT, about=("stock_place",), label_about="Nouvel inventaire de {name}",
        address=lambda found: _with(routes.NEW_COUNT, lieu=str(found.record_id)),
    ),
    PaletteAction(
        "note_call", "Noter un appel", "phone", EDIT, "telephone echange note call anruf notieren",
        about=("lead",), label_about="Noter un appel chez {name}",
        address=lambda found: address_of("lead", found.record_id), focus="t",
    ),
    PaletteAction(
        "call", "Noter un appel (rapide)", "phone-call", EDIT, "telephone appel call anruf", routes.CALL
    ),
    PaletteAction(
        "photograph", "Photographier une facture", "camera", "purchasing.photograph_bill",
        "achat scanner deposer photo bill receipt rechnung fotografieren", routes.PHOTOGRAPH,
    ),
    PaletteAction(
        "clock", "Pointer mon arrivée ou mon départ", "clock", "people.clock",
        "heures presence timbrer arrivee depart clock stempeln zeit", routes.OWN_HOURS,
    ),
    PaletteAction(
        "import", "Importer un fichier", "file-up", "crm.import_leads", "excel csv import", routes.IMPORT_LEADS
    ),
    PaletteAction("account", "Mon compte", "user", ANY, "profil mot de passe account konto", routes.ACCOUNT),
    *(
        PaletteAction(
            f"language_{code}", f"Langue : {LANGUAGE_NAMES[code]}", "languages", ANY, "langue language sprache changer",
            act=f"language:{code}",
        )
        for code in LANGUAGES
    ),
    PaletteAction("theme_light", "Thème clair", "sun", ANY, "theme light hell couleur", act="theme:light"),
    PaletteAction("theme_dark", "Thème sombre", "moon", ANY, "theme dark dunkel nuit couleur", act="theme:dark"),
    PaletteAction("theme_system", "Thème du système", "monitor", ANY, "theme system couleur", act="theme:system"),
    PaletteAction(
        "density", "Changer la densité des listes", "rows-3", ANY, "compact ample density dichte",
        act="click:[data-act=density]",
    ),
    PaletteAction(
        "keys", "Voir les raccourcis", "keyboard", ANY, "clavier aide shortcuts help tastatur",
        act="click:[data-act=keys]",
    ),
    PaletteAction(
        "sign_out", "Se déconnecter", "log-out", ANY, "quitter sortir sign out abmelden",
        act=f'submit:form[action="{routes.SIGN_OUT}"]',
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """An action that was typed, how much of its name was, and whom it is about."""

    action: PaletteAction
    matched: int
    subject: str


def open_actions(by: Actor) -> list[PaletteAction]:
    """Return the actions that a person may do here."""
    return [one for one in ACTIONS if may(by, one.permission) and _leads_somewhere(one)]


def _leads_somewhere(action: PaletteAction) -> bool:
    pages = {screen.route for screen in SCREENS}
    return not action.href or action.href in pages


def wishes(typed: str, by: Actor) -> list[Wish]:
    """Return the actions that the words typed may mean, those first of which most was typed."""
    words = fold(typed).split()
    found = [wish for action in open_actions(by) if (wish := _wish(action, words, by.language)) is not None]
    return sorted(found, key=lambda wish: -wish.matched)


def _wish(action: PaletteAction, words: Sequence[str], language: str) -> Wish | None:
    known = fold(f"{say(language, action.label)} {action.label} {action.words}").replace(":", " ").split()
    matched = 0
    for word in words:
        if not _means(word, known):
            break
        matched += 1
    if matched == 0:
        return None
    rest = list(words[matched:])
    while rest and rest[0] in JOINING:
        rest.pop(0)
    if rest and not action.about:
        return None
    return Wish(action, matched, " ".join(rest))


def _means(word: str, known: Sequence[str]) -> bool:
    if len(word) < SHORTEST:
        return False
    return any(one.startswith(word) or (len(word) > 3 and is_near(word, one)) for one in known)
