"""Where Reflex's internals are touched: the guard of every event, notices without `eval`, a few elements.

Only this file and `app.overlay`, which draws what floats above every page, import from below Reflex's public names.

Every event handler of every page is public API: anyone can send any event over the WebSocket. The guard therefore
refuses what declares no permission (`@handler("area.permission")`) and what the person lacks, before the handler runs.

The content security policy forbids `eval`, and with it whatever makes the browser evaluate a string sent by the server:
`rx.call_script`, `rx.call_function`, `rx.toast`, `rx.console_log`, `rx.window_alert`. Use `notify`; `rx.redirect`,
`rx.download`, `rx.set_focus` and `rx.set_value` need no `eval` and work.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.middleware import Middleware
from reflex.state import FrontendEventExceptionState, StateUpdate
from reflex_base.event import Event, EventSpec
from reflex_base.registry import RegisteredEventHandler, RegistrationContext
from reflex_components_core.el.element import Element
from sqlalchemy.exc import SQLAlchemyError

from app.doors import note_deeds, noted_deeds
from app.language import LANGUAGES
from app.routes import SIGN_IN
from app.session import who_is
from app.text import say
from db.access.rules import ANYBODY, PERMISSIONS, Actor, may
from db.kernel.errors import BusinessError

log = logging.getLogger("boussole.platform")

PUBLIC = "public"
LONGEST_NOTICE = 500
INDEX, NOT_FOUND = "index", "404"  # Reflex's names for the page at "/" and the one for unknown addresses
# what Reflex itself sends for every page, also to visitors; it reads and writes no business data
FRAMEWORK_EVENTS = frozenset(
    {
        "hydrate",
        "hydrate_and_load",
        "on_load_internal",
        "set_is_hydrated",
        "handle_frontend_exception",
        "update_vars_internal",
    }
)
FrontendEventExceptionState.auto_reload_on_errors = []  # it would reload through `eval`


# --- events -----------------------------------------------------------------------------------------------------------


def handler(permission: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Make a method of a state an event handler for those who have the permission (`"public"`: also visitors).

    `options` are those of `rx.event`: `background=True`, `supersedes=True`, `debounce=…`.
    """

    def declare(function: Callable[..., Any]) -> Any:
        function._permission = ANYBODY if permission == PUBLIC else permission  # type: ignore[attr-defined]
        return rx.event(**options)(function) if options else rx.event(function)

    return declare


def undeclared_handlers() -> list[str]:
    """List our handlers that declare no permission, or one that nobody knows; a test keeps it empty."""
    known = {"framework", ANYBODY, *PERMISSIONS}
    return sorted(name for name, permission in all_handlers().items() if permission not in known)


def all_handlers() -> dict[str, str]:
    """Return the product's handlers with the permission each asks for (`anybody`, `framework`, or `""` for none)."""
    return {
        name: "framework" if _is_framework(registered) else _permission_of(registered)
        for name, registered in RegistrationContext.get().event_handlers.items()
        if not registered.states[0].__module__.startswith("tests.")
    }


def _permission_of(registered: RegisteredEventHandler) -> str:
    return str(getattr(registered.handler.fn, "_permission", ""))


def _is_framework(registered: RegisteredEventHandler) -> bool:
    return registered.states[0].__module__.split(".")[0] in {"reflex", "reflex_base"} or (
        registered.handler.fn.__module__ or ""
    ).startswith("reflex")


# --- who is there -----------------------------------------------------------------------------------------------------


class Visitor(rx.State):
    """The person at this tab as the guard knows her, for the frame to show; rights are never read from here."""

    _session: str = ""
    signed_in: bool = False
    name: str = ""
    user_id: str = ""
    language: str = "fr"
    roles: list[str] = []
    permissions: list[str] = []

    def _become(self, actor: Actor | None) -> None:
        """Show another person, or what changed about the same one (only real changes go to the browser)."""
        facts = {
            "_session": _session_key(actor),
            "signed_in": actor is not None,
            "name": actor.name if actor else "",
            "user_id": str(actor.user_id) if actor else "",
            "language": actor.language if actor else self.language,
            "roles": sorted(actor.roles) if actor else [],
            "permissions": sorted(name for name in PERMISSIONS if may(actor, name)) if actor else [],
        }
        for name, value in facts.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _session_key(actor: Actor | None) -> str:
    return "" if actor is None else f"{actor.user_id}/{actor.session_id}"


async def actor_at(state: rx.State) -> Actor | None:
    """Return the person behind a tab's connection, read anew from the session's cookie; None for a visitor."""
    return await asyncio.to_thread(who_is, _cookie_of(state))


