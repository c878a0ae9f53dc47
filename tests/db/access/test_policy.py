"""Tests of the firm's policy: reach per role and permission, hidden fields, teams, and what nobody can take."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from app.doors import ask, do
from app.session import actor_of_user
from db.access.people.actions import change_roles
from db.access.people.deputies.actions import name_deputy
from db.access.people.queries import actor_of_token
from db.access.people.tokens.actions import issue_token
from db.access.policy.actions import add_team, edit_team, remove_team, set_hidden, set_reach
from db.access.policy.queries import hideable_fields, policy, teams
from db.access.policy.rules import KEPT, UNTAKEABLE, Reach, default_reach, granted_by, is_fixed
from db.access.rules import NO_OWNER, PERMISSIONS, Actor, Role, may, may_see_field, name_in_trail, owners_seen
from db.kernel.errors import BadInput, ChangedMeanwhile, FreshProofNeeded, NotAllowed, NotFound
from db.session import reading

READ, EDIT = "crm.read_leads", "crm.edit_leads"


class FirmPolicy:
    """An administrator who changes the policy, and people of every role as they are known afterwards."""

    @pytest.fixture(autouse=True)
    def _firm(self, people: dict[Role, Actor], database: Engine, clock: datetime) -> None:
        self.people, self.clock = people, clock

    def reach(self, role: Role, permission: str, reach: str) -> None:
        """Change one cell of the grid."""
        self.do(set_reach, role=role.value, permission=permission, reach=reach)

    def do(self, action: Any, **arguments: Any) -> Any:
        """Let the administrator do something."""
        return do(self.people[Role.ADMINISTRATOR], action, at=self.clock, **arguments)

    def now(self, role: Role) -> Actor:
        """Return the person of a role as she is now."""
        return actor_of_user(self.id(role))

    def id(self, role: Role) -> UUID:
        """Return the id of the person of a role."""
        user_id = self.people[role].user_id
        assert user_id is not None
        return user_id


class TestReach(FirmPolicy):
    """Tests that the policy changes what a person may, at once."""

    def test_without_a_policy_the_defaults_hold(self) -> None:
        """Test that everybody has what PERMISSIONS says."""
        for role in Role:
            actor = self.now(role)
            assert {name for name in PERMISSIONS if may(actor, name)} == {
                name for name, roles in PERMISSIONS.items() if role in roles
            }
            assert owners_seen(actor, READ) is None

    @pytest.mark.parametrize(
        ("reach", "sees"), [("own", {"sales"}), ("team", {"sales", "manager", "nobody"}), ("all", None)]
    )
    def test_reach_narrows_the_owners(self, reach: str, sees: set[str] | None) -> None:
        """Test whose records a salesperson reaches; those of nobody belong to the team's."""
        self.do(add_team, name="Lausanne", members=[self.id(Role.SALES)], lead_id=self.id(Role.MANAGER))
        self.reach(Role.SALES, READ, reach)
        ids = {"sales": self.id(Role.SALES), "manager": self.id(Role.MANAGER), "nobody": NO_OWNER}
        expected = None if sees is None else {ids[name] for name in sees}
        assert owners_seen(self.now(Role.SALES), READ) == expected

    def test_a_taken_permission_takes_what_needs_it(self) -> None:
        """Test that without reading there is no editing, export or import."""
        self.reach(Role.SALES, READ, "none")
        actor = self.now(Role.SALES)
        assert not any(
            may(actor, name) for name in (READ, EDIT, "crm.export_leads", "crm.import_leads", "crm.undo_import")
        )

    def test_editing_never_reaches_beyond_reading(self) -> None:
        """Test that who reads her own leads edits no others."""
        self.reach(Role.SALES, READ, "own")
        assert owners_seen(self.now(Role.SALES), EDIT) == {self.id(Role.SALES)}

    def test_reading_may_reach_beyond_editing(self) -> None:
        """Test that all can be read and only the own edited."""
        self.reach(Role.SALES, EDIT, "own")
        actor = self.now(Role.SALES)
        assert owners_seen(actor, READ) is None
        assert owners_seen(actor, EDIT) == {self.id(Role.SALES)}
        assert owners_seen(actor, "crm.undo_import") == {self.id(Role.SALES)}

    def test_the_widest_of_several_roles_wins(self) -> None:
        """Test that a second role widens the reach."""
        self.reach(Role.SALES, READ, "own")
        self.do(change_roles, user_id=self.id(Role.SALES), roles=[Role.SALES, Role.ANALYST])
        assert owners_seen(self.now(Role.SALES), READ) is None

    def test_a_new_grant_and_the_default_again(self) -> None:
        """Test that a role gains what it had not, and loses it when the default returns."""
        self.reach(Role.PURCHASING, READ, "all")
        assert may(self.now(Role.PURCHASING), READ)
        self.reach(Role.PURCHASING, READ, "none")
        assert not may(self.now(Role.PURCHASING), READ)
        assert not ask(self.people[Role.MANAGER], policy).reaches

    def test_token_is_narrowed_too(self) -> None:
        """Test that a program's key reaches no further than its person."""
        self.reach(Role.SALES, READ, "own")
        until = self.clock + timedelta(days=30)
        given = {"user_id": self.id(Role.SALES), "scopes": [READ, EDIT], "expires_at": until, "label": "clé"}
        token = do(self.people[Role.SALES], issue_token, at=self.clock, **given)
        with reading() as session:
            actor = actor_of_token(session, token=token, at=self.clock)
        assert actor is not None
        assert owners_seen(actor, READ) == {self.id(Role.SALES)}

    def test_deputy_reaches_the_records_of_the_absent(self) -> None:
        """Test that « own » of a lent role means the absent person's records, and that the trail says for whom."""
        self.reach(Role.SALES, READ, "own")
        today = datetime.now(self.clock.tzinfo).date()
        period = {"first_date": today, "last_date": today + timedelta(days=1)}
        self.do(name_deputy, absent_id=self.id(Role.SALES), deputy_id=self.id(Role.WAREHOUSE), **period)
        deputy = self.now(Role.WAREHOUSE)
        assert owners_seen(deputy, READ) == {self.id(Role.SALES), self.id(Role.WAREHOUSE)} - {self.id(Role.WAREHOUSE)}
        assert name_in_trail(deputy, READ) == "Warehouse pour Sales"

    def test_the_system_is_not_narrowed(self, system: Actor) -> None:
        """Test that the product's own work goes on."""
        self.reach(Role.SALES, READ, "none")
        assert may(system, READ)
        assert owners_seen(system, READ) is None


