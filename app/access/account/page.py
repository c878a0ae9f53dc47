"""`/compte`: what a person settles for herself."""

import reflex as rx

from app import routes
from app.access.account.absences import Absences, absences_part
from app.access.account.browsers import Browsers, browsers_part
from app.access.account.identity import Identity, identity, password
from app.access.account.keys import Keys, keys_part
from app.access.account.second_factor import SecondFactorState, second_factor_part
from app.notifications.choices import MessageChoices, messages_part
from app.shell import screen


@screen(
    route=routes.ACCOUNT,
    title="Mon compte",
    permission="access.use_own_account",
    on_load=[Identity.load, SecondFactorState.load, Browsers.load, Keys.load, Absences.load, MessageChoices.load],
)
def account() -> rx.Component:
    """Draw the parts under each other."""
    return rx.el.div(
        identity(),
        password(),
        second_factor_part(),
        browsers_part(),
        absences_part(),
        messages_part(),
        keys_part(),
        class_name="settings",
    )