def _cookie_of(state: rx.State) -> str:
    return str(state.router_data.get("headers", {}).get("cookie", ""))


class Guard(Middleware):
    """Stands before every event: foreground, background, upload, chained and on load."""

    async def preprocess(self, app: rx.App, state: rx.State, event: Event) -> StateUpdate | None:  # type: ignore[override]
        """Let an event through or answer in its place."""
        registered = RegistrationContext.get().event_handlers.get(event.name)
        if registered is None:
            return StateUpdate()
        if registered.states[0] is Notices and not _is_framework(registered):
            return None  # shows a text in this tab; must work when nothing else does
        try:
            actor = await actor_at(state)
        except SQLAlchemyError:
            log.exception("no answer from the database")
            return await _say(state, "La base de données ne répond pas. Réessayer dans un instant.")
        await _empty_for_another_person(state, actor)
        if _is_framework(registered):
            return await self._framework(state, event, actor)
        if may(actor, _permission_of(registered)):
            note_deeds()
            return None
        log.info("refused %s to %s", event.name, actor.name if actor else "a visitor")
        return await _refusal(state, actor)

    async def _framework(self, state: rx.State, event: Event, actor: Actor | None) -> StateUpdate | None:
        """Let Reflex's own page events through; before a page's data is loaded, ask if the person may see the page."""
        name = event.name.rsplit(".", 1)[-1]
        if name not in FRAMEWORK_EVENTS:
            return await _refusal(state, actor)
        if name == "on_load_internal" and not may(actor, permission_of_route(_route_of(state))):
            log.info("refused the page %s to %s", _route_of(state), actor.name if actor else "a visitor")
            return await _page_refusal(state, actor)
        if name == "hydrate_and_load":
            (await state.get_state(Notices)).notice = {}  # what was shown before the page was loaded anew
        return None


async def _empty_for_another_person(state: rx.State, actor: Actor | None) -> None:
    """Forget all that a tab holds when another person (or nobody) sits there now."""
    visitor = await state.get_state(Visitor)
    if visitor._session != _session_key(actor):
        state._get_root_state().reset()
    visitor._become(actor)


async def _refusal(state: rx.State, actor: Actor | None) -> StateUpdate:
    """Lead a visitor to the sign-in page; tell a person that her rights do not reach so far."""
    if actor is None:
        return await _answer(state, rx.redirect(SIGN_IN))
    return await _say(state, "Vos droits ne permettent pas cette opération.")


async def _say(state: rx.State, sentence: str, *then: EventSpec) -> StateUpdate:
    """Show an error in the tab, as the answer to an event whose handler does not run."""
    (await state.get_state(Notices))._put(_in_all_languages(sentence, {}), kind="error", undo="")
    return await _answer(state, *then)


async def _answer(state: rx.State, *then: EventSpec) -> StateUpdate:
    """Send what changed in the tab (also what it had to forget), and what is to happen next."""
    root = state._get_root_state()
    delta = await root._get_resolved_delta()
    root._clean()
    return StateUpdate(delta=delta, events=Event.from_event_type(list(then)))


# --- pages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Screen:
    """One page: what it shows, where, to whom, and what it loads first."""

    view: Callable[[], rx.Component]
    route: str
    title: str
    permission: str
    on_load: tuple[Any, ...] = ()


SCREENS: list[Screen] = []


def register_screen(
    view: Callable[[], rx.Component], *, route: str, title: str, permission: str, on_load: Any = None
) -> None:
    """Keep a page for `add_screens`. `permission` is asked before anything is loaded (`"public"`: also visitors)."""
    loads = tuple(on_load) if isinstance(on_load, list | tuple) else (() if on_load is None else (on_load,))
    SCREENS.append(Screen(view, route, title, ANYBODY if permission == PUBLIC else permission, loads))


def add_screens(app: rx.App) -> None:
    """Give all registered pages to Reflex, each with its title and at least the arrival as what it loads."""
    for screen in SCREENS:
        app.add_page(
            screen.view,
            route=screen.route,
            title=f"{screen.title} · Boussole",
            on_load=[Arrival.arrive, *screen.on_load],
        )


class Arrival(rx.State):
    """What happens on every page: nothing but a sign that the person's data is there."""

    at: str = ""

    @handler(PUBLIC)
    def arrive(self) -> None:
        """Note which page is shown."""
        self.at = self.router.url.path


