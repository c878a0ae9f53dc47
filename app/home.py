"""`/ma-journee`: whom to call first, what waits for me, what runs, and what others changed. `/` leads there."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.components import empty_state, probability_mark, progress_bar, reason_line
from app.crm.score import score_stamp
from app.doors import ask, do, now
from app.home_view import call_view, change_view, date_words, decision_view, job_views, summary_of
from app.platform import PUBLIC, handler
from app.session import current_actor
from app.shell import screen
from app.text import t
from db.access.people.queries import count_users
from db.access.rules import NOBODY, Actor, may
from db.crm.leads.calling.queries import leads_to_call
from db.crm.leads.rules import SCORE
from db.crm.leads.trail.queries import others_changes
from db.insights.predictions.queries import hit_rates
from db.insights.proposals.queries import proposals_to_decide
from db.jobs.actions import cancel_job

READ = "access.use_own_account"
POLL_SECONDS = 1.5


class Index(rx.State):
    """The bare address."""

    @handler(PUBLIC)
    async def lead_on(self) -> Any:
        """Lead to one's day, to the sign-in page, or, while nobody exists, to the first set-up."""
        if (await current_actor(self)).user_id is not None:
            return rx.redirect(routes.HOME)
        nobody_yet = await asyncio.to_thread(ask, NOBODY, count_users) == 0
        return rx.redirect(routes.WELCOME if nobody_yet else routes.SIGN_IN)


class Day(rx.State):
    """What a person sees first."""

    date: str = ""
    summary: str = ""
    calls: list[dict[str, Any]] = []
    stamp: str = ""
    shows_calls: bool = False
    decisions: list[dict[str, str]] = []
    shows_decisions: bool = False
    jobs: list[dict[str, str]] = []
    changes: list[dict[str, str]] = []
    _follows: bool = False

    @handler(READ)
    async def load(self) -> Any:
        """Read everything anew; while work runs, look after it."""
        actor, at = await current_actor(self), now()
        self.date = date_words(at, actor.language)
        self.shows_calls = may(actor, "crm.read_leads")
        self.shows_decisions = may(actor, "insights.approve_model")
        await asyncio.to_thread(self._read, actor, at)
        return Day.follow if self.jobs and not self._follows else None

    def _read(self, actor: Actor, at: datetime) -> None:
        self.jobs = job_views(actor)
        if self.shows_calls:
            rates = ask(actor, hit_rates, model=SCORE) if may(actor, "insights.read_models") else []
            self.calls = [call_view(call, rates, actor.language) for call in ask(actor, leads_to_call, by=actor)]
            self.stamp = score_stamp(actor)
            self.changes = [change_view(one, actor.language, at) for one in ask(actor, others_changes, by=actor)]
        if self.shows_decisions:
            waiting = ask(actor, proposals_to_decide)
            self.decisions = [decision_view(one, actor, at) for one in waiting]
        self.summary = summary_of(self.calls, self.decisions, actor.language)

    @handler(READ, background=True)
    async def follow(self) -> Any:
        """Show how far the person's jobs are until none is left, then what they changed."""
        async with self:
            if self._follows:
                return None
            self._follows = True
        while True:
            await asyncio.sleep(POLL_SECONDS)
            async with self:
                actor = await current_actor(self)
                self.jobs = await asyncio.to_thread(job_views, actor) if actor.user_id else []
                if not self.jobs:
                    self._follows = False
                    return Day.load

    @handler("jobs.cancel_own")
    async def stop(self, job_id: str) -> Any:
        """Ask a job to stop."""
        await asyncio.to_thread(do, await current_actor(self), cancel_job, job_id=UUID(job_id))
        return Day.load


# --- view -------------------------------------------------------------------------------------------------------------


def _head() -> rx.Component:
    return rx.fragment(rx.el.h1(Day.date), rx.el.span(Day.summary, class_name="m"))


@screen(route=routes.HOME, title="Ma journée", permission=READ, on_load=Day.load, head=_head, shows_title=False)
def home() -> rx.Component:
    """Draw the day in two columns."""
    return rx.el.div(
        rx.el.div(rx.cond(Day.shows_calls, _calls()), class_name="c1"),
        rx.el.div(
            rx.cond(Day.shows_decisions, _decisions()),
            rx.cond(Day.jobs.length() > 0, _running()),
            rx.cond(Day.changes.length() > 0, _others()),
            rx.cond(~Day.shows_decisions & (Day.jobs.length() == 0) & (Day.changes.length() == 0), _quiet()),
            class_name="c2",
        ),
        class_name="cols",
    )


