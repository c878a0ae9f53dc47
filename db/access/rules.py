"""Who may do what: the one policy of screen, query, action, API, search and notebook."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from db.kernel.errors import FreshProofNeeded, NotAllowed


class Role(StrEnum):
    """What a person does in the firm; one person may have several."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    SALES = "sales"
    PURCHASING = "purchasing"
    WAREHOUSE = "warehouse"
    ACCOUNTANT = "accountant"
    HR = "hr"
    ANALYST = "analyst"


EVERYONE = frozenset(Role)
ANYBODY = "anybody"  # also a visitor who has not signed in

_A, _M, _S, _AN = Role.ADMINISTRATOR, Role.MANAGER, Role.SALES, Role.ANALYST
_P, _W, _AC = Role.PURCHASING, Role.WAREHOUSE, Role.ACCOUNTANT

# permission → roles. A permission that is not listed here is refused to everyone.
PERMISSIONS: dict[str, frozenset[Role]] = {
    "access.use_own_account": EVERYONE,
    "access.read_users": frozenset({_A, _M}),
    "access.manage_users": frozenset({_A}),
    "access.change_roles": frozenset({_A}),
    "access.read_policy": frozenset({_A, _M}),
    "access.change_policy": frozenset({_A}),
    "access.read_access_log": frozenset({_A, _M}),
    "access.read_history": frozenset({_A, _M}),
    "access.read_names": EVERYONE,
    "access.manage_company": frozenset({_A}),
    "access.seal_evidence": frozenset(),  # only the system actor
    "access.mail_reset_link": frozenset(),  # only the system actor
    "access.export_everything": frozenset({_A}),
    "access.manage_backups": frozenset({_A}),
    "jobs.read_own": EVERYONE,
    "jobs.cancel_own": EVERYONE,
    "jobs.retry_own": EVERYONE,
    "jobs.read_all": frozenset({_A, _M}),
    "jobs.manage_all": frozenset({_A}),
    "jobs.manage_webhooks": frozenset({_A}),
    "jobs.deliver_webhooks": frozenset(),  # only the system actor
    "records.read_messages": EVERYONE,
    "records.tell_people": frozenset(),  # only the system actor
    "records.read": EVERYONE,  # what is told of a kind asks for the permission to read that
    "records.open": EVERYONE,  # ask for a record's page; what its kind permits is asked there
    "records.learn_words": frozenset(),  # only the system actor
    "records.write_note": EVERYONE,  # as records.read
    "records.undo": EVERYONE,  # each row asks for the permission to edit its kind besides
    "records.merge": frozenset({_A, _M, _S}),  # the kind's own right to edit is asked besides
    "records.define_field": frozenset({_A, _M, _S}),
    "records.manage_fields": frozenset({_A, _M}),
    "records.save_view": EVERYONE,
    "records.share_view": frozenset({_A, _M}),
    "parties.read": frozenset({_A, _M, _S, Role.PURCHASING, Role.ACCOUNTANT, _AN}),
    "parties.edit": frozenset({_A, _M, _S}),
    "parties.export": frozenset({_A, _M, _S}),
    "parties.import": frozenset({_A, _M, _S}),
    "documents.receive": EVERYONE,
    "documents.read": EVERYONE,
    "documents.read_mail": frozenset({_A, _M, _S, _P, _AC}),  # the firm's, and one's own
    "documents.send_mail": frozenset({_A, _M, _S, _P, _AC}),
    "documents.export_mail": frozenset({_A, _M, _S}),
    "documents.manage_mailboxes": frozenset({_A}),  # the firm's; everybody manages her own
    "documents.take_in_mail": frozenset(),  # only the system actor
    "crm.read_leads": frozenset({_A, _M, _S, _AN}),
    "crm.edit_leads": frozenset({_A, _M, _S}),
    "crm.read_pipelines": frozenset({_A, _M, _S, _AN}),  # stages and reasons, not deals
    "crm.begin_pipelines": frozenset(),  # only the system actor
    "crm.manage_pipelines": frozenset({_A, _M}),
    "crm.import_leads": frozenset({_A, _M, _S}),
    "crm.undo_import": frozenset({_A, _M, _S}),
    "crm.export_leads": frozenset({_A, _M, _S}),
    "purchasing.photograph_bill": EVERYONE,
    "purchasing.read_own_bills": EVERYONE,
    "purchasing.read_bills": frozenset({_M, Role.PURCHASING, Role.ACCOUNTANT}),
    "purchasing.edit_bills": frozenset({_M, Role.PURCHASING, Role.ACCOUNTANT}),
    "purchasing.export_bills": frozenset({_M, Role.PURCHASING, Role.ACCOUNTANT}),
    "people.clock": EVERYONE,
    "people.read_hours": frozenset({_M, Role.HR}),
    "people.manage_hours": frozenset({_M, Role.HR}),
    "people.close_months": frozenset({_M, Role.HR}),
    "people.export_hours": frozenset({_M, Role.HR}),
    "people.import_hours": frozenset({_M, Role.HR}),
    "catalog.read": frozenset({_A, _M, _S, _P, _W, _AC, _AN}),
    "catalog.read_costs": frozenset({_A, _M, _P, _AC, _AN}),  # what items cost, and so what they earn
    "catalog.edit": frozenset({_A, _M, _P}),
    "catalog.import": frozenset({_A, _M, _P}),
    "catalog.export": frozenset({_A, _M, _P, _S, _AC}),
    "stock.read": frozenset({_A, _M, _S, _P, _W, _AC, _AN}),
    "stock.move": frozenset({_A, _M, _P, _W}),
    "stock.manage_places": frozenset({_A, _M, _W}),
    "stock.count": frozenset({_A, _M, _P, _W}),
    "stock.approve_count": frozenset({_A, _M}),
    "stock.import": frozenset({_A, _M, _P, _W}),
    "stock.export": frozenset({_A, _M, _P, _W, _AC}),
    "ledger.read": frozenset({_A, _M, _AC, _AN}),
    "ledger.edit": frozenset({_A, _M, _AC}),  # drafts, and which open items settle each other
    "ledger.post": frozenset({_A, _M, _AC}),
    "ledger.manage_accounts": frozenset({_A, _M, _AC}),
    "ledger.manage_periods": frozenset({_A, _M, _AC}),
    "ledger.reopen_periods": frozenset({_A, _AC}),  # with a reason
    "ledger.post_in_reserved": frozenset({_A, _AC}),  # in periods that are reserved for the closing
    "ledger.import": frozenset({_A, _M, _AC}),
    "ledger.undo_import": frozenset({_A, _M, _AC}),
    "ledger.export": frozenset({_A, _M, _AC}),
    "insights.read_models": frozenset({_A, _M, _AN, _S}),
    "insights.propose_model": frozenset({_AN}),
    "insights.approve_model": frozenset({_M}),
    "insights.roll_back": frozenset({_M}),
    "insights.give_feedback": frozenset({_M, _S}),
    "insights.see_predictions": frozenset({_A, _M, _S, _AN}),
    "insights.record_predictions": frozenset(),  # only the system actor
    "insights.check_proposal": frozenset(),  # only the system actor: figures are recomputed by the worker
    "workspace.open_notebook": frozenset({_AN}),
    "demo.open": EVERYONE,
    "demo.leave": EVERYONE,
    "api.use": EVERYONE,
    "access.import_company": frozenset(),  # only the system actor: the edge looks at who brings it
    "access.forget_answers": frozenset(),  # only the system actor
}


