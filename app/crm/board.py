"""`/affaires/tableau`: open opportunities stage by stage; a card is dragged, or sent by key or menu."""

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.components import empty_state
from app.crm.board_view import board_json, totals_of
from app.crm.first_pipeline import pipelines_of
from app.crm.moving import AFTER_MOVING, StageMove, move_dialog
from app.doors import ask, now
from app.platform import Visitor, handler
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import SWITZERLAND, t
from db.crm.opportunities.board.queries import board

READ, EDIT = "crm.read_leads", "crm.edit_leads"
KEYS = (("J K", "parcourir"), ("↵", "ouvrir"), ("E", "étape suivante"))


class BoardState(rx.State):
    """The board as it stands."""

    view: str = ""
    totals: str = ""
    pipelines: list[list[str]] = []
    chosen: str = ""
    mine: bool = False
    _round: int = 0

    @handler(READ)
    async def load(self) -> None:
        """Show the pipeline of the address, else the usual one."""
        asked = dict(self.router.url.query_parameters)
        self.mine = asked.get("a") == "moi"
        await self._show(asked.get("parcours", ""))

    @handler(READ)
    async def again(self) -> None:
        """Show the board as it is now."""
        await self._show(self.chosen)

    @handler(EDIT)
    async def move(self, deal: str, stage: str) -> Any:
        """Bring a card to a stage."""
        actor = await current_actor(self)
        return await (await self.get_state(StageMove))._begin(actor, str(deal), str(stage), "board")

    async def _show(self, chosen: str) -> None:
        actor, at = await current_actor(self), now()
        owner: UUID | None = actor.user_id if self.mine else None
        await asyncio.to_thread(pipelines_of, actor)
        found = await asyncio.to_thread(
            ask, actor, board, pipeline_id=uuid_of(chosen) if chosen else None, owner_id=owner, at=at, by=actor
        )
        self.chosen = str(found.pipeline_id or "")
        self.pipelines = [[str(one.pipeline_id), one.name] for one in found.pipelines]
        self._round += 1
        self.view = board_json(found, actor, at.astimezone(SWITZERLAND).date(), self._round)
        self.totals = totals_of(found.columns, actor.language)


AFTER_MOVING["board"] = BoardState.again


def _moved(deal: rx.Var[str], stage: rx.Var[str]) -> tuple[rx.Var[str], rx.Var[str]]:
    return (deal, stage)


class StageBoard(rx.Component):
    """The columns with their cards."""

    library = f"$/public{rx.asset('board.jsx', shared=True)}"
    tag = "StageBoard"
    view: rx.Var[str]
    labels: rx.Var[dict[str, Any]]
    list_at: rx.Var[str]
    on_move: rx.EventHandler[_moved]


def _labels() -> dict[str, Any]:
    return {
        "board": t("Tableau des affaires"),
        "next": t("Étape suivante"),
        "move": t("Amener à…"),
        "weighted": t("pondéré"),
        "empty": t("rien ici"),
    }


def _head() -> rx.Component:
    pipelines = rx.foreach(
        BoardState.pipelines,
        lambda one: rx.link(
            one[1],
            href=f"{routes.BOARD}?parcours={one[0]}",
            underline="none",
            class_name=rx.cond(one[0] == BoardState.chosen, "chip on", "chip"),
        ),
    )
    whose = rx.link(
        t("À moi"),
        href=rx.cond(BoardState.mine, f"{routes.BOARD}?parcours={BoardState.chosen}",
                     f"{routes.BOARD}?parcours={BoardState.chosen}&a=moi"),
        underline="none",
        class_name=rx.cond(BoardState.mine, "chip on", "chip"),
    )  # fmt: skip
    new = rx.link(
        t("Nouvelle affaire"),
        rx.el.kbd("C"),
        href=routes.NEW_OPPORTUNITY,
        underline="none",
        class_name="btn sm p",
        custom_attrs={"data-key": "c", "data-key-label": t("Nouvelle affaire")},
    )
    return rx.fragment(
        rx.el.nav(
            rx.link(t("Liste"), href=routes.OPPORTUNITIES, underline="none", class_name="lk"),
            rx.link(t("Prévisions"), href=routes.FORECAST, underline="none", class_name="lk"),
            class_name="row g6",
            aria_label=t("Autres vues des affaires"),
        ),
        rx.cond(BoardState.pipelines.length() > 1, pipelines),
        whose,
        rx.el.span(BoardState.totals, class_name="m s"),
        rx.el.span(class_name="sp"),
        rx.cond(Visitor.permissions.contains(EDIT), new),
    )


@screen(
    route=routes.BOARD,
    title="Tableau des affaires",
    permission=READ,
    on_load=BoardState.load,
    head=_head,
    keys=KEYS,
)
def board_page() -> rx.Component:
    """Draw the columns."""
    nothing = empty_state(
        t("Aucune affaire en cours."),
        t("Une affaire s’ouvre en convertissant une piste."),
        rx.link(t("Voir les pistes"), href=routes.LEADS, underline="none", class_name="btn"),
    )
    columns = StageBoard.create(
        view=BoardState.view,
        labels=rx.Var.create(_labels()),
        list_at=routes.OPPORTUNITIES,
        on_move=BoardState.move,
    )
    shown = rx.cond(BoardState.chosen != "", columns, rx.cond(rx.State.is_hydrated, nothing))  # type: ignore[attr-defined]
    return rx.fragment(shown, move_dialog())