class TestWhatCannotBeChanged(FirmPolicy):
    """Tests of the invariants: the firm cannot lock itself out, and nobody gets what only the product does."""

    def test_administrators_keep_the_keys(self) -> None:
        """Test that no cell by which people are let in can be taken from administrators."""
        for permission in sorted(KEPT | UNTAKEABLE):
            for reach in ("none", "own", "team"):
                with pytest.raises(NotAllowed):
                    self.reach(Role.ADMINISTRATOR, permission, reach)
        assert granted_by(ask(self.people[Role.MANAGER], policy), [Role.ADMINISTRATOR]) >= KEPT

    def test_system_permissions_are_given_to_nobody(self) -> None:
        """Test that what only the product does stays so."""
        for permission in (name for name, roles in PERMISSIONS.items() if not roles):
            assert all(is_fixed(role, permission) for role in Role)
            with pytest.raises(NotAllowed):
                self.reach(Role.ADMINISTRATOR, permission, "all")

    def test_what_has_no_owner_cannot_be_narrowed(self) -> None:
        """Test that a permission without owners is given wholly or not at all."""
        with pytest.raises(NotAllowed, match="toutes les fiches ou pour aucune"):
            self.reach(Role.SALES, "parties.read", "own")

    @pytest.mark.parametrize(
        "bad", [{"permission": "crm.fly"}, {"role": "king"}, {"reach": "everything"}, {"reach": ""}]
    )
    def test_unknown_words_are_refused(self, bad: dict[str, str]) -> None:
        """Test that nobody's permission, role or reach is kept."""
        with pytest.raises(BadInput):
            self.do(set_reach, **{"role": "sales", "permission": READ, "reach": "own", **bad})

    def test_only_administrators_with_a_fresh_factor_change_it(self) -> None:
        """Test that a manager reads, and that a stale factor does not do."""
        change = {"role": "sales", "permission": READ, "reach": "own"}
        for role in set(Role) - {Role.ADMINISTRATOR}:
            with pytest.raises(NotAllowed):
                do(self.people[role], set_reach, at=self.clock, **change)
        stale = Actor(self.id(Role.ADMINISTRATOR), "A", frozenset({Role.ADMINISTRATOR}))
        with pytest.raises(FreshProofNeeded):
            do(stale, set_reach, at=self.clock, **change)
        assert ask(self.people[Role.MANAGER], policy).reaches == {}
        with pytest.raises(NotAllowed):
            ask(self.people[Role.SALES], policy)


