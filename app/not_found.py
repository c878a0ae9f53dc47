"""What stands at an address that leads nowhere."""

import reflex as rx

from app.platform import NOT_FOUND, PUBLIC, register_screen
from app.shell import bare
from app.text import t


def not_found() -> rx.Component:
    """Say that nothing is here, and where to go on."""
    return bare(
        rx.el.div(
            rx.el.h1(t("Rien à cette adresse")),
            rx.el.p(t("La page a été déplacée, ou l’adresse contient une faute de frappe."), class_name="m"),
            rx.el.a(t("Retour à l’accueil"), href="/", class_name="btn"),
            class_name="nowhere",
        )
    )


register_screen(not_found, route=NOT_FOUND, title="Page introuvable", permission=PUBLIC)
