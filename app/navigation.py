"""The column at the left: what may be opened and works, and the person's own menu."""

from dataclasses import dataclass

import reflex as rx
from reflex.style import set_color_mode

from app import routes
from app.frame import Frame
from app.language import LANGUAGES
from app.platform import SCREENS, Visitor, native_form
from app.text import t

LANGUAGE_NAMES = {"fr": "Français", "en": "English", "de": "Deutsch"}


@dataclass(frozen=True)
class Entry:
    """One line of the navigation; `count` names a figure of `Frame.counts`, `phone` puts it into the bar of a phone."""

    route: str
    label: str
    icon: str
    key: str
    section: str = ""
    count: str = ""
    phone: bool = False


ENTRIES = (
    Entry(routes.HOME, "Ma journée", "sun", "g j", phone=True),
    Entry(routes.MESSAGES, "Messages", "bell", "g n", "", "messages", phone=True),
    Entry(routes.MAILS, "Courrier", "mail", "g 7", "", "mails"),
    Entry(routes.LEADS, "Pistes", "target", "g p", "Ventes", "leads", phone=True),
    Entry(routes.OPPORTUNITIES, "Affaires", "handshake", "g a", "Ventes"),
    Entry(routes.BOARD, "Tableau", "square-kanban", "g 8", "Ventes"),
    Entry(routes.COMPANIES, "Sociétés", "building", "g s", "Ventes"),
    Entry(routes.CONTACTS, "Contacts", "contact", "g o", "Ventes"),
    Entry(routes.DUPLICATES, "Doublons", "copy", "g 3", "Ventes"),
    Entry(routes.IMPORT, "Importer", "file-up", "g i", "Ventes"),
    Entry(routes.BILLS, "Factures reçues", "receipt-text", "g f", "Achats et stock"),
    Entry(routes.PHOTOGRAPH, "Photographier", "camera", "g 2", "Achats et stock"),
    Entry(routes.ITEMS, "Articles", "package", "g b", "Achats et stock"),
    Entry(routes.MOVES, "Mouvements", "arrow-right-left", "g k", "Achats et stock"),
    Entry(routes.COUNTS, "Inventaires", "clipboard-check", "g x", "Achats et stock", phone=True),
    Entry(routes.PLACES, "Lieux", "warehouse", "g l", "Achats et stock"),
    Entry(routes.OWN_HOURS, "Mes heures", "clock", "g u", "Équipe", phone=True),
    Entry(routes.HOURS, "Heures", "calendar-clock", "g v", "Équipe"),
    Entry(routes.MONTHS, "Mois à clôturer", "calendar-check", "g w", "Équipe"),
    Entry(routes.ENTERING, "Saisie d’écritures", "pencil-line", "g 5", "Comptabilité"),
    Entry(routes.ENTRIES, "Écritures", "book-open", "g 4", "Comptabilité"),
    Entry(routes.ACCOUNTS, "Plan comptable", "list-tree", "g z", "Comptabilité"),
    Entry(routes.OPEN_ITEMS, "Postes ouverts", "hand-coins", "g 6", "Comptabilité"),
    Entry(routes.TRIAL_BALANCE, "Balance", "scale", "g 1", "Comptabilité"),
    Entry(routes.MODELS, "Modèles", "git-compare", "g m", "Pilotage", "models"),
    Entry(routes.NOTEBOOKS, "Carnets", "notebook-pen", "g c", "Pilotage"),
)
SETTINGS = (
    Entry(routes.JOBS, "Travaux", "list-checks", "g t", "", "jobs"),
    Entry(routes.PEOPLE, "Personnes", "users", "g r"),
    Entry(routes.RIGHTS, "Droits", "key-round", "g d"),
    Entry(routes.COMPANY, "Entreprise", "building-2", "g e"),
    Entry(routes.HISTORY, "Historique", "history", "g h"),
    Entry(routes.SETTINGS, "Réglages", "settings", "g y"),
)


def navigation(here: str) -> rx.Component:
    """Draw the navigation with the entry of the page `here` marked."""
    marked = _owner(here)
    return rx.el.nav(
        _brand(),
        _find_button(),
        *_sections(marked),
        rx.el.span(class_name="sp"),
        *[_link(entry, marked) for entry in SETTINGS if _exists(entry)],
        _person_menu(),
        _more_button(),
        class_name="nav",
        aria_label=t("Navigation"),
    )


def compass(size: int = 18) -> rx.Component:
    """Draw the needle in its ring."""
    return rx.el.svg(
        rx.el.svg.circle(cx=10, cy=10, r="8.6", fill="none", stroke="var(--t1)", stroke_width="1.5"),
        rx.el.svg.path(d="M14.2 4.6 11.3 11.3 8.7 8.7Z", fill="var(--ac)"),
        rx.el.svg.path(d="M5.8 15.4 8.7 8.7 11.3 11.3Z", fill="none", stroke="var(--t1)", stroke_width=1),
        width=size,
        height=size,
        view_box="0 0 20 20",
        aria_hidden="true",
    )


