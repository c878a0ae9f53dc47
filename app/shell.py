"""The frame of every page: navigation, head, progress, foot with the keys that work now."""

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx

from app import routes
from app.access.fresh import fresh_proof_dialog
from app.frame import Frame
from app.navigation import compass, navigation
from app.palette.palette import palette_box
from app.platform import PUBLIC, native_form, register_screen
from app.text import t
from app.undoing import undo_dialog

View = Callable[[], rx.Component]
Key = tuple[str, str]  # what to press, what it does (French)


def screen(
    *,
    route: str,
    title: str,
    permission: str,
    on_load: Any = None,
    head: View | None = None,
    shows_title: bool = True,
    keys: Sequence[Key] = (),
) -> Callable[[View], View]:
    """Register a page inside the frame.

    `head` draws what follows the title in the head bar (tabs, facts, buttons); a record's page, whose head names the
    record itself, sets `shows_title=False`. `keys` are the page's own keys, named in the foot: `("J K", "parcourir")`.
    """

    def register(body: View) -> View:
        def view() -> rx.Component:
            return framed(body(), route=route, title=title if shows_title else "", head=head, keys=keys)

        register_screen(view, route=route, title=title, permission=permission, on_load=[Frame.load, *_listed(on_load)])
        return body

    return register


def visitor_screen(*, route: str, title: str, on_load: Any = None) -> Callable[[View], View]:
    """Register a page for people who have not signed in: no navigation, the brand above."""

    def register(body: View) -> View:
        def view() -> rx.Component:
            return bare(body())

        register_screen(view, route=route, title=title, permission=PUBLIC, on_load=[Frame.load, *_listed(on_load)])
        return body

    return register


def _listed(on_load: Any) -> list[Any]:
    if on_load is None:
        return []
    return list(on_load) if isinstance(on_load, list | tuple) else [on_load]


def framed(body: rx.Component, *, route: str, title: str, head: View | None, keys: Sequence[Key]) -> rx.Component:
    """Draw a page inside the frame."""
    return rx.el.div(
        navigation(route),
        rx.el.main(
            _demo_banner(),
            _backup_banner(),
            rx.el.header(
                *_path(route),
                rx.el.h1(t(title)) if title else rx.fragment(),
                head() if head else rx.fragment(),
                class_name="head",
            ),
            loading_bar(~rx.State.is_hydrated),  # type: ignore[operator]
            rx.el.div(body, class_name="body"),
            class_name="main",
        ),
        _foot(keys),
        fresh_proof_dialog(),
        undo_dialog(),
        palette_box(),
        _keys_sheet(),
        class_name="app",
        custom_attrs={"data-hydrated": rx.cond(rx.State.is_hydrated, "yes", "no")},
    )


def _path(route: str) -> list[rx.Component]:
    """Draw the way back to the settings before the title of one of them."""
    if not route.startswith(routes.SETTINGS + "/"):
        return []
    link = rx.link(t("Réglages"), href=routes.SETTINGS, underline="none", class_name="path")
    return [link, rx.el.span("/", class_name="f", aria_hidden="true")]


def _keys_sheet() -> rx.Component:
    """Draw the dialog that `shell.js` fills with the keys that work on the page."""
    words = {
        "data-here": t("Sur cette page"),
        "data-everywhere": t("Partout"),
        "data-go": t("Aller à"),
        "data-close": t("Fermer"),
        "data-shift": t("Maj"),
        "data-escape": t("Échap"),
    }
    return rx.el.dialog(id="keys", class_name="keys", aria_label=t("Raccourcis"), custom_attrs=words)


def bare(body: rx.Component) -> rx.Component:
    """Draw a page for visitors."""
    return rx.el.div(
        rx.el.header(compass(), rx.el.b("Boussole"), class_name="head"),
        loading_bar(~rx.State.is_hydrated),  # type: ignore[operator]
        rx.el.main(body, class_name="bare-body"),
        class_name="bare",
        custom_attrs={"data-hydrated": rx.cond(rx.State.is_hydrated, "yes", "no")},
    )


def loading_bar(is_loading: Any) -> rx.Component:
    """Draw two pixels of progress under the head, after 300 ms, while something loads."""
    return rx.cond(is_loading, rx.el.div(class_name="loading", role="progressbar", aria_label=t("Chargement")))


def _demo_banner() -> rx.Component:
    leave = native_form(
        rx.el.button(t("Quitter la démonstration"), type="submit", class_name="btn sm"),
        action=routes.LEAVE_DEMO,
        method="post",
    )
    return rx.cond(
        Frame.is_demo,
        rx.el.div(
            rx.icon("flask-conical", size=13, class_name="i s"),
            rx.el.span(t("Entreprise de démonstration : personnes, sociétés et chiffres sont inventés.")),
            rx.el.span(class_name="sp"),
            leave,
            class_name="demo",
        ),
    )


def _backup_banner() -> rx.Component:
    return rx.cond(
        Frame.backup_missing,
        rx.el.div(
            rx.icon("archive", size=13, class_name="i s"),
            rx.el.span(t("Aucune sauvegarde depuis 24 heures.")),
            rx.el.span(class_name="sp"),
            rx.link(t("Sauvegarder"), href=routes.BACKUPS, underline="none", class_name="btn sm"),
            class_name="demo warn",
            role="alert",
        ),
    )


def _foot(keys: Sequence[Key]) -> rx.Component:
    density = rx.el.button(
        rx.el.kbd("D"),
        t("densité"),
        type="button",
        custom_attrs={"data-key": "d", "data-act": "density", "data-key-label": t("Changer la densité des listes")},
    )
    all_keys = rx.el.button(
        rx.el.kbd("?"),
        t("raccourcis"),
        type="button",
        custom_attrs={"data-key": "?", "data-act": "keys", "data-key-label": t("Voir les raccourcis")},
    )
    return rx.el.footer(
        *[rx.el.span(*[rx.el.kbd(part) for part in pressed.split()], t(does)) for pressed, does in keys],
        rx.el.span(rx.el.kbd("G"), t("aller à")),
        rx.el.span(rx.el.kbd("["), t("menu")),
        density,
        all_keys,
        rx.el.span(class_name="sp"),
        rx.el.span(Frame.company, class_name="f"),
        class_name="foot",
    )