# fields that ask for a permission of their own, wherever they would be seen, changed, sorted by or exported
FIELD_PERMISSIONS: dict[str, str] = {
    "item.purchase_price": "catalog.read_costs",
    "stock_move.unit_cost": "catalog.read_costs",
}


@dataclass(frozen=True)
class Lent:
    """The roles that a deputy has for the time of an absence."""

    absent_name: str
    roles: frozenset[Role]
    absent_id: UUID | None = None
    granted: frozenset[str] | None = None  # permissions that these roles give; None = as in PERMISSIONS


@dataclass(frozen=True)
class Actor:
    """The person (or the system) on whose behalf something is done, as known for this one request."""

    user_id: UUID | None
    name: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    language: str = "fr"
    via: str = "screen"  # screen, api, job, cli, notebook
    fresh_until: datetime | None = None  # a second factor was entered; valid until then
    session_id: UUID | None = None
    system: bool = False
    scopes: frozenset[str] | None = None  # a token may be narrower than its person; None = everything
    lent: tuple[Lent, ...] = ()  # part of `roles` that belongs to absent people, for whom this person stands in
    own_roles: frozenset[Role] | None = None  # `roles` without the lent ones; None = all are own
    owners: Mapping[str, frozenset[UUID]] = field(default_factory=dict)  # permission → whose records; absent = all
    hidden: frozenset[str] = frozenset()  # fields this person may not see, as `table.column`
    granted: frozenset[str] | None = None  # permissions of `roles` by the firm's policy; None = as in PERMISSIONS
    own_granted: frozenset[str] | None = None  # those that her own roles give


