"""The policy as the screen shows it: a grid of roles and permissions, hidden fields, teams, one person's rights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.access.rights.words import PERMISSION_WORDS, REACH_WORDS, area_of, in_order
from app.history_words import COLUMNS
from app.text import say
from db.access.people.rules import ROLE_NAMES
from db.access.policy.effective.queries import Reason, Right, Rights
from db.access.policy.queries import TeamFacts
from db.access.policy.rules import (
    NARROWABLE,
    TABLES,
    Policy,
    Reach,
    default_reach,
    is_fixed,
    reach_of,
)
from db.access.rules import PERMISSIONS, Role


@dataclass(frozen=True)
class Cell:
    """What one role has of one permission (or field). `form`: `tick`, `choice`, or `text` for what cannot change."""

    role: str
    form: str
    value: str
    word: str
    label: str
    changed: str = ""  # what the default is, where the firm chose otherwise


@dataclass(frozen=True)
class Row:
    """A permission or a field with its cells; a row without cells is the name of an area."""

    key: str
    label: str
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True)
class Member:
    """One person as a team's form shows her."""

    id: str
    name: str
    on: bool


@dataclass(frozen=True)
class TeamView:
    """A team as the screen shows it."""

    id: str
    name: str
    lead: str
    version: str
    people: str
    members: list[Member]


@dataclass(frozen=True)
class RightView:
    """One right of the chosen person; without `reach` it is the name of an area."""

    label: str
    reach: str = ""
    whose: str = ""
    why: str = ""


def grid(policy: Policy, language: str) -> list[Row]:
    """Return the grid of permissions, area by area, without what only the product does."""
    rows: list[Row] = []
    for permission in in_order([name for name, roles in PERMISSIONS.items() if roles]):
        rows += _area_before(rows, permission, language)
        cells = [_cell(policy, role, permission, language) for role in ROLE_NAMES]
        rows.append(Row(permission, _permission_word(permission, language), cells))
    return rows


def _area_before(rows: list[Row], permission: str, language: str) -> list[Row]:
    last = next((row.key for row in reversed(rows) if row.cells), "")
    if last and last.split(".")[0] == permission.split(".")[0]:
        return []
    return [Row(permission.split(".")[0], say(language, area_of(permission)))]


def _permission_word(permission: str, language: str) -> str:
    return say(language, PERMISSION_WORDS[permission]) if permission in PERMISSION_WORDS else permission


def _cell(policy: Policy, role: Role, permission: str, language: str) -> Cell:
    reach, default = reach_of(policy, role, permission), default_reach(role, permission)
    form = "text" if is_fixed(role, permission) else "choice" if permission in NARROWABLE else "tick"
    changed = ""
    if reach is not default:
        changed = say(language, "Par défaut : {reach}", reach=say(language, REACH_WORDS[default]))
    label = f"{_permission_word(permission, language)}, {say(language, ROLE_NAMES[role])}"
    return Cell(role.value, form, reach.value, _mark(permission, reach, language), label, changed)


def _mark(permission: str, reach: Reach, language: str) -> str:
    if reach is Reach.NONE:
        return "·"
    return say(language, REACH_WORDS[reach]) if permission in NARROWABLE else "✓"


def field_word(name: str, added: Mapping[str, str], language: str) -> str:
    """Return how a field is called, also one that the company added."""
    column = name.split(".", 1)[1]
    return say(language, COLUMNS[column]) if column in COLUMNS else added.get(name, column)


def field_rows(policy: Policy, fields: Sequence[str], language: str, added: Mapping[str, str]) -> list[Row]:
    """Return the fields that can be hidden, table by table; a role that does not open the table has no cell to tick."""
    rows: list[Row] = []
    for name in fields:
        table = name.split(".", 1)[0]
        if not rows or rows[-1].key.split(".")[0] != table:
            rows.append(Row(table, say(language, TABLES[table].label)))
        label = field_word(name, added, language)
        cells = [_field_cell(policy, role, name, label, language) for role in ROLE_NAMES]
        rows.append(Row(name, label, cells))
    return rows


def _field_cell(policy: Policy, role: Role, name: str, label: str, language: str) -> Cell:
    opens = reach_of(policy, role, TABLES[name.split(".")[0]].read) is not Reach.NONE
    hidden = name in policy.hidden.get(role, frozenset())
    word = say(language, "masqué") if hidden else "·"
    spoken = f"{label}, {say(language, ROLE_NAMES[role])}"
    return Cell(role.value, "tick" if opens else "text", "hidden" if hidden else "", word if opens else "—", spoken)


def team_views(teams: Sequence[TeamFacts], people: Sequence[tuple[UUID, str]]) -> list[TeamView]:
    """Return the teams with everybody who could be in them."""
    return [
        TeamView(
            str(team.team_id),
            team.name,
            str(team.lead_id or ""),
            str(team.row_version),
            ", ".join(name for user_id, name in people if user_id in team.members),
            [Member(str(user_id), name, user_id in team.members) for user_id, name in people],
        )
        for team in teams
    ]


def right_views(found: Rights, language: str) -> list[RightView]:
    """Return what a person may, area by area, with the roles that give it."""
    by_name: Mapping[str, Right] = {right.permission: right for right in found.rights}
    lines: list[RightView] = []
    area = ""
    for permission in in_order(list(by_name)):
        if area_of(permission) != area:
            area = area_of(permission)
            lines.append(RightView(say(language, area)))
        lines.append(_right_view(by_name[permission], language))
    return lines


def _right_view(right: Right, language: str) -> RightView:
    whose = list(right.owners or ())
    if right.without_owner:
        whose.append(say(language, "sans responsable"))
    return RightView(
        _permission_word(right.permission, language),
        say(language, REACH_WORDS[right.reach]) if right.permission in NARROWABLE else "✓",
        ", ".join(whose),
        ", ".join(reason_words(reason, language) for reason in right.reasons),
    )


def reason_words(reason: Reason, language: str) -> str:
    """Return a role, and by whom it is lent."""
    role = say(language, ROLE_NAMES[reason.role])
    return say(language, "{role} pour {name}", role=role, name=reason.lent_by) if reason.lent_by else role


def hidden_words(fields: Sequence[str], language: str, added: Mapping[str, str]) -> list[str]:
    """Return hidden fields in words: `Pistes : montant attendu`."""
    found = []
    for name in fields:
        table, label = name.split(".", 1)[0], field_word(name, added, language)
        found.append(f"{say(language, TABLES[table].label)} : {label}" if table in TABLES else label)
    return found