def _heading(title: rx.Var[str], aside: Any = "") -> rx.Component:
    return rx.el.div(rx.el.h2(title), rx.el.span(aside, class_name="f"), class_name="gh")


def _calls() -> rx.Component:
    nothing = empty_state(
        t("Aucun appel à proposer."),
        t("Les pistes ouvertes qui ont une prévision apparaissent ici, la plus grande valeur attendue d’abord."),
        rx.link(t("Voir les pistes"), href=routes.LEADS, class_name="btn sm"),
    )
    return rx.el.section(
        _heading(t("À appeler en premier"), t("montant × probabilité")),
        rx.cond(
            Day.calls.length() > 0,
            rx.fragment(
                rx.el.table(_call_head(), rx.el.tbody(rx.foreach(Day.calls, _call_row)), class_name="list calls"),
                rx.el.div(rx.el.span(Day.stamp, class_name="stamp"), class_name="sect"),
            ),
            rx.cond(rx.State.is_hydrated, nothing),
        ),
    )


def _call_head() -> rx.Component:
    return rx.el.thead(
        rx.el.tr(
            rx.el.th(t("Piste")),
            rx.el.th("CHF", class_name="r"),
            rx.el.th(t("Signature")),
            rx.el.th(t("Attendu"), class_name="r"),
            rx.el.th(t("Téléphone")),
        )
    )


def _call_row(call: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.link(call["name"].to(str), href=call["href"].to(str), underline="none", class_name="md plain"),
            rx.el.span(" ", call["company"].to(str), class_name="m"),
            _why(call["reason"].to(str), call["hits"].to(str)),
        ),
        rx.el.td(call["amount"].to(str), class_name="r"),
        rx.el.td(probability_mark(call["p"], call["low"], call["high"], call["hollow"])),
        rx.el.td(call["value"].to(str), class_name="r md"),
        rx.el.td(
            rx.cond(
                call["phone"].to(str) != "",
                rx.el.a(call["phone"].to(str), href="tel:" + call["phone"].to(str), class_name="m"),
            )
        ),
        key=call["id"].to(str),
    )


def _why(reason: rx.Var[str], hits: rx.Var[str]) -> rx.Component:
    right_so_far = rx.cond(hits != "", rx.el.span(" ", rx.el.u(hits), class_name="stamp"))
    return rx.cond(reason != "", reason_line(reason, right_so_far))


def _decisions() -> rx.Component:
    nothing = empty_state(t("Aucune décision en attente."), t("Un modèle proposé par l’analyse apparaîtra ici."))
    return rx.el.section(
        _heading(t("Décisions en attente")),
        rx.cond(
            Day.decisions.length() > 0, rx.foreach(Day.decisions, _decision), rx.cond(rx.State.is_hydrated, nothing)
        ),
        class_name="blk",
    )


def _decision(one: Any) -> rx.Component:
    return rx.el.article(
        rx.el.div(one["title"], class_name="md"),
        reason_line(one["why"]),
        rx.cond(one["own"] != "", rx.el.div(one["own"], class_name="s amb")),
        rx.el.div(
            rx.link(t("Examiner"), href=one["href"], underline="none", class_name="btn sm p"), class_name="row g6"
        ),
        class_name="decision",
    )


def _running() -> rx.Component:
    return rx.el.section(_heading(t("En cours")), rx.foreach(Day.jobs, _job), class_name="blk")


def _job(job: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(job["name"], class_name="md"), progress_bar(job, on_cancel=Day.stop(job["id"])), class_name="decision"
    )


def _others() -> rx.Component:
    return rx.el.section(_heading(t("Changements sur mes pistes")), rx.foreach(Day.changes, _change), class_name="blk")


def _change(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(one["when"], class_name="f nw"),
        rx.el.span(
            one["act"],
            " : ",
            rx.link(one["lead"], href=one["href"], class_name="lk"),
            rx.el.span(", ", one["who"], class_name="m"),
            class_name="el",
        ),
        class_name="mine",
    )


def _quiet() -> rx.Component:
    return rx.cond(
        rx.State.is_hydrated,
        empty_state(
            t("Rien n’attend."), t("Vos travaux en cours et les changements faits par d’autres apparaissent ici.")
        ),
    )


@screen(route=routes.INDEX, title="Boussole", permission=PUBLIC, on_load=Index.lead_on, shows_title=False)
def index() -> rx.Component:
    """Draw nothing: the page leads on."""
    return rx.fragment()
