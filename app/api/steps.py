"""What may happen to one record besides being changed: post, confirm, receive… One line each."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, create_model

from app.api.permission import allowed
from app.doors import do
from db.access.rules import Actor
from db.stock.counts.actions import add_to_sheet, approve_count, cancel_count, finish_count, resume_count
from db.stock.moves.actions import cancel_move, do_move, reverse_move

NOT_GIVEN = {"session", "by", "at"}


@dataclass(frozen=True)
class Step:
    """A deed on one record: `POST /{kind}/{id}/{name}`. `id_name` is the argument of `action` that takes the record.

    What else the action takes, with its types and defaults, is what the route takes as JSON.
    """

    name: str
    action: Callable[..., Any]
    id_name: str
    words: str  # French sentence of the documentation


# key of a list → its steps
STEPS: dict[str, tuple[Step, ...]] = {
    "stock_move": (
        Step("do", do_move, "move_id", "Faire un mouvement prévu."),
        Step("cancel", cancel_move, "move_id", "Annuler un mouvement prévu."),
        Step("reverse", reverse_move, "move_id", "Reprendre un mouvement fait par un contre-mouvement."),
    ),
    "stock_count": (
        Step("lines", add_to_sheet, "count_id", "Mettre un article sur la feuille, par son numéro ou code-barres."),
        Step("finish", finish_count, "count_id", "Terminer le comptage."),
        Step("resume", resume_count, "count_id", "Reprendre le comptage."),
        Step("cancel", cancel_count, "count_id", "Abandonner l'inventaire."),
        Step("approve", approve_count, "count_id", "Approuver : les différences deviennent des mouvements."),
    ),
}


class Outcome(BaseModel):
    """What a deed answered: the id of what it made, if it made something."""

    result: UUID | str | int | bool | None


def add_step(router: APIRouter, step: Step) -> None:
    """Give a router the route of a step."""
    permission: str = step.action.permission  # type: ignore[attr-defined]
    body = body_of(step)

    def run(by: Annotated[Actor, Depends(allowed(permission))], record_id: UUID, given: body) -> Outcome:  # type: ignore[valid-type]
        values = {name: getattr(given, name) for name in type(given).model_fields}
        done = do(by, step.action, **{step.id_name: record_id}, **values)
        return Outcome(result=done if isinstance(done, UUID | str | int | bool) else None)

    run.__doc__ = step.words
    router.add_api_route(f"/{{record_id}}/{step.name}", run, methods=["POST"], name=step.name)


def body_of(step: Step) -> type[BaseModel]:
    """Return what a step takes, from the signature of its action."""
    inner = inspect.unwrap(step.action)
    hints = inspect.get_annotations(inner, eval_str=True)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(inner).parameters.items():
        if name in NOT_GIVEN or name == step.id_name:
            continue
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[name] = (hints[name], default)
    title = "".join(part.title() for part in step.action.__name__.split("_"))
    made: type[BaseModel] = create_model(f"{title}Given", __config__=ConfigDict(extra="forbid"), **fields)
    return made