def permission_of_route(route: str) -> str:
    """Return the permission that a page asks for; a page that nobody registered is refused to everyone."""
    if route == NOT_FOUND:
        return ANYBODY
    wanted = route.strip("/") or INDEX
    return next((screen.permission for screen in SCREENS if (screen.route.strip("/") or INDEX) == wanted), "")


def loads_of(state: rx.State) -> list[Any]:
    """Return what the page that a tab shows loads, to show it anew."""
    wanted = _route_of(state).strip("/") or INDEX
    return next((list(screen.on_load) for screen in SCREENS if (screen.route.strip("/") or INDEX) == wanted), [])


def _route_of(state: rx.State) -> str:
    """Return the route (with its placeholders) of the page that a tab shows."""
    path = state._get_root_state().rx_router_url.path
    return RegistrationContext.get().app.router(path) or NOT_FOUND


async def _page_refusal(state: rx.State, actor: Actor | None) -> StateUpdate:
    """Load nothing for a page that the person may not see; lead her where she may be."""
    if actor is None:
        return await _refusal(state, actor)
    return await _say(state, "Vos droits ne permettent pas cette opération.", rx.redirect("/"))


# --- notices ----------------------------------------------------------------------------------------------------------


class Notices(rx.State):
    """The newest notice of a tab; the list of those still shown lives in the browser."""

    notice: dict[str, str] = {}
    _count: int = 0

    @handler(PUBLIC)
    def show(self, texts: dict[str, str], kind: str, undo: str) -> None:
        """Show a notice in this tab."""
        self._put(texts, kind=kind, undo=undo)

    def _put(self, texts: Mapping[str, str], *, kind: str, undo: str) -> None:
        self._count += 1
        shown = {language: str(texts.get(language, ""))[:LONGEST_NOTICE] for language in LANGUAGES}
        self.notice = {"id": str(self._count), "kind": kind, "undo": undo, **shown}


def notify(message_id: str, kind: str = "done", undo: str = "", **params: Any) -> EventSpec:
    """Return the event that shows a notice for eight seconds: `return notify("Piste convertie")` in a handler.

    `message_id` is the French sentence, `params` fill its `{named}` places; the reader sees it in her language. `kind`
    is `done`, `warning` or `error`. When the handler did something that can be undone the notice offers *Annuler*.
    """
    if kind == "done" and not undo:
        undo = noted_deeds()
    shown: EventSpec = Notices.show(_in_all_languages(message_id, params), kind, undo)
    return shown


def _in_all_languages(message_id: str, params: Mapping[str, Any]) -> dict[str, str]:
    return {language: say(language, message_id, **params) for language in LANGUAGES}


def tell_what_went_wrong(exception: Exception) -> EventSpec:
    """Show a refusal in its own words; log anything else and say so without details."""
    if isinstance(exception, BusinessError):
        return notify(exception.message_id, "error", **exception.params)
    log.error("an event failed", exc_info=exception)
    return notify(
        "L'opération n'a pas abouti : erreur inattendue, notée dans le journal. Recharger la page, puis réessayer.",
        "error",
    )


# --- elements ---------------------------------------------------------------------------------------------------------


def sent(payload: rx.Var[dict[str, Any]]) -> tuple[rx.Var[dict[str, Any]]]:
    """Give the event of a component of ours its one argument: what it sends."""
    return (payload,)


class NativeForm(Element):
    """A form that the browser itself posts (sign-in, sign-out); Reflex's own forms never leave the page."""

    tag = "form"
    action: rx.Var[str]
    method: rx.Var[str]
    enc_type: rx.Var[str]


class DragBox(rx.el.Div):
    """A box that can be dragged and dropped upon; always offer a menu beside it, for keyboard and touch."""

    on_drag_start: rx.EventHandler[rx.event.no_args_event_spec]
    on_drag_over: rx.EventHandler[rx.event.no_args_event_spec]
    on_drop: rx.EventHandler[rx.event.no_args_event_spec]


def file_drop(*children: rx.Component, label: rx.Var[str], **props: Any) -> rx.Component:
    """Draw a place to drop files upon; `label` names its field for who does not see it. `props` are `rx.upload`'s."""
    made = rx.upload(*children, **props)
    field = made.children[0].children[0]
    field.custom_attrs = {**field.custom_attrs, "aria-label": label}
    return made


native_form = NativeForm.create
drag_box = DragBox.create


__all__: Sequence[str] = (
    "DragBox", "Guard", "NativeForm", "Notices", "Visitor", "add_screens", "all_handlers", "drag_box", "file_drop",
    "handler", "native_form", "notify", "register_screen", "undeclared_handlers",
)  # fmt: skip
