"""What a form says, beside the fields, of records that exist already; it never stands in the way."""

import json

from app.doors import ask
from app.records.forms import NEW, form_called
from app.records.kinds import address_of
from app.records.saving import Sent
from app.text import say
from db.access.rules import Actor, may
from db.records.duplicates.queries import Likely, likely_doubles
from db.records.duplicates.rules import REASONS


def doubles_view(actor: Actor, sent: Sent) -> str:
    """Return, by field, what is known of records that what is typed likely doubles: a sentence, and a link or none."""
    form = form_called(sent.form)
    if form.group is None or not may(actor, form.permission):
        return ""
    found = ask(
        actor,
        likely_doubles,
        kind=form.spec.kind,
        group=form.group,
        values=sent.values,
        besides=None if sent.record == NEW else sent.record_id,
        by=actor,
    )
    if sent.record != NEW:  # of a record that is known already, its own name says nothing new
        found = [one for one in found if one.field != "name"]
    by_field: dict[str, list[list[str]]] = {}
    for one in found:
        by_field.setdefault(one.field, []).append(_line(one, form.spec.kind, actor.language))
    return json.dumps(by_field, ensure_ascii=False)


def in_words(reasons: tuple[str, ...], language: str) -> str:
    """Return why two records are likely the same."""
    return ", ".join(say(language, REASONS[one]) for one in reasons if one in REASONS)


def _line(one: Likely, kind: str, language: str) -> list[str]:
    reasons = in_words(one.reasons, language)
    if one.record_id is None:
        if one.owner_name:
            sentence = "Existe déjà ({reasons}) dans une fiche que vous ne voyez pas : demandez à {owner}."
            return [say(language, sentence, reasons=reasons, owner=one.owner_name), "", ""]
        return [say(language, "Existe déjà ({reasons}) dans une fiche que vous ne voyez pas.", reasons=reasons), "", ""]
    detail = f" · {one.detail}" if one.detail else ""
    sentence = say(language, "Existe peut-être déjà ({reasons}) :", reasons=reasons)
    return [sentence, one.name + detail, address_of(kind, one.record_id)]