def _brand() -> rx.Component:
    fold = rx.el.button(
        rx.icon("panel-left-close", size=13, class_name="i s"),
        type="button",
        class_name="btn q sm ic fold",
        title=t("Replier le menu"),
        custom_attrs={"data-key": "[", "data-act": "fold", "data-key-label": t("Replier le menu")},
    )
    return rx.el.div(compass(), rx.el.b("Boussole"), rx.el.span(class_name="sp"), fold, class_name="brand")


def _find_button() -> rx.Component:
    """Draw the button that opens the palette, wherever it is drawn."""
    return rx.el.button(
        rx.icon("search", size=13, class_name="i s"),
        rx.el.span(t("Chercher ou agir"), class_name="l"),
        rx.el.span(rx.el.kbd("Ctrl K"), class_name="l k"),
        type="button",
        class_name="find",
        title=t("Chercher ou agir"),
        custom_attrs={"data-key": "ctrl+k", "data-key-label": t("Chercher ou agir"), "data-palette": ""},
    )


def _more_button() -> rx.Component:
    """Draw what opens the whole menu on a phone."""
    return rx.el.button(
        rx.icon("menu", size=15, class_name="i"),
        type="button",
        class_name="more",
        aria_label=t("Menu"),
        aria_expanded="false",
        custom_attrs={"data-act": "menu"},
    )


def _exists(entry: Entry) -> bool:
    return any(screen.route == entry.route for screen in SCREENS)


def _owner(here: str) -> str:
    """Return the route of the entry that a page belongs to: the longest one that its address begins with."""
    inside = [
        entry.route for entry in (*ENTRIES, *SETTINGS) if here == entry.route or here.startswith(entry.route + "/")
    ]
    return max(inside, key=len, default="")


def _sections(marked: str) -> list[rx.Component]:
    parts: list[rx.Component] = []
    section = ""
    for entry in filter(_exists, ENTRIES):
        if entry.section != section:
            section = entry.section
            of_section = [one for one in ENTRIES if one.section == section and _exists(one)]
            parts.append(_if_any(of_section, rx.el.div(t(section), class_name="sec")))
            parts.append(rx.el.div(class_name="gap"))
        parts.append(_link(entry, marked))
    return parts


def _permission(entry: Entry) -> str:
    return next(screen.permission for screen in SCREENS if screen.route == entry.route)


def _if_any(entries: list[Entry], part: rx.Component) -> rx.Component:
    """Show a part when the person may open at least one of the entries."""
    allowed = [Visitor.permissions.contains(_permission(entry)) for entry in entries]
    some = allowed[0]
    for one in allowed[1:]:
        some = some | one
    return rx.cond(some, part)


def _link(entry: Entry, marked: str) -> rx.Component:
    number = rx.el.span(Frame.counts[entry.count], class_name="n") if entry.count else rx.fragment()
    link = rx.link(
        rx.icon(entry.icon, size=15, stroke_width="1.6", class_name="i"),
        rx.el.span(t(entry.label), class_name="l"),
        number,
        href=entry.route,
        underline="none",
        class_name=" ".join(filter(None, ("on" if entry.route == marked else "", "bar" if entry.phone else ""))),
        title=t(entry.label),
        custom_attrs={"data-key": entry.key, "data-key-label": t(entry.label)},
        **({"aria_current": "page"} if entry.route == marked else {}),
    )
    return _if_any([entry], link)


def _person_menu() -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            rx.el.span(Frame.initials, class_name="av"),
            rx.el.span(Frame.company, class_name="l el"),
            title=t("Compte"),
            aria_label=t("Compte"),
            custom_attrs={"data-key": "g q", "data-key-label": t("Compte")},
        ),
        rx.el.div(
            rx.el.div(Visitor.name, class_name="b"),
            rx.el.div(Frame.company, class_name="m s"),
            rx.el.hr(),
            *(
                [rx.link(t("Mon compte"), href=routes.ACCOUNT, underline="none", class_name="it")]
                if _has_account()
                else []
            ),
            _choice(t("Langue"), [_language_button(code) for code in LANGUAGES]),
            _choice(t("Thème"), [_theme_button(mode, label) for mode, label in _themes()]),
            rx.el.hr(),
            native_form(
                rx.el.button(t("Se déconnecter"), type="submit", class_name="it"), action=routes.SIGN_OUT, method="post"
            ),
            class_name="pop",
        ),
        class_name="person",
    )


def _has_account() -> bool:
    return any(screen.route == routes.ACCOUNT for screen in SCREENS)


def _themes() -> list[tuple[str, rx.Var[str]]]:
    return [("light", t("clair")), ("dark", t("sombre")), ("system", t("celui du système"))]


def _choice(label: rx.Var[str], buttons: list[rx.Component]) -> rx.Component:
    return rx.el.div(rx.el.div(label, class_name="xs f"), rx.el.div(*buttons, class_name="row g4"), class_name="ch")


def _theme_button(mode: str, label: rx.Var[str]) -> rx.Component:
    return rx.el.button(label, type="button", class_name="btn sm q", on_click=set_color_mode(mode))


def _language_button(code: str) -> rx.Component:
    return rx.el.button(
        LANGUAGE_NAMES[code], type="button", class_name="btn sm q", lang=code, on_click=Frame.choose_language(code)
    )
