"""The chain of deeds, and what `verify` finds."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.doors import ask, do
from db.access import history
from db.access.people.actions import add_user
from db.access.rules import Actor, Role
from db.access.seals.actions import seal_deeds
from db.access.seals.queries import unsealed_deeds, verify
from db.access.seals.rules import Findings, deed_digest, next_link
from db.crm.leads.actions import add_leads
from db.kernel.guards import GUARDS
from db.session import transaction
from tests.db.crm.leads.make import make_draft

MOST = 1000


def seal(clock: datetime, most: int = MOST) -> int:
    """Seal what waits."""
    with transaction() as session:
        return seal_deeds(session, at=clock, most=most)


def by_hand(database: Engine, *statements: str) -> None:
    """Do what somebody with the database's password can do: drop the triggers, then change rows."""
    with database.begin() as connection:
        for rule in GUARDS:
            for verb in ("update", "delete"):
                on = f' on "{rule.table}"' if database.dialect.name == "postgresql" else ""
                connection.execute(text(f"drop trigger if exists guard_{rule.table}_{verb}{on}"))
        if database.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        for statement in statements:
            connection.execute(text(statement))


def found(findings: Findings) -> list[tuple[str, str, str]]:
    """Return table, id and column of each problem."""
    return [(one.table, one.record_id, one.column) for one in findings.problems]


@pytest.fixture
def lea(database: Engine, system: Actor, clock: datetime) -> UUID:
    """One person, created by a deed."""
    return do(system, add_user, at=clock, name="Léa Rochat", email="lea@example.ch", roles=[Role.SALES])


def stored(database: Engine, record_id: UUID) -> str:
    """Return an id as the database writes it in SQL."""
    return str(record_id) if database.dialect.name == "postgresql" else record_id.hex


class TestSealDeeds:
    def test_links_every_deed_once(self, lea: UUID, system: Actor, clock: datetime) -> None:
        do(system, add_user, at=clock, name="Noé Favre", email="noe@example.ch", roles=[Role.SALES])

        sealed = seal(clock)

        assert sealed == 2
        assert seal(clock) == 0
        assert ask(system, unsealed_deeds) == 0

    def test_goes_on_where_it_stopped(self, lea: UUID, system: Actor, clock: datetime) -> None:
        do(system, add_user, at=clock, name="Noé Favre", email="noe@example.ch", roles=[Role.SALES])

        assert [seal(clock, most=1), seal(clock, most=1), seal(clock, most=1)] == [1, 1, 0]
        assert ask(system, verify).is_clean

    def test_depends_on_all_that_came_before(self) -> None:
        one, other = deed_digest("a", ["x"]), deed_digest("a", ["y"])

        assert next_link("0", one) != next_link("0", other)
        assert next_link("0", one) != next_link("1", one)


