"""The decorator of every action and the mark of every query."""

import functools
import inspect
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session

from db.access import history as history  # its listeners write what every deed changed
from db.access import rules
from db.access.rules import Actor
from db.access.tables import Deed

Function = TypeVar("Function", bound=Callable[..., Any])

ACTIONS: dict[str, Callable[..., Any]] = {}
QUERIES: dict[str, Callable[..., Any]] = {}


def gate(permission: str, *, fresh: bool = False) -> Callable[[Function], Function]:
    """Let the action run only for those who may, and write its deed.

    The check concerns the outermost action; inner ones run on its behalf under the same deed. The action takes
    `(session, *, by, at, …)` by keyword. `permission` may be "anybody" for what a visitor can do (signing in).
    """

    def wrap(action: Function) -> Function:
        name = f"{action.__module__.removeprefix('db.').removesuffix('.actions')}.{action.__name__}"

        @functools.wraps(action)
        def run(session: Session, /, **arguments: Any) -> Any:
            if session.info.get("deed") is not None:
                return action(session, **arguments)
            by: Actor = arguments["by"]
            at: datetime = arguments["at"]
            rules.check_may(by, permission)
            if fresh:
                rules.check_fresh(by, at)
            return _under_a_deed(session, name, action, arguments, rules.name_in_trail(by, permission))

        run.permission, run.fresh, run.action_name = permission, fresh, name  # type: ignore[attr-defined]
        ACTIONS[name] = run
        return run  # type: ignore[return-value]

    return wrap


def _under_a_deed(
    session: Session, name: str, action: Callable[..., Any], arguments: dict[str, Any], actor_name: str
) -> Any:
    by: Actor = arguments["by"]
    deed = Deed(
        at=arguments["at"],
        action=name,
        actor_id=by.user_id,
        actor_name=actor_name,
        via=by.via,
        undoes=arguments.get("undoes"),
    )
    session.add(deed)
    session.flush()
    session.info["deed"] = deed
    try:
        result = action(session, **arguments)
        session.flush()
    finally:
        session.info["done"] = session.info.pop("deed", None)
        session.info.pop("changes", None)
    return result


def bookkeeping(permission: str) -> Callable[[Function], Function]:
    """Let the action run only for those who may, without a deed: it keeps the product's own books (scores, logs).

    Writing a tracked record in it is refused by the session, as everywhere outside a deed.
    """

    def wrap(action: Function) -> Function:
        name = f"{action.__module__.removeprefix('db.').removesuffix('.actions')}.{action.__name__}"

        @functools.wraps(action)
        def run(session: Session, /, **arguments: Any) -> Any:
            if session.info.get("deed") is None:
                rules.check_may(arguments["by"], permission)
            return action(session, **arguments)

        run.permission, run.fresh, run.action_name = permission, False, name  # type: ignore[attr-defined]
        ACTIONS[name] = run
        return run  # type: ignore[return-value]

    return wrap


def current_deed(session: Session) -> Deed:
    """Return the deed that is being done; raises LookupError outside an action."""
    deed: Deed | None = session.info.get("deed")
    if deed is None:
        raise LookupError("no deed is being done")
    return deed


def readable(permission: str) -> Callable[[Function], Function]:
    """Mark a query with what `ask` must check; areas that call each other's queries are not checked again."""

    def mark(query: Function) -> Function:
        query.permission = permission  # type: ignore[attr-defined]
        query.takes_by = "by" in inspect.signature(query).parameters  # type: ignore[attr-defined]
        area = query.__module__.removeprefix("db.").removesuffix(".queries")
        QUERIES[f"{area}.{query.__name__}"] = query
        return query

    return mark
