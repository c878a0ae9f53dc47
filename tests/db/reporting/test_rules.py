"""What an analyst's copy may hold."""

from sqlmodel import SQLModel

from db import schema
from db.access.rules import PERMISSIONS
from db.reporting.extracts.rules import TABLES, copied_columns, pseudonym


class TestTables:
    def test_name_tables_and_permissions_that_exist(self) -> None:
        assert set(TABLES) <= set(schema.metadata.tables)
        assert set(TABLES.values()) <= set(PERMISSIONS)

    def test_hold_no_table_of_people_keys_or_history(self) -> None:
        areas = {
            "user_account",
            "user_role",
            "api_token",
            "sign_in_session",
            "deed",
            "change",
            "change_value",
            "ticket",
        }

        assert areas <= set(SQLModel.metadata.tables)
        assert not areas & set(TABLES)


class TestCopiedColumns:
    def test_leaves_out_sensitive_secret_undeclared_and_derived_ones(self) -> None:
        declared = {
            "name": {"privacy": "personal"},
            "canton": {"privacy": "plain"},
            "salary": {"privacy": "sensitive"},
            "password_hash": {"privacy": "secret"},
            "forgotten": {},
            "name_order": {"privacy": "personal", "tracked": False},
            "custom": {"privacy": "personal"},
        }

        copied = copied_columns(declared.items())

        assert [(rule.name, rule.is_personal) for rule in copied] == [("name", True), ("canton", False)]


class TestPseudonym:
    def test_is_the_same_for_equal_values_under_one_key_only(self) -> None:
        one = pseudonym(b"key", "anne@example.ch")

        assert one == pseudonym(b"key", "Anne@example.ch")
        assert one != pseudonym(b"other key", "anne@example.ch")
        assert "anne" not in one

    def test_stands_for_nothing_where_there_is_nothing(self) -> None:
        assert (pseudonym(b"key", ""), pseudonym(b"key", None)) == ("", None)
