"""`/historique/empreintes`: the digest of each day, whether it still agrees, and how somebody outside checks it."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any

import reflex as rx

from app import routes
from app.components import empty_state, section, tag
from app.components.states import job_view, progress_bar
from app.digests import digest_folder, read_digest, write_digest
from app.doors import ask, do, now
from app.platform import Arrival, handler, notify
from app.session import current_actor
from app.shell import screen
from app.text import day, instant, quantity, say, t
from db.access.people.queries import user_names
from db.access.rules import Actor, check_may
from db.jobs.actions import cancel_job
from db.jobs.checks.actions import ask_for_verification
from db.jobs.checks.queries import verification
from db.jobs.queries import JobStatus
from db.jobs.rules import JobState
from db.kernel.errors import BadInput

READ = "access.read_history"
OPEN = (JobState.WAITING, JobState.RUNNING)
MOST_SHOWN = 400


class Digests(rx.State):
    """The kept digests, and the newest verification."""

    rows: list[dict[str, str]] = []
    job: dict[str, str] = {}
    outcome: str = ""
    clean: str = ""
    problems: list[str] = []
    _follows: bool = False

    @handler(READ)
    async def load(self) -> Any:
        """List the digests; look after a verification that is under way."""
        await self._show(await current_actor(self))
        return Digests.follow if self.job else None

    @handler(READ)
    async def make(self) -> Any:
        """Write the digest of today now."""
        actor = await current_actor(self)
        check_may(actor, READ)
        await asyncio.to_thread(write_digest, actor, now())
        await self._show(actor)
        return notify("Empreinte du jour écrite.")

    @handler(READ)
    async def verify(self) -> Any:
        """Have everything verified now."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, ask_for_verification)
        await self._show(actor)
        return Digests.follow

    @handler("jobs.cancel_own")
    async def stop(self) -> None:
        """Stop the verification."""
        actor = await current_actor(self)
        newest = await asyncio.to_thread(ask, actor, verification, done=False)
        if newest is not None:
            await asyncio.to_thread(do, actor, cancel_job, job_id=newest.id)

    @handler(READ, background=True)
    async def follow(self) -> None:
        """Show how the verification goes on while this page is shown."""
        async with self:
            if self._follows:
                return
            self._follows = True
        while True:
            await asyncio.sleep(0.5)
            async with self:
                actor = await current_actor(self)
                if actor.user_id is None or (await self.get_state(Arrival)).at != routes.DIGESTS:
                    break
                await self._show(actor)
                if not self.job:
                    break
        async with self:
            self._follows = False

    async def _show(self, actor: Actor) -> None:
        shown = await asyncio.to_thread(_facts, actor)
        for name, value in shown.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _facts(by: Actor) -> dict[str, Any]:
    newest, last = ask(by, verification, done=False), ask(by, verification, done=True)
    is_open = newest is not None and newest.state in OPEN
    job = job_view(newest, by.language) if newest and is_open else {}
    problems = [] if last is None or last.result is None else [_told(one, by) for one in _all_problems(last)]
    failed = newest is not None and newest.state is JobState.FAILED
    return {
        "rows": _rows(by, last),
        "job": job,
        "outcome": (newest.error or "") if newest and failed else _outcome(by, last),
        "clean": "yes" if last and last.result and last.result["clean"] and not failed else "",
        "problems": problems,
    }


def _all_problems(last: JobStatus) -> list[dict[str, Any]]:
    found = last.result or {}
    return [*found["problems"], *(one for problems in found["digests"].values() for one in problems)]


def _told(problem: dict[str, Any], by: Actor) -> str:
    return say(by.language, problem["what"], **problem["places"])


def _outcome(by: Actor, last: JobStatus | None) -> str:
    """Return in words what the newest verification found."""
    if last is None or last.result is None or last.ended_at is None:
        return say(by.language, "Rien n’a encore été vérifié.")
    facts = {name: quantity(Decimal(last.result[name])) for name in ("sealed", "records", "files", "problem_count")}
    said = (
        "Rien n’a été altéré : {sealed} actes scellés, {records} fiches et {files} fichiers comparés."
        if last.result["clean"]
        else "{problem_count} altérations ; {sealed} actes scellés, {records} fiches et {files} fichiers comparés."
    )
    who = ask(by, user_names).get(last.asked_by, "Boussole") if last.asked_by else "Boussole"
    return f"{instant(last.ended_at, now())} · {who} · {say(by.language, said, **facts)}"


