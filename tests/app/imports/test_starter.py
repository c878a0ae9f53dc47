"""The starter files are read by the import as they are, and a mapping is remembered until it is forgotten."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.doors import ask, do
from app.imports import steps
from app.imports.kinds import KINDS, kind_named
from app.imports.mapping import IGNORE, plan_from
from app.imports.starter import starter_name, starter_workbook, write_starter_files
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput
from db.ledger.accounts.actions import create_chart
from db.ledger.periods.actions import add_fiscal_year
from db.stock.places.queries import places
from tests.app.imports.files import opened, status_of


class TestStarterFiles:
    @pytest.mark.parametrize("name", sorted(KINDS))
    def test_are_understood_whole(self, people: dict[Role, Actor], name: str) -> None:
        by = people[Role.MANAGER]
        kind = kind_named(name)
        content = starter_workbook(kind)
        import_id = steps.take_in(content, starter_name(kind), kind=name, options={}, with_job=False, by=by)
        steps.look(import_id, by=by)

        checked = steps.check(import_id, by=by)

        plan = plan_from(status_of(import_id, by).plan)
        filled = [column for column in plan.columns if column.target != IGNORE]
        assert {column.target for column in filled} >= {t.key for t in kind.targets if t.example}
        needs_others = name in ("open_items", "stock", "hours")  # what they name comes before
        assert (checked.created, checked.refused) == ((0, 1) if needs_others else (1, 0))

    def test_are_imported_in_their_order_without_a_refusal(
        self, people: dict[Role, Actor], tmp_path: Path, database: Engine
    ) -> None:
        by = people[Role.MANAGER]
        do(people[Role.ACCOUNTANT], create_chart)
        do(people[Role.ACCOUNTANT], add_fiscal_year, first_date=date(2026, 1, 1), last_date=date(2026, 12, 31))
        outcomes = {}
        for path, name in zip(write_starter_files(tmp_path, person=by.name), KINDS, strict=True):
            given = {"kind": name, "options": {}, "with_job": False, "by": by}
            import_id = steps.take_in(path.read_bytes(), path.name, **given)
            steps.look(import_id, by=by)
            checked = steps.check(import_id, by=by)
            steps.begin(import_id, with_job=False, by=by)
            steps.write(import_id, by=by)
            done = status_of(import_id, by)
            outcomes[name] = (checked.refused, done.refused, done.created + done.updated)

        assert outcomes == dict.fromkeys(KINDS, (0, 0, 1))
        assert [place.code for place in ask(by, places)] == ["RENENS"]

    def test_are_never_written_over_others(self, tmp_path: Path) -> None:
        assert len(write_starter_files(tmp_path)) == len(KINDS)

        with pytest.raises(BadInput, match="existe déjà"):
            write_starter_files(tmp_path)


class TestRememberedMappings:
    FILE = "Raison sociale;Ort;Bemerkung\nFavre;Morges;x\nRochat;Lausanne;y\n"

    def test_are_proposed_to_colleagues_with_their_day(self, sales: Actor, people: dict[object, Actor]) -> None:
        first = opened(self.FILE, sales, {"columns": {"Bemerkung": "street"}}, kind="companies")
        steps.begin(first, with_job=False, by=sales)
        steps.write(first, by=sales)
        colleague = next(actor for role, actor in people.items() if str(role) == "manager")

        second = steps.take_in(self.FILE.encode(), "b.csv", kind="companies", options={}, with_job=False, by=colleague)
        steps.look(second, by=colleague)

        status = status_of(second, colleague)
        assert plan_from(status.plan).plan_of("Bemerkung").target == "street"
        assert status.summary["remembered"]["by"] == sales.name

    def test_can_be_forgotten(self, sales: Actor) -> None:
        first = opened(self.FILE, sales, {"columns": {"Bemerkung": "street"}}, kind="companies")
        steps.begin(first, with_job=False, by=sales)
        steps.write(first, by=sales)
        second = opened(self.FILE, sales, kind="companies")

        steps.forget(second, by=sales)

        status = status_of(second, sales)
        assert plan_from(status.plan).plan_of("Bemerkung").target == IGNORE
        assert status.summary["remembered"] == {}
