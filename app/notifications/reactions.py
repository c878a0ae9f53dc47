"""Who is told about what happened: one function per event, safe to repeat, because the same thing is told once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app import routes
from app.doors import do, now
from app.jobs.words import KINDS as JOB_WORDS
from app.records.kinds import address_of
from app.session import actor_of_user
from db.access.people.queries import actor_of, open_people
from db.access.people.rules import PersonClosed
from db.access.rules import Actor, may
from db.crm.leads.calling.queries import leads_to_call
from db.crm.leads.rules import KIND as LEAD
from db.jobs.queries import asker_of_job
from db.kernel.errors import NotFound
from db.records.followers.queries import changes_on_followed
from db.records.notifications.actions import note_followed, tell
from db.records.notifications.queries import people_who_follow
from db.records.notifications.rules import Told, Topic
from db.records.search.queries import title_of
from db.session import reading

MOST_CHANGES = 50


def on_mentioned(event: Any, by: Actor) -> None:
    """Tell the people whom a note names, those of them who may read the record."""
    facts = event.facts
    with reading() as session:
        title = title_of(session, kind=facts["record_kind"], record_id=event.subject)
    _tell(
        by,
        [
            Told(
                UUID(user_id),
                Topic.MENTION,
                f"mention-{facts['note_id']}",
                "{name} vous mentionne : {title}",
                {"name": facts["by_name"], "title": title},
                kind=facts["record_kind"],
                record_id=event.subject,
                address=address_of(facts["record_kind"], event.subject),
            )
            for user_id in facts["user_ids"]
        ],
    )


def on_assigned(event: Any, by: Actor) -> None:
    """Tell a person that leads are hers now."""
    facts = event.facts
    one = facts["count"] == 1
    _tell(
        by,
        [
            Told(
                UUID(facts["owner_id"]),
                Topic.ASSIGNED,
                f"assigned-{event.id}",
                "{name} vous confie la piste {title}" if one else "{name} vous confie {count} pistes",
                {"name": facts["by_name"], "title": facts["name"], "count": facts["count"]},
                kind=LEAD if one else "",
                record_id=event.subject if one else None,
                address=routes.lead(event.subject) if one else routes.LEADS,
            )
        ],
    )


def on_proposed(event: Any, by: Actor) -> None:
    """Tell those who may decide that a version of a model waits for them."""
    model, version = event.facts["model"], event.facts["version"]
    _tell(
        by,
        [
            Told(
                person.user_id,
                Topic.DECISION,
                f"decision-{event.subject}",
                "Une version de modèle attend votre décision : version {version}",
                {"version": version},
                address=routes.model_version(model, version),
            )
            for person in _people_who("insights.approve_model")
            if person.user_id is not None
        ],
    )


def on_failed(event: Any, by: Actor) -> None:
    """Tell who asked for a job that it failed; what nobody asked for, and backups, the administrators."""
    with reading() as session:
        asked_by = asker_of_job(session, job_id=event.subject)
    kind = event.facts["kind_of_job"]
    is_backup = kind.startswith("backup.")
    people = {one.user_id for one in _people_who("access.manage_backups")} if is_backup or asked_by is None else set()
    if asked_by is not None:
        people.add(asked_by)
    _tell(
        by,
        [
            Told(
                user_id,
                Topic.BACKUP if is_backup else Topic.JOB,
                f"failed-{event.id}",
                "En échec : {job}. {problem}",
                {"job": JOB_WORDS.get(kind, kind), "problem": event.facts.get("sentence", event.facts["problem"])},
                address=routes.BACKUPS if is_backup else routes.job(event.subject),
            )
            for user_id in people
            if user_id is not None
        ],
    )


def tell_followers(by: Actor) -> None:
    """Tell each person what others changed on what she follows since it was looked at."""
    at = now()
    with reading() as session:
        people = people_who_follow(session)
    for user_id, until in people:
        if until is not None:
            _tell_follower(by, user_id, until)
        do(by, note_followed, user_id=user_id, at=at)


def _tell_follower(by: Actor, user_id: UUID, since: datetime) -> None:
    try:
        person = actor_of_user(user_id)
    except (PersonClosed, NotFound):
        return
    with reading() as session:
        found = changes_on_followed(session, by=person, since=since, most=MOST_CHANGES)
        titles = {one.record_id: title_of(session, kind=one.kind, record_id=one.record_id) for one in found}
    _tell(
        by,
        [
            Told(
                user_id,
                Topic.FOLLOWED,
                f"followed-{one.kind}-{one.record_id}-{one.at:%Y%m%d%H%M}",  # several fields at once are told once
                "{name} a modifié {title}",
                {"name": one.by_name, "title": titles[one.record_id]},
                kind=one.kind,
                record_id=one.record_id,
                address=address_of(one.kind, one.record_id),
            )
            for one in found
        ],
    )


def alert_of_leads(by: Actor) -> None:
    """Propose to each seller the leads of most value that she has not been told about yet."""
    for person in _people_who("crm.edit_leads"):
        with reading() as session:
            found = leads_to_call(session, by=person)
        _tell(
            by,
            [
                Told(
                    person.user_id,
                    Topic.ALERT,
                    f"call-{call.lead_id}",
                    "À appeler : {title} ({percent} % de chances)",
                    {"title": call.name, "percent": round(100 * call.probability)},
                    kind=LEAD,
                    record_id=call.lead_id,
                    address=routes.lead(call.lead_id),
                    amount=call.expected_value,
                )
                for call in reversed(found)  # the most valuable stands on top
                if call.expected_value and person.user_id is not None
            ],
        )


def _people_who(permission: str) -> list[Actor]:
    """Return those who work here and have a permission by roles of their own."""
    at, found = now(), []
    with reading() as session:
        for user_id, _ in open_people(session):
            person = actor_of(session, user_id=user_id, via="job", at=at)
            if may(person, permission):
                found.append(person)
    return found


def _tell(by: Actor, told: Sequence[Told]) -> None:
    if told:
        do(by, tell, told=told)
