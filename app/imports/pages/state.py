"""What the page of an import shows and does. Everything can be rebuilt from `?import=ID`."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import reflex as rx

from app import routes
from app.components import job_view
from app.doors import ask, do
from app.gateways.delimited_text import csv_bytes
from app.gateways.table_files import MOST_BYTES
from app.imports import steps
from app.imports.kinds import KINDS, Kind, kind_named
from app.imports.mapping import CUSTOM, IGNORE, Plan, changed, plan_from
from app.imports.pages import views
from app.kept_words import kept_row
from app.platform import handler, notify
from app.session import current_actor
from app.text import say
from app.undoing import UNDO_OTHERWISE
from db.access.rules import Actor, check_may
from db.documents.imports import actions, queries
from db.documents.imports.queries import ImportStatus, job_of_import
from db.documents.imports.rules import ImportState
from db.jobs.actions import cancel_job
from db.jobs.queries import JobStatus
from db.jobs.rules import JobState
from db.kernel.errors import BusinessError, NotFound
from db.records.undo.rules import Kept

MAY = "documents.receive"
POLL_SECONDS = 0.4
SHOWN_PROBLEMS = 30
MOST_DOWNLOADED = 100_000
OPEN = (JobState.WAITING, JobState.RUNNING)
WRITING = ("crm.import_leads", "documents.run_import")


class Importing(rx.State):
    """One import of a kind of record, or the choice of a file."""

    kind: str = ""  # its name
    words: dict[str, str] = {}  # what the page says of the kind
    targets: list[dict[str, str]] = []
    meanings: list[dict[str, str]] = []  # the states that words of the file can mean
    remembered: str = ""  # when and by whom such a file was imported before
    import_id: str = ""
    stage: str = ""  # "" = no file yet, else the import's state; `working` while a job runs
    step: str = "1"
    file: dict[str, str] = {}
    sheets: list[str] = []
    sheet: str = ""
    columns: list[dict[str, str]] = []
    hidden_columns: str = ""
    tally: dict[str, str] = {}
    said: list[dict[str, str]] = []  # words of the file and what each means
    keys: list[str] = []
    key: str = ""
    orders: list[str] = []
    order: str = ""
    has_date: bool = False
    checked: dict[str, str] = {}
    problems: list[dict[str, str]] = []
    problem: str = ""
    job: dict[str, str] = {}
    result: dict[str, str] = {}
    kept: list[dict[str, str]] = []
    recent: list[dict[str, str]] = []

    @handler(MAY)
    async def load(self) -> Any:
        """Show the import in the address, or the choice of a file; follow a job that is running."""
        self.reset()
        wanted = self.router.url.query_parameters.get("import", "")
        by = await current_actor(self)
        asked = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        if not wanted and asked not in KINDS:
            return rx.redirect(routes.IMPORT)
        if not wanted:
            kind = kind_named(asked)
            check_may(by, kind.permission)
            self._take_kind(kind, by)
            found = await asyncio.to_thread(ask, by, queries.recent_imports, kind=kind.name, by=by)
            self.recent = views.recent_rows(found)
            return None
        return await self._open(wanted)

    @handler(MAY)
    async def receive(self, files: list[rx.UploadFile]) -> Any:
        """Take in the file that was dropped or chosen."""
        if not files:
            return None
        by = await current_actor(self)
        content = await files[0].read()
        name = files[0].name or "fichier"
        if not content or len(content) > MOST_BYTES:
            sentence = (
                "Le fichier est vide."
                if not content
                else "Le fichier dépasse 50 Mo. Le partager en plusieurs fichiers."
            )
            return notify(sentence, "error")
        import_id = await asyncio.to_thread(
            steps.take_in, content, name, kind=self.kind, options={}, with_job=True, by=by
        )
        return rx.redirect(routes.import_of(self.kind, import_id))

    @handler(MAY)
    async def reject(self, files: list[dict[str, Any]]) -> Any:
        """Say why the browser did not send what was dropped."""
        if len(files) > 1:
            return notify("Déposer un seul fichier à la fois.", "error")
        return notify("Le fichier dépasse 50 Mo. Le partager en plusieurs fichiers.", "error")

    @handler(MAY)
    async def read_sheet(self, import_id: str, sheet: str) -> Any:
        """Read another sheet of the same workbook."""
        by = await current_actor(self)
        status = await self._status(import_id, by)
        fresh = await asyncio.to_thread(steps.take_in_again, status, options={"sheet": sheet}, by=by)
        return rx.redirect(routes.import_of(status.kind, fresh))

    @handler(MAY)
    async def set_target(self, import_id: str, column: str, target: str) -> None:
        """Send a column elsewhere; a column that was there becomes a custom field, or is ignored."""

        def moved(plan: Plan, kind: Kind) -> Plan:
            freed = CUSTOM if kind.takes_custom else IGNORE
            for other in plan.columns:
                if target not in (CUSTOM, IGNORE) and other.target == target and other.column != column:
                    plan = plan.with_column(changed(other, {"target": freed}))
            made = plan.with_column(changed(plan.plan_of(column), {"target": target}))
            return replace(made, key="") if made.key == column and target not in kind.key_targets | {CUSTOM} else made

        await self._change(import_id, moved)

    @handler(MAY)
    async def set_option(self, import_id: str, column: str, option: str, value: str) -> None:
        """Change type, reading right, personal or feature of a custom field."""
        if option not in ("type", "permission", "personal", "feature"):
            return
        wish: dict[str, Any] = {option: value == "yes" if option in ("personal", "feature") else value}
        await self._change(import_id, lambda plan, _: plan.with_column(changed(plan.plan_of(column), wish)))

    @handler(MAY)
    async def set_word(self, import_id: str, column: str, word: str, state: str) -> None:
        """Say what a word of the result's column means."""

        def meant(plan: Plan, _: Kind) -> Plan:
            made = plan.plan_of(column)
            values = {known: meaning for known, meaning in made.values.items() if known != word} | (
                {word: state} if state else {}
            )
            return plan.with_column(changed(made, {"values": values}))

        await self._change(import_id, meant)

    @handler(MAY)
    async def set_key(self, import_id: str, column: str) -> None:
        """Choose the column that finds known leads."""
        await self._change(import_id, lambda plan, _: replace(plan, key=column))

    @handler(MAY)
    async def set_order(self, import_id: str, column: str) -> None:
        """Choose the column that says which row came first."""
        await self._change(import_id, lambda plan, _: replace(plan, order=column))

    @handler(MAY)
    async def forget(self, import_id: str) -> Any:
        """Forget the mapping that was remembered for such files, and propose one anew."""
        by = await current_actor(self)
        status = await self._status(import_id, by)
        await asyncio.to_thread(steps.forget, status.import_id, by=by)
        return await self._open(import_id)

    @handler(MAY)
    async def check(self, import_id: str) -> Any:
        """Ask for the dry run."""
        by = await current_actor(self)
        await asyncio.to_thread(do, by, actions.ask_for_check, import_id=UUID(import_id))
        return await self._open(import_id)

    @handler(MAY)
    async def run(self, import_id: str) -> Any:
        """Begin the import, or go on with one that stopped."""
        by = await current_actor(self)
        await asyncio.to_thread(steps.begin, UUID(import_id), with_job=True, by=by)
        return await self._open(import_id)

    @handler(MAY)
    async def stop(self, job_id: str) -> None:
        """Ask the running job to stop after its portion."""
        by = await current_actor(self)
        await asyncio.to_thread(do, by, cancel_job, job_id=UUID(job_id))

    @handler(MAY)
    async def give_up(self, import_id: str) -> Any:
        """Leave an import of which nothing is written."""
        by = await current_actor(self)
        await asyncio.to_thread(steps.leave, UUID(import_id), by=by)
        return rx.redirect(routes.import_of(self.kind))

    @handler(MAY)  # the undoing of each kind asks for its own permission
    async def undo(self, import_id: str) -> Any:
        """Undo the import whole."""
        by = await current_actor(self)
        status = await self._status(import_id, by)
        await asyncio.to_thread(do, by, kind_named(status.kind).deeds.ask_for_undo, import_id=status.import_id)
        return await self._open(import_id)

    @handler(MAY)
    async def download(self, import_id: str) -> Any:
        """Hand out what was refused as a table for a spreadsheet."""
        by = await current_actor(self)
        status = await self._status(import_id, by)
        is_dry = not status.began_at
        found = await asyncio.to_thread(
            ask, by, queries.problems, import_id=status.import_id, is_dry=is_dry, by=by, most=MOST_DOWNLOADED
        )
        header = [say(by.language, word) for word in ("Ligne", "Colonne", "Valeur", "Raison")]
        content = csv_bytes(
            header, [(str(row.line), row.column, row.value, say(by.language, row.reason)) for row in found]
        )
        return rx.download(data=content, filename=f"refus-{status.file_name.rsplit('.', 1)[0]}.csv")

    @handler(MAY)
    async def download_left(self, import_id: str) -> Any:
        """Hand out what undoing left as it is as a table for a spreadsheet."""
        by = await current_actor(self)
        status = await self._status(import_id, by)
        found = await asyncio.to_thread(_left_rows, status, by, MOST_DOWNLOADED)
        header = [say(by.language, word) for word in ("Genre", "Fiche", "Champ", "Raison")]
        content = csv_bytes(header, [(row["kind"], row["name"], row["field"], row["why"]) for row in found])
        return rx.download(data=content, filename=f"reste-{status.file_name.rsplit('.', 1)[0]}.csv")

    @handler(MAY, background=True)
    async def follow(self, import_id: str, job_id: str) -> Any:
        """Show how a job goes on until it ends, as long as this tab shows its import."""
        while True:
            async with self:
                if self.import_id != import_id:
                    return
                by = await current_actor(self)
                status = await self._status(import_id, by)
                job = await asyncio.to_thread(_job_of, status, by)
                if job is None or str(job.id) != job_id:
                    return
                self.job = job_view(job, by.language)
                if job.state not in OPEN:
                    await self._open(import_id)
                    break
            await asyncio.sleep(POLL_SECONDS)
        if job.kind in WRITING and job.state is JobState.DONE:
            yield notify("Import terminé.", undo=f"import:{import_id}")

    async def _status(self, import_id: str, by: Actor) -> ImportStatus:
        try:
            wanted = UUID(import_id)
        except ValueError:
            raise NotFound("Cet import n’existe pas ou n’est pas le vôtre.") from None
        return await asyncio.to_thread(ask, by, queries.import_status, import_id=wanted, by=by)

    async def _open(self, import_id: str) -> Any:
        """Show an import; return the event that follows its job, if one is running."""
        by = await current_actor(self)
        try:
            status = await self._status(import_id, by)
        except BusinessError as refusal:
            self.problem = say(by.language, refusal.message_id, **refusal.params)
            return None
        job = await asyncio.to_thread(_job_of, status, by)
        self._take_kind(kind_named(status.kind), by)
        self.import_id, self.problem = str(status.import_id), say(by.language, status.problem)
        self._show(status)
        await self._show_problems(status, by)
        self.kept = await asyncio.to_thread(_left_rows, status, by, views.MOST_LEFT)
        if job is None or job.state not in OPEN:
            if job is not None and job.state is JobState.FAILED and not self.problem:
                self.problem = say(by.language, job.error or "")
            self.job = {}
            return None
        self.stage, self.step, self.job = "working", views.step_of_job(job.kind), job_view(job, by.language)
        return Importing.follow(str(status.import_id), str(job.id))

    def _take_kind(self, kind: Kind, by: Actor) -> None:
        self.kind = kind.name
        self.words, self.targets = views.kind_view(kind, by.language), views.target_rows(kind, by.language)
        self.meanings = views.meaning_rows(kind, by.language)

    def _show(self, status: ImportStatus) -> None:
        self.stage, self.step = status.state.value, views.step_of(status)
        self.file = views.file_view(status)
        self.result = views.result_view(status)
        self.checked = views.checked_view(status)
        self.sheets = list(status.summary.get("sheets", []))
        self.sheet = str(status.summary.get("sheet", ""))
        if status.plan:
            self._show_plan(plan_from(status.plan), status)

    def _show_plan(self, plan: Plan, status: ImportStatus) -> None:
        found = steps.columns_of(status)
        self.columns = views.column_rows(plan, found)
        hidden = len(plan.columns) - len(self.columns)
        self.hidden_columns = views.figure(hidden) if hidden else ""
        self.tally = views.tally(plan)
        self.said = views.word_rows(plan, found)
        self.keys, self.key = views.key_choices(plan, found, kind_named(status.kind)), plan.key
        self.orders, self.order = views.order_choices(found), plan.order
        self.has_date = any(column.target == "received_at" for column in plan.columns)
        self.remembered = views.remembered_view(status)

    async def _show_problems(self, status: ImportStatus, by: Actor) -> None:
        is_dry = not status.began_at
        found = await asyncio.to_thread(
            ask, by, queries.problems, import_id=status.import_id, is_dry=is_dry, by=by, most=SHOWN_PROBLEMS
        )
        self.problems = views.problem_rows(found, by.language) if not is_dry or status.checked is not None else []

    async def _change(self, import_id: str, change: Callable[[Plan, Kind], Plan]) -> None:
        """Change the plan and keep it; a plan that cannot be says why and changes nothing."""
        by = await current_actor(self)
        status = await self._status(import_id, by)
        if status.state is not ImportState.MAPPED:
            return
        try:
            plan = change(plan_from(status.plan), kind_named(status.kind))
            await asyncio.to_thread(steps.choose, status.import_id, plan, by=by)
        except BusinessError as refusal:
            self.problem = say(by.language, refusal.message_id, **refusal.params)
            return
        await self._open(import_id)


def undo_import(by: Actor, import_id: str) -> str:
    """Have an import undone; return the address of its page."""
    try:
        wanted = UUID(import_id)
    except ValueError:
        raise NotFound("Cet import n’existe pas ou n’est pas le vôtre.") from None
    status = ask(by, queries.import_status, import_id=wanted, by=by)
    do(by, kind_named(status.kind).deeds.ask_for_undo, import_id=wanted)
    return str(routes.import_of(status.kind, wanted))


UNDO_OTHERWISE["import"] = undo_import


def _job_of(status: ImportStatus, by: Actor) -> JobStatus | None:
    """Return the job of an import that the person may look at, whoever asked for it."""
    return ask(by, job_of_import, import_id=status.import_id, by=by)


def _left_rows(status: ImportStatus, by: Actor, most: int) -> list[dict[str, str]]:
    found = ask(by, queries.undo_left, import_id=status.import_id, by=by, most=most)
    found = found or views.earlier_left(status)[:most]
    kept = [Kept(one.table, one.record_id, one.name, one.column, one.message_id, one.params) for one in found]
    return [kept_row(one, by) for one in kept]
