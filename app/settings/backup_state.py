"""What the page of backups knows and does."""

import asyncio
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import reflex as rx

from app import routes
from app.access.fresh import ask_fresh_proof
from app.access.spoken import told
from app.backup.places import Backup, backup_folder, backups, path_of
from app.doors import ask, do, now
from app.job_watch import looks_at
from app.platform import handler
from app.session import current_actor
from app.text import instant, quantity, say
from db.access.company.queries import company
from db.access.rules import Actor, check_fresh
from db.access.settings.actions import change_settings
from db.access.settings.queries import settings
from db.access.settings.rules import of_group
from db.jobs.backups.actions import ask_for_backup, ask_for_check, ask_for_restore
from db.jobs.rules import JobState
from db.kernel.errors import BusinessError, FreshProofNeeded
from db.session import open_company

MANAGE = "access.manage_backups"
OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
KINDS = {
    "manual": "à la demande",
    "nightly": "de la nuit",
    "before_restore": "avant une restauration",
    "other": "fichier",
}


class Backups(rx.State):
    """The backups of the open company, and the job that is under way."""

    rows: list[dict[str, str]] = []
    folder: str = ""
    company_name: str = ""
    job: dict[str, str] = {}
    job_id: str = ""
    sentence: str = ""
    lost: list[str] = []
    chosen: str = ""
    chosen_at: str = ""
    problem: str = ""
    values: dict[str, str] = {}
    round: int = 0

    @handler(MANAGE)
    async def load(self) -> None:
        """List the backups."""
        actor = await current_actor(self)
        self.chosen = self.problem = ""
        self.round += 1
        await self._list(actor)

    async def _list(self, actor: Actor) -> None:
        self.rows = await asyncio.to_thread(shown, actor)
        self.folder = str(backup_folder())
        firm = await asyncio.to_thread(ask, actor, company)
        self.company_name = firm.name if firm else ""
        chosen = of_group("backup", await asyncio.to_thread(ask, actor, settings))
        self.values = {key.partition(".")[2]: str(number) for key, number in chosen.items()}

    @handler(MANAGE)
    async def make(self) -> rx.event.EventSpec:
        """Have one made now."""
        job = await asyncio.to_thread(do, await current_actor(self), ask_for_backup)
        return self._follow(job)

    @handler(MANAGE)
    async def check(self, name: str) -> rx.event.EventSpec:
        """Have one restored beside, to see that it can be."""
        path_of(name)
        job = await asyncio.to_thread(do, await current_actor(self), ask_for_check, name=name)
        return self._follow(job)

    def _follow(self, job: UUID) -> rx.event.EventSpec:
        self.job_id, self.sentence, self.lost = str(job), "", []
        return Backups.follow  # type: ignore[return-value]

    @handler(MANAGE, background=True)
    async def follow(self) -> None:
        """Look after the job, and after the restore beside that follows a backup, until both are over."""
        async for actor, status in looks_at(self):
            async with self:
                await self._list(actor)
                if status.state in OVER:
                    self.lost = [str(sentence) for sentence in (status.result or {}).get("lost", [])]
                waits = any(
                    row["name"] == (status.result or {}).get("name") and not row["checked"] for row in self.rows
                )
            if status.state in OVER and not (status.kind == "backup.make" and status.state is JobState.DONE and waits):
                return

    @handler(MANAGE)
    async def take(self, name: str) -> rx.event.EventSpec | None:
        """Let the browser fetch a backup, which holds everything: only right after a second factor."""
        actor = await current_actor(self)
        try:
            check_fresh(actor, now())
        except FreshProofNeeded:
            await ask_fresh_proof(self, Backups.take(name))
            return None
        return rx.redirect(f"{routes.BACKUP_FILE}/{path_of(name).name}", is_external=True)

    @handler(MANAGE)
    async def choose(self, name: str) -> None:
        """Ask whether the present is to be replaced by this one."""
        found = next((one for one in backups(open_company()) if one.name == name), None)
        self.chosen, self.problem = (name, "") if found else ("", "")
        self.chosen_at = instant(found.at) if found else ""

    @handler(MANAGE)
    def leave(self) -> None:
        """Replace nothing after all."""
        self.chosen = self.problem = ""

    @handler(MANAGE)
    async def restore(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Replace the present, once the firm's name is typed and the second factor entered."""
        actor, name = await current_actor(self), self.chosen
        try:
            path_of(name)
            job = await asyncio.to_thread(do, actor, ask_for_restore, name=name, typed=form.get("typed", ""))
        except FreshProofNeeded:
            await ask_fresh_proof(self, Backups.restore(form))
            return None
        except BusinessError as refusal:
            self.problem = say(actor.language, refusal.message_id, **refusal.params)
            return None
        self.chosen = self.problem = ""
        return self._follow(job)

    @handler(MANAGE)
    async def save(self, form: dict[str, str]) -> list[rx.event.EventSpec] | None:
        """Change when a backup is made every night, and how many are kept."""
        actor = await current_actor(self)
        values = {f"backup.{key}": whole(form.get(key, "")) for key in self.values}
        try:
            await asyncio.to_thread(do, actor, change_settings, values=values)
        except BusinessError as refusal:
            self.sentence = say(actor.language, refusal.message_id, **refusal.params)
            return None
        self.sentence = ""
        return [Backups.load, await told(self, "Réglages des sauvegardes enregistrés.")]  # type: ignore[list-item]


def whole(typed: str) -> int:
    """Return a typed number; −1, which no setting takes, for anything else."""
    cleaned = typed.strip()
    return int(cleaned) if cleaned.isascii() and cleaned.isdigit() and len(cleaned) < 9 else -1


def shown(actor: Actor) -> list[dict[str, str]]:
    """Return the backups as the page shows them."""
    return [_row(one, actor.language) for one in backups(open_company())]


def _row(one: Backup, language: str) -> dict[str, str]:

    checked = instant(datetime.fromisoformat(one.checked_at)) if one.checked_at else ""
    return {
        "name": one.name,
        "at": instant(one.at),
        "size": f"{one.size / 1_000_000:.1f} Mo",
        "rows": quantity(Decimal(one.rows)) if one.rows else "",
        "kind": say(language, KINDS.get(one.kind, "fichier")),
        "checked": checked,
        "problem": one.problem,
    }
