"""What the page of jobs shows and does: all of it can be rebuilt from `?etat=…&qui=…&travail=ID`."""

import asyncio
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from app import routes
from app.doors import ask, do, now
from app.jobs import views, words
from app.platform import Arrival, handler, notify
from app.session import current_actor
from app.text import instant, quantity, say
from db.access.people.queries import user_names
from db.access.rules import Actor, may
from db.jobs import actions, queries
from db.jobs.rules import JobState
from db.kernel.errors import BusinessError

READ = "jobs.read_own"
RETRY = "jobs.retry_own"
PAGE = 50
BUSY_SECONDS, IDLE_SECONDS = 1.0, 5.0
MOST_LOOKS = 900  # a tab that was left open stops asking; loading it anew begins again
MINE, ALL = "moi", "tous"


class Jobs(rx.State):
    """The jobs that the address asks for, and the log of one of them."""

    rows: list[dict[str, str]] = []
    chips: list[dict[str, str]] = []
    chosen: dict[str, str] = {}
    lines: list[dict[str, str]] = []
    tasks: list[dict[str, str]] = []
    problems: list[dict[str, str]] = []
    wanted: str = ""
    who: str = ""
    sees_all: bool = False
    manages_all: bool = False
    has_more: bool = False
    most: int = PAGE
    worker: str = ""
    _chosen_id: str = ""
    _follows: bool = False

    @handler(READ)
    async def load(self) -> Any:
        """Read the filter from the address and show its jobs; go on looking while the page is open."""
        given = dict(self.router.url.query_parameters)
        self.wanted = given.get("etat", "") if given.get("etat", "") in set(JobState) else ""
        self.who, self._chosen_id, self.most = given.get("qui", ""), given.get("travail", ""), PAGE
        await self._show(await current_actor(self))
        return Jobs.follow

    @handler(READ, background=True)
    async def follow(self) -> None:
        """Show how the jobs go on, every second while one is open, as long as this page is shown."""
        async with self:
            if self._follows:
                return
            self._follows = True
        for _ in range(MOST_LOOKS):
            async with self:
                is_busy = any(row["is_open"] for row in self.rows)
            await asyncio.sleep(BUSY_SECONDS if is_busy else IDLE_SECONDS)
            async with self:
                actor = await current_actor(self)
                if actor.user_id is None or (await self.get_state(Arrival)).at != routes.JOBS:
                    break
                await self._show(actor)
        async with self:
            self._follows = False

    @handler(READ)
    def choose_state(self, state: str) -> Any:
        """Show the jobs of one state; the same again shows all."""
        return rx.redirect(self._address(etat="" if state == self.wanted else state))

    @handler(READ)
    def choose_whose(self, who: str) -> Any:
        """Show one's own jobs or everybody's."""
        return rx.redirect(self._address(qui=who if who in (MINE, ALL) else ""))

    @handler(READ)
    async def choose(self, job_id: str) -> None:
        """Show a job's log beside the list."""
        self._chosen_id = job_id
        await self._show(await current_actor(self))

    @handler(READ)
    async def show_more(self) -> None:
        """Show older jobs as well."""
        self.most = min(self.most + PAGE, 20 * PAGE)
        await self._show(await current_actor(self))

    @handler("jobs.cancel_own")
    async def cancel(self, job_id: str) -> Any:
        """Ask a job to stop."""
        return await self._deed(actions.cancel_job, "Arrêt demandé.", job_id=UUID(job_id))

    @handler(RETRY)
    async def retry(self, job_id: str) -> Any:
        """Have a job done again."""
        return await self._deed(actions.retry_job, "Travail relancé.", job_id=UUID(job_id))

    @handler(RETRY)
    async def settle(self, job_id: str) -> Any:
        """Note that a failure has been seen to."""
        return await self._deed(actions.settle_job, "Échec classé.", job_id=UUID(job_id))

    @handler("jobs.manage_all")
    async def retry_event(self, event_id: str) -> Any:
        """Have the reactions to an event run again."""
        return await self._deed(actions.retry_reactions, "Réaction relancée.", event_id=UUID(event_id))

    async def _deed(self, action: Any, message: str, **arguments: Any) -> Any:
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, action, **arguments)
        await self._show(actor)
        return notify(message)

    async def _show(self, actor: Actor) -> None:
        shown = await asyncio.to_thread(_facts, actor, self.wanted, self.who, self._chosen_id, self.most)
        for name, value in shown.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _address(self, **changed: str) -> str:
        given = {"etat": self.wanted, "qui": self.who, **changed}
        query = urlencode({key: value for key, value in given.items() if value})
        return f"{routes.JOBS}?{query}" if query else routes.JOBS


def _facts(by: Actor, wanted: str, who: str, chosen_id: str, most: int) -> dict[str, Any]:
    """Return everything that the page shows."""
    at, only_own = now(), who == MINE
    states = (JobState(wanted),) if wanted else ()
    names = ask(by, user_names)
    page = ask(by, queries.job_page, states=states, only_own=only_own, after=None, most=most, by=by)
    chosen, lines = _chosen(by, chosen_id, names)
    return {
        "rows": [views.job_row(job, names=names, at=at, by=by) for job in page.jobs],
        "has_more": page.next is not None,
        "chips": _chips(by, only_own),
        "chosen": chosen,
        "lines": lines,
        "sees_all": may(by, "jobs.read_all"),
        "manages_all": may(by, "jobs.manage_all"),
        **_regular(by),
    }


def _chips(by: Actor, only_own: bool) -> list[dict[str, str]]:
    counts = ask(by, queries.job_counts, only_own=only_own, by=by)
    return [
        {"state": state.value, "label": say(by.language, word), "count": quantity(Decimal(counts.get(state, 0)))}
        for state, word in words.STATES.items()
    ]


def _chosen(by: Actor, job_id: str, names: Any) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the chosen job and its log; nothing when there is none, or it is somebody else's."""
    try:
        wanted = UUID(job_id)
        job = ask(by, queries.job, job_id=wanted, by=by)
        lines = ask(by, queries.job_log, job_id=wanted, by=by)
    except (ValueError, BusinessError):
        return {}, []
    return views.job_row(job, names=names, at=now(), by=by), [views.log_row(line, by.language) for line in lines]


def _regular(by: Actor) -> dict[str, Any]:
    """Return the regular tasks, what could not react, and when the worker was last seen, to those who see all."""
    if not may(by, "jobs.read_all"):
        return {"tasks": [], "problems": [], "worker": ""}
    at = now()
    seen = ask(by, queries.worker_seen)
    return {
        "tasks": [views.schedule_row(task, at=at, language=by.language) for task in ask(by, queries.schedules)],
        "problems": [
            views.problem_row(event, at=at, language=by.language) for event in ask(by, queries.event_problems)
        ],
        "worker": instant(seen, on=at) if seen else "",
    }