def _rows(by: Actor, last: JobStatus | None) -> list[dict[str, str]]:
    checked = (last.result or {}).get("digests", {}) if last else {}
    places = sorted(digest_folder().glob("*.json"), reverse=True)[:MOST_SHOWN]
    return [_row(by, place, checked) for place in places]


def _row(by: Actor, place: Any, checked: dict[str, Any]) -> dict[str, str]:
    shown = {"name": place.name, "day": _day(place.stem), "number": "", "changes": "", "link": "", "tone": "red"}
    try:
        kept = read_digest(place)
    except BadInput:
        return shown | {"state": say(by.language, "illisible")}
    problems = checked.get(place.stem)
    state, tone = ("pas encore vérifiée", "") if problems is None else ("concorde", "grn")
    if problems:
        state, tone = "ne concorde pas", "red"
    figures = {"number": quantity(Decimal(kept["number"])), "changes": quantity(Decimal(kept["changes"]))}
    return shown | figures | {"link": kept["link"][:12], "state": say(by.language, state), "tone": tone}


def _day(stem: str) -> str:
    try:
        return day(date.fromisoformat(stem))
    except ValueError:
        return stem


@screen(route=routes.DIGESTS, title="Empreintes", permission=READ, on_load=Digests.load)
def digests() -> rx.Component:
    """Draw what was verified, the digests by day, and what to give to the fiduciary."""
    button = rx.el.button(
        t("Vérifier maintenant"),
        type="button",
        class_name="btn p",
        on_click=Digests.verify,
        disabled=Digests.job.contains("id"),
    )
    verdict = rx.el.div(
        Digests.outcome, class_name=rx.cond(Digests.problems.length() > 0, "callout error", "m"), role="status"
    )
    return rx.el.div(
        section(
            t("Vérification"),
            verdict,
            rx.el.ul(rx.foreach(Digests.problems, lambda line: rx.el.li(line)), class_name="s"),
            rx.cond(Digests.job.contains("id"), progress_bar(Digests.job, on_cancel=Digests.stop)),
            rx.el.div(button, class_name="row"),
        ),
        _outside(),
        section(
            t("Une empreinte par jour"),
            rx.cond(
                Digests.rows,
                _list(),
                empty_state(t("Aucune empreinte"), t("La première s’écrit cette nuit.")),
            ),
            aside=rx.el.button(
                t("Écrire celle d’aujourd’hui"), type="button", class_name="btn sm q", on_click=Digests.make
            ),
        ),
        class_name="settings wide-settings",
    )


def _outside() -> rx.Component:
    how = t(
        "Chaque empreinte dit jusqu’à quel acte l’historique allait ce jour-là : en confier une copie à la fiduciaire. "
        "Plus tard, elle prend ici la chaîne et le script, sans mot de passe et sans Boussole, et lance "
        "python3 verify_digest.py chaine.jsonl empreinte-….json. "
        "Le script répond « Tout concorde », ou dit quel acte a été coupé, réécrit ou ajouté depuis."
    )
    link = lambda label, name: rx.el.a(  # noqa: E731
        label,
        href=f"{routes.DIGEST_FILE}/{name}",
        class_name="btn sm",
        custom_attrs={"download": ""},
        reload_document=True,
    )
    return section(
        t("Pour la fiduciaire"),
        rx.el.p(how, class_name="m"),
        rx.el.div(
            link(t("Télécharger la chaîne"), "chaine.jsonl"),
            link(t("Télécharger le script"), "verify_digest.py"),
            class_name="row g6",
        ),
    )


def _list() -> rx.Component:
    figures = ((t("Actes scellés"), "r"), (t("Changements"), "r"))
    heads = ((t("Jour"), ""), *figures, (t("Sceau"), ""), (t("État"), ""))
    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    *[rx.el.th(head, class_name=look) for head, look in heads],
                    rx.el.th(rx.el.span(t("Actions"), class_name="vh")),
                )
            ),
            rx.el.tbody(rx.foreach(Digests.rows, _line)),
            class_name="list",
        ),
        class_name="scrolls",
    )


def _line(one: Any) -> rx.Component:
    take = rx.el.a(
        t("Télécharger"),
        href=f"{routes.DIGEST_FILE}/" + one["name"],
        class_name="btn sm q",
        custom_attrs={"download": ""},
        reload_document=True,
    )
    return rx.el.tr(
        rx.el.td(one["day"], class_name="md"),
        rx.el.td(one["number"], class_name="r"),
        rx.el.td(one["changes"], class_name="r"),
        rx.el.td(one["link"], class_name="f mono"),
        rx.el.td(tag(one["state"], one["tone"])),
        rx.el.td(take, class_name="r"),
        key=one["name"],
    )