class TestHiddenFields(FirmPolicy):
    """Tests of fields that a role does not see."""

    def hide(self, role: Role, field: str, hidden: bool = True) -> None:
        """Hide a field from a role, or show it."""
        self.do(set_hidden, role=role.value, field=field, hidden=hidden)

    def test_hidden_only_if_every_role_hides_it(self) -> None:
        """Test that a second role which reads leads shows the field again; one that reads none does not."""
        self.hide(Role.SALES, "lead.expected_amount")
        assert not may_see_field(self.now(Role.SALES), "lead", "expected_amount")
        assert may_see_field(self.now(Role.MANAGER), "lead", "expected_amount")
        self.do(change_roles, user_id=self.id(Role.SALES), roles=[Role.SALES, Role.WAREHOUSE])
        assert not may_see_field(self.now(Role.SALES), "lead", "expected_amount")
        self.do(change_roles, user_id=self.id(Role.SALES), roles=[Role.SALES, Role.ANALYST])
        assert may_see_field(self.now(Role.SALES), "lead", "expected_amount")

    def test_shown_again(self) -> None:
        """Test that hiding is taken back."""
        self.hide(Role.SALES, "lead.phone")
        self.hide(Role.SALES, "lead.phone", hidden=False)
        assert may_see_field(self.now(Role.SALES), "lead", "phone")

    @pytest.mark.parametrize(
        "field",
        ["lead.id", "lead.name", "lead.nothing", "user_account.password_hash", "company.mail_password", "x", ""],
    )
    def test_only_declared_fields_can_be_hidden(self, field: str) -> None:
        """Test that secrets, titles and unknown columns are refused and never listed."""
        assert field not in ask(self.people[Role.MANAGER], hideable_fields)
        with pytest.raises(BadInput):
            self.hide(Role.SALES, field)


class TestTeams(FirmPolicy):
    """Tests of teams."""

    def test_team_changes(self) -> None:
        """Test that people join and leave, and see each other's records accordingly."""
        self.reach(Role.SALES, READ, "team")
        sales, analyst, hr = self.id(Role.SALES), self.id(Role.ANALYST), self.id(Role.HR)
        team_id = self.do(add_team, name="Vaud", members=[sales, analyst])
        assert owners_seen(self.now(Role.SALES), READ) == {sales, analyst, NO_OWNER}
        [kept] = ask(self.people[Role.MANAGER], teams)
        self.do(
            edit_team, team_id=team_id, name="Valais", members=[sales], lead_id=hr, expected_version=kept.row_version
        )
        assert owners_seen(self.now(Role.SALES), READ) == {sales, hr, NO_OWNER}
        self.do(remove_team, team_id=team_id)
        assert owners_seen(self.now(Role.SALES), READ) == {sales, NO_OWNER}
        assert ask(self.people[Role.MANAGER], teams) == []

    def test_refusals(self) -> None:
        """Test that a name is needed once, that people exist, and that nobody's change is overwritten."""
        team_id = self.do(add_team, name="Vaud", members=[])
        for name in ("", "  ", "Vaud", "x" * 81):
            with pytest.raises(BadInput):
                self.do(add_team, name=name, members=[])
        with pytest.raises(NotFound):
            self.do(add_team, name="Genève", members=[uuid4()])
        with pytest.raises(ChangedMeanwhile):
            self.do(edit_team, team_id=team_id, name="Jura", members=[], lead_id=None, expected_version=9)
        with pytest.raises(NotFound):
            self.do(remove_team, team_id=uuid4())

    def test_default_reach_is_all_or_nothing(self) -> None:
        """Test that by default nobody is narrowed."""
        reaches = {default_reach(role, permission) for role in Role for permission in PERMISSIONS}
        assert reaches == {Reach.ALL, Reach.NONE}
