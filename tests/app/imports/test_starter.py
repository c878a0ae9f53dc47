"""The starter files are read by the import as they are, and a mapping is remembered until it is forgotten."""

from pathlib import Path

import pytest

from app.imports import steps
from app.imports.kinds import KINDS, kind_named
from app.imports.mapping import IGNORE, plan_from
from app.imports.starter import starter_name, starter_workbook, write_starter_files
from db.access.rules import Actor, Role
from db.kernel.errors import BadInput
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
        needs_others = name in ("stock", "open_items", "hours")  # the item, the customer, the person come before
        assert (checked.created, checked.refused) == ((0, 1) if needs_others else (1, 0))

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
