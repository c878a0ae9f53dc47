"""`/reglages`: every setting, each with what it is for."""

from dataclasses import dataclass

import reflex as rx

from app import routes
from app.components import section
from app.platform import SCREENS, Visitor
from app.shell import screen
from app.text import t


@dataclass(frozen=True)
class Part:
    """One page of settings; shown to those who may open it, once it exists."""

    route: str
    label: str
    purpose: str
    icon: str


GROUPS: tuple[tuple[str, tuple[Part, ...]], ...] = (
    (
        "Entreprise",
        (
            Part(routes.COMPANY, "Entreprise", "nom, IDE, TVA, adresse, logo, langue, envoi d’e-mails", "building-2"),
            Part(routes.NUMBERING, "Numérotation", "le format des numéros de chaque pièce", "hash"),
            Part(routes.BOOKS, "Comptabilité", "plan comptable, exercices, périodes fermées", "book-open"),
            Part(routes.PIPELINES, "Parcours de vente", "étapes, champs demandés, motifs de perte", "square-kanban"),
            Part(routes.CUSTOM_FIELDS, "Champs", "ce qui manque aux pistes, sociétés, affaires", "text-cursor-input"),
            Part(routes.TAX, "TVA et calendrier", "taux en vigueur, jours fériés du canton", "calendar-days"),
            Part(routes.WORKING_HOURS, "Horaire de travail", "heures de chaque jour, ponts, jours à part", "clock"),
        ),
    ),
    (
        "Personnes",
        (
            Part(routes.PEOPLE, "Personnes et rôles", "qui travaille ici et ce que chacun fait", "users"),
            Part("/reglages/droits", "Droits", "ce que chaque rôle voit et peut faire", "shield-check"),
            Part(routes.MAILBOXES, "Boîtes aux lettres", "e-mails reçus et envoyés, IMAP et SMTP", "mail"),
            Part(routes.ACCOUNT, "Mon compte", "langue, mot de passe, second facteur, messages", "user"),
        ),
    ),
    (
        "Données",
        (
            Part(routes.BACKUPS, "Sauvegardes", "sauvegarder, vérifier, restaurer", "archive"),
            Part(routes.EXPORT, "Export de l’entreprise", "tout, en formats ouverts, avec les fichiers", "package"),
            Part(routes.RETENTION, "Conservation", "combien de temps les traces techniques sont gardées", "hourglass"),
            Part("/reglages/api", "API et webhooks", "clés des programmes, événements envoyés", "plug"),
            Part(routes.JOBS, "Travaux", "ce qui se fait en arrière-plan", "list-checks"),
            Part(routes.HISTORY, "Historique", "qui a changé quoi, et quand", "history"),
        ),
    ),
)


@screen(route=routes.SETTINGS, title="Réglages", permission="access.use_own_account")
def settings_index() -> rx.Component:
    """Draw the groups."""
    return rx.el.div(*[_group(title, parts) for title, parts in GROUPS], class_name="settings")


def _group(title: str, parts: tuple[Part, ...]) -> rx.Component:
    drawn = [(part, _permission(part)) for part in parts if _permission(part)]
    some = Visitor.permissions.contains(drawn[0][1])
    for _, permission in drawn[1:]:
        some = some | Visitor.permissions.contains(permission)
    tiles = [rx.cond(Visitor.permissions.contains(permission), _tile(part)) for part, permission in drawn]
    return rx.cond(some, section(t(title), rx.el.div(*tiles, class_name="tiles")))


def _permission(part: Part) -> str:
    """Return what the page asks for; "" while it does not exist."""
    return next((known.permission for known in SCREENS if known.route == part.route), "")


def _tile(part: Part) -> rx.Component:
    return rx.link(
        rx.icon(part.icon, size=16, stroke_width="1.6", class_name="i"),
        rx.el.span(rx.el.b(t(part.label)), rx.el.span(t(part.purpose), class_name="s m"), class_name="lines"),
        href=part.route,
        underline="none",
        class_name="tile",
    )
