"""Which backups stay, when their absence is told, and what may be a logo."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.backup import places
from app.backup.places import Backup, is_backup_missing, to_forget
from app.doors import do
from app.settings.profile import MOST_LOGO_BYTES, keep_logo
from db.access.company.actions import found_company
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput, NotAllowed

People = dict[Role, Actor]


def nights(newest: datetime, count: int) -> list[Backup]:
    return [
        Backup(f"{number}.tar.gz", "company", (newest - timedelta(days=number)).isoformat(), 1, kind="nightly")
        for number in range(count)
    ]


class TestToForget:
    def test_keeps_the_newest_of_days_weeks_and_months(self, clock: datetime) -> None:
        gone = {one.name for one in to_forget(nights(clock, 400), daily=7, weekly=4, monthly=12)}
        kept = [number for number in range(400) if f"{number}.tar.gz" not in gone]

        assert kept[:7] == list(range(7))
        assert 7 + 2 + 10 <= len(kept) <= 7 + 4 + 12

    def test_keeps_nothing_twice_and_forgets_nothing_when_few(self, clock: datetime) -> None:
        assert to_forget(nights(clock, 3), daily=7, weekly=0, monthly=0) == []
        assert to_forget([], daily=1, weekly=1, monthly=1) == []


class TestIsBackupMissing:
    @pytest.mark.parametrize(("hours", "missing"), [(23, False), (25, True)])
    def test_after_a_day_without_one(
        self,
        database: Engine,
        people: People,
        system: Actor,
        clock: datetime,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        hours: int,
        missing: bool,
    ) -> None:
        monkeypatch.setenv("BOUSSOLE_BACKUPS", str(tmp_path))
        do(system, found_company, name="Ateliers SA", at=clock)
        later = clock + timedelta(days=300)
        monkeypatch.setattr(places, "now", lambda: later)
        made = tmp_path / "company-x.tar.gz"
        made.write_bytes(b"x")
        moment = (later - timedelta(hours=hours)).timestamp()
        os.utime(made, (moment, moment))

        assert is_backup_missing(people[Role.ADMINISTRATOR]) is missing
        assert not is_backup_missing(people[Role.SALES])


class TestKeepLogo:
    @pytest.mark.parametrize(
        "content",
        [b"", b"<svg onload='alert(1)'/>", b"GIF89a", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n" + b"0" * MOST_LOGO_BYTES],
        ids=["nothing", "svg", "gif", "pdf", "huge"],
    )
    def test_takes_pictures_only(self, people: People, content: bytes) -> None:
        with pytest.raises(BadInput, match="PNG ou JPEG"):
            keep_logo(people[Role.ADMINISTRATOR], content)

    def test_is_for_those_who_manage_the_firm(self, people: People) -> None:
        with pytest.raises(NotAllowed):
            keep_logo(people[Role.SALES], b"\x89PNG\r\n\x1a\n")
