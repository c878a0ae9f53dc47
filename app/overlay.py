"""What stands around every page: the notices, the line of a lost connection, and the page that could not be drawn."""

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex.app import default_error_boundary
from reflex_components_core.core.banner import has_connection_errors

from app.language import Language
from app.platform import Notices
from app.text import t


def _one_string(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


class Toasts(rx.Component):
    """The notices at the bottom right (`toasts.jsx`)."""

    library = f"$/public{rx.asset('toasts.jsx', shared=True)}"
    tag = "Toasts"
    notice: rx.Var[dict[str, str]]
    language: rx.Var[str]
    close_label: rx.Var[str]
    undo_label: rx.Var[str]
    on_undo: rx.EventHandler[_one_string]


def overlay(on_undo: Any = None) -> rx.Component:
    """Return what floats above every page: notices, and a line while the server cannot be reached."""
    undo = {} if on_undo is None else {"on_undo": on_undo}
    return rx.fragment(
        Toasts.create(
            notice=Notices.notice, language=Language.lang, close_label=t("Fermer"), undo_label=t("Annuler"), **undo
        ),
        rx.cond(
            has_connection_errors,
            rx.el.div(
                t("Connexion perdue. Nouvel essai en cours ; rien n’est enregistré tant qu’elle manque."),
                class_name="offline",
                role="alert",
            ),
        ),
    )


def broken_page() -> rx.Component:
    """Return what stands in place of a page that could not be drawn."""
    return rx.el.div(
        rx.el.h1(t("Cette page n’a pas pu être affichée.")),
        rx.el.p(t("Recharger la page. L’erreur est notée dans le journal de Boussole.")),
        rx.el.p(rx.el.a(t("Retour à l’accueil"), href="/", class_name="lk")),
        class_name="callout",
        role="alert",
    )


def app_wraps(on_undo: Any = None) -> dict[tuple[int, str], Callable[[bool], rx.Component | None]]:
    """Return what Reflex puts around every page: the error boundary and the overlay, both without `eval`."""
    return {
        (55, "ErrorBoundary"): lambda stateful: default_error_boundary(fallback_render=rx.Var.create(broken_page())),
        (5, "Overlay"): lambda stateful: overlay(on_undo) if stateful else None,
    }
