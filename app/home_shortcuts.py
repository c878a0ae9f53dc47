"""What is done many times a day, at the top of the home page: clock in and out, note a call, photograph a bill."""

from typing import Any

import reflex as rx

from app import routes
from app.people.clock import clock_line
from app.platform import Visitor
from app.text import t

SHORTCUTS = (
    ("crm.edit_leads", "Noter un appel", "phone-call", routes.CALL),
    ("purchasing.photograph_bill", "Photographier une facture", "camera", routes.PHOTOGRAPH),
)


def shortcuts_row() -> rx.Component:
    """Draw them, for those who may."""
    links = [rx.cond(Visitor.permissions.contains(may), _link(*shown)) for may, *shown in SHORTCUTS]
    return rx.el.div(clock_line(), rx.el.div(*links, class_name="shortcut-links"), class_name="shortcuts")


def _link(label: str, icon: str, href: Any) -> rx.Component:
    return rx.link(rx.icon(icon, size=16, class_name="i"), t(label), href=href, underline="none", class_name="btn")