# what has an owner here is hers alone, whoever else has the permission, as long as it is not the firm's (no owner)
PRIVATE = frozenset({"documents.read_mail", "documents.send_mail", "documents.export_mail"})
NO_OWNER = UUID(int=0)  # stands among `owners` for the records that nobody owns
NOBODY = Actor(user_id=None, name="visiteur")


def system_actor(via: str = "job") -> Actor:
    """Return the actor of what the product does by itself (sealing, scoring, schedules)."""
    return Actor(user_id=None, name="Boussole", via=via, system=True)


def may(by: Actor | None, permission: str) -> bool:
    """Test if the actor has the permission; what is not declared is refused to everyone."""
    if permission == ANYBODY:
        return True
    if by is None:
        return False
    if by.system:
        return permission in PERMISSIONS
    if by.scopes is not None and permission not in by.scopes:
        return False
    return by.user_id is not None and _gives(by.granted, by.roles, permission)


def _gives(granted: frozenset[str] | None, roles: frozenset[Role], permission: str) -> bool:
    if granted is not None:
        return permission in granted
    return bool(PERMISSIONS.get(permission, frozenset()) & roles)


def owners_seen(by: Actor, permission: str) -> frozenset[UUID] | None:
    """Return whose records the actor reaches by a permission: her own, her team's; None for everybody's.

    `NO_OWNER` among them stands for records without an owner: ask `db.access.reach` for the condition.
    """
    if permission in PRIVATE and not by.system:
        return frozenset({by.user_id or NO_OWNER, NO_OWNER})
    return None if by.system else by.owners.get(permission)


def reaches_owner(by: Actor, permission: str, owner_id: UUID | None) -> bool:
    """Test if a record of this owner (None: of nobody) is within the actor's reach."""
    owners = owners_seen(by, permission)
    return owners is None or (owner_id or NO_OWNER) in owners


def may_see_field(by: Actor, table: str, column: str) -> bool:
    """Test if the actor may see (and so change, filter, sort by, export) a field."""
    name = f"{table}.{column}"
    if column.startswith("custom.") and f"{table}.custom" in by.hidden and not by.system:
        return False  # what hides all added fields hides each
    needed = FIELD_PERMISSIONS.get(name)
    return by.system or (name not in by.hidden and (needed is None or may(by, needed)))


def check_may(by: Actor, permission: str) -> None:
    """Refuse politely unless the actor has the permission.

    Raises:
        NotAllowed: the actor does not.
    """
    if not may(by, permission):
        raise NotAllowed(
            "Vos droits ne permettent pas cette opération ({permission}).",
            permission=permission,
        )


def check_fresh(by: Actor, at: datetime) -> None:
    """Refuse unless a second factor was entered a moment ago.

    Raises:
        FreshProofNeeded: it was not, or too long ago.
    """
    if by.system:
        return
    if by.fresh_until is None or by.fresh_until < at:
        raise FreshProofNeeded("Confirmez avec votre second facteur avant de continuer.")


def name_in_trail(by: Actor, permission: str) -> str:
    """Return whose name a deed carries: the person's, with « pour … » when only a lent role permits it."""
    if by.own_roles is None or _gives(by.own_granted, by.own_roles, permission):
        return by.name
    lending = (loan.absent_name for loan in by.lent if _gives(loan.granted, loan.roles, permission))
    absent = next(lending, None)
    return by.name if absent is None else f"{by.name} pour {absent}"