class TestVerify:
    def test_finds_nothing_in_what_actions_wrote(self, lea: UUID, system: Actor, clock: datetime) -> None:
        seal(clock)

        findings = ask(system, verify)

        assert findings.problems == []
        assert (findings.sealed, findings.unsealed_count) == (1, 0)
        assert findings.records >= 2  # the person and her role
        assert len(findings.head) == 64

    def test_finds_nothing_in_what_one_deed_wrote_about_many_records(
        self, database: Engine, system: Actor, clock: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(history, "PORTION", 2)
        names = ['Garde-corps "à la française"', "Escalier\\hélicoïdal", "Pergola\t", "Balcon", "Marquise"]
        do(system, add_leads, drafts=[make_draft(name=name) for name in names], import_id=None, at=clock)
        seal(clock)

        findings = ask(system, verify)

        assert (findings.is_clean, findings.records) == (True, len(names))

    def test_names_a_value_altered_by_sql(self, database: Engine, lea: UUID, system: Actor, clock: datetime) -> None:
        seal(clock)
        by_hand(database, f"update user_account set email = 'mallory@example.ch' where id = '{stored(database, lea)}'")

        problem = ask(system, verify).problems[0]

        assert (problem.table, problem.record_id, problem.column) == ("user_account", str(lea), "email")
        assert (problem.in_history, problem.now) == ("lea@example.ch", "mallory@example.ch")

    def test_names_a_row_deleted_by_sql(self, database: Engine, lea: UUID, system: Actor, clock: datetime) -> None:
        seal(clock)
        key = stored(database, lea)
        by_hand(
            database, f"delete from user_role where user_id = '{key}'", f"delete from user_account where id = '{key}'"
        )

        assert ("user_account", str(lea), "") in found(ask(system, verify))

    def test_names_a_row_added_by_sql(self, database: Engine, lea: UUID, system: Actor, clock: datetime) -> None:
        seal(clock)
        copied = UUID("00000000-0000-7000-8000-000000000001")
        columns = [column.name for column in _user_columns()]
        values = {"id": f"'{stored(database, copied)}'", "email": "'x@example.ch'"}
        chosen = ", ".join(values.get(name, f'"{name}"') for name in columns)
        by_hand(
            database,
            f"insert into user_account ({', '.join(columns)}) select {chosen} from user_account",
        )

        assert found(ask(system, verify)) == [("user_account", str(copied), "")]

    def test_notices_a_rewritten_history(self, database: Engine, lea: UUID, system: Actor, clock: datetime) -> None:
        seal(clock)
        kind = "::json" if database.dialect.name == "postgresql" else ""
        by_hand(database, f"""update change_value set after = '{{"name": "Mallory"}}'{kind}""")

        assert ("user_account", str(lea)) in [place[:2] for place in found(ask(system, verify))]

    def test_notices_an_altered_deed(self, database: Engine, lea: UUID, system: Actor, clock: datetime) -> None:
        seal(clock)
        by_hand(database, "update deed set actor_name = 'Quelqu’un d’autre'")

        assert [place[0] for place in found(ask(system, verify))] == ["deed"]

    def test_notices_a_seal_taken_out(self, database: Engine, lea: UUID, system: Actor, clock: datetime) -> None:
        do(system, add_user, at=clock, name="Noé Favre", email="noe@example.ch", roles=[Role.SALES])
        seal(clock)
        by_hand(database, "delete from seal where number = 1")

        findings = ask(system, verify)

        assert {place[0] for place in found(findings)} == {"seal"}
        assert findings.unsealed_count == 1

    def test_notices_values_that_vanished(self, database: Engine, lea: UUID, system: Actor, clock: datetime) -> None:
        seal(clock)
        by_hand(database, "delete from change_value")

        assert ("user_account", str(lea), "") in found(ask(system, verify))

    def test_lists_what_is_not_sealed_yet(self, lea: UUID, system: Actor) -> None:
        findings = ask(system, verify)

        assert findings.is_clean
        assert findings.unsealed_count == len(findings.unsealed) == 1


class TestAppendOnly:
    @pytest.mark.parametrize("table", ["deed", "change", "seal"])
    @pytest.mark.parametrize("verb", ["update", "delete"])
    def test_the_database_refuses(self, table: str, verb: str, database: Engine, lea: UUID, clock: datetime) -> None:
        seal(clock)
        column = {"deed": "actor_name", "change": "digest", "seal": "link"}[table]
        statement = f"delete from {table}" if verb == "delete" else f"update {table} set {column} = 'x'"

        with pytest.raises(DBAPIError, match="never"), database.begin() as connection:
            connection.execute(text(statement))

    def test_values_are_erased_but_never_rewritten(self, database: Engine, lea: UUID) -> None:
        with pytest.raises(DBAPIError, match="never"), database.begin() as connection:
            connection.execute(text("update change_value set salt = 'x'"))


def _user_columns() -> list[object]:
    from db.access.people.tables import User

    return list(User.__table__.columns)  # type: ignore[attr-defined]
