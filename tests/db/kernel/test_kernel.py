"""Money, instants, identities, lifecycles and guards."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from db.kernel.errors import BusinessError
from db.kernel.lifecycle import Lifecycle, WrongStep
from db.kernel.money import round_to_cent
from db.kernel.record import Centimes, Instant, uuid7


class Traffic(StrEnum):
    RED = "red"
    GREEN = "green"


LIGHT = Lifecycle[Traffic]("feu", {Traffic.RED: frozenset({Traffic.GREEN}), Traffic.GREEN: frozenset()})


class TestLifecycle:
    def test_allows_a_step_that_is_foreseen(self) -> None:
        assert LIGHT.step(Traffic.RED, Traffic.GREEN) is Traffic.GREEN

    def test_refuses_any_other_in_words(self) -> None:
        with pytest.raises(WrongStep, match="feu : le passage de « green » à « red »"):
            LIGHT.step(Traffic.GREEN, Traffic.RED)


class TestCentimes:
    @given(st.integers(-(10**12), 10**12))
    def test_gives_back_what_was_stored(self, cents: int) -> None:
        amount = (Decimal(cents) / 100).quantize(Decimal("0.01"))

        stored = Centimes().process_bind_param(amount, None)  # type: ignore[arg-type]

        assert stored == cents
        assert Centimes().process_result_value(stored, None) == amount  # type: ignore[arg-type]

    def test_refuses_a_fraction_of_a_centime(self) -> None:
        with pytest.raises(ValueError, match="more than 2 decimals"):
            Centimes().process_bind_param(Decimal("1.005"), None)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("amount", "rounded"),
        [("1.005", "1.01"), ("-1.005", "-1.01"), ("2.344", "2.34")],
    )
    def test_rounding_is_half_up(self, amount: str, rounded: str) -> None:
        assert round_to_cent(Decimal(amount)) == Decimal(rounded)


class TestInstant:
    def test_refuses_an_instant_without_zone(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            Instant().process_bind_param(datetime(2026, 1, 1), None)  # type: ignore[arg-type]  # noqa: DTZ001

    def test_gives_back_utc(self) -> None:
        back = Instant().process_result_value(datetime(2026, 1, 1, 12), None)  # type: ignore[arg-type]  # noqa: DTZ001

        assert back == datetime(2026, 1, 1, 12, tzinfo=UTC)


class TestUuid7:
    def test_grows_with_time_and_says_its_version(self) -> None:
        made = [uuid7() for _ in range(50)]

        assert {identity.version for identity in made} == {7}
        assert [m.bytes[:6] for m in made] == sorted(m.bytes[:6] for m in made)


class TestBusinessError:
    def test_fills_the_sentence(self) -> None:
        assert str(BusinessError("Il manque {n} lignes.", n=3)) == "Il manque 3 lignes."


class TestGuards:
    def test_append_only_rows_refuse_update_and_delete_by_direct_sql(self, database: Engine) -> None:
        columns = "(id, at, action, actor_name, via)"
        with database.begin() as connection:
            connection.execute(
                text(f"insert into deed {columns} values (:id, :at, 'a', 'b', 'cli')"),
                {
                    "id": uuid7().hex if database.dialect.name == "sqlite" else uuid7(),
                    "at": datetime.now(UTC),
                },
            )

        for statement in ("update deed set actor_name = 'x'", "delete from deed"):
            with (
                pytest.raises(DatabaseError, match="never"),
                database.begin() as connection,
            ):
                connection.execute(text(statement))
