"""Opening, keeping and saving a form: drafts, and what others changed meanwhile, field by field, for every kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.doors import ask, do, now
from app.records.form_view import Shown, form_view
from app.records.forms import NEW, FieldSpec, Form, FormRecord, as_shown, fields_of, form_called, read_typed, shown
from app.text import say
from db.access.rules import Actor
from db.kernel.errors import ChangedMeanwhile, NotFound
from db.kernel.findings import BadFields, Finding
from db.records.conflicts.queries import changed_meanwhile, newest_change
from db.records.conflicts.rules import FieldMeanwhile
from db.records.drafts.actions import drop_draft, keep_draft
from db.records.drafts.queries import draft_of_form

TRIES = 3
MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Sent:
    """What a form sends: which form of which record, the change that it had seen, texts, and choices in conflicts."""

    form: str
    record: str
    seen: str
    values: dict[str, str]
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def record_id(self) -> UUID | None:
        """The record, or None for a new one.

        Raises: NotFound: the text is no id.
        """
        return None if self.record == NEW else uuid_of(self.record)


@dataclass(frozen=True)
class Saved:
    """How saving ended: with a record and a notice, or with the form as it is to be shown again."""

    record_id: UUID | None = None
    view: str = ""
    notice: str = ""
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Open:
    """A form while it is looked at: the record now, its fields, and what was changed since the form was opened."""

    form: Form
    record: FormRecord
    fields: Sequence[FieldSpec]
    meanwhile: Mapping[str, FieldMeanwhile]

    def base(self, spec: FieldSpec) -> str:
        """Return what the form showed of a field when it was opened."""
        changed = self.meanwhile.get(spec.name)
        return shown(spec, self.record.values.get(spec.name) if changed is None else changed.before)

    def now(self, spec: FieldSpec) -> str:
        """Return what the record holds in a field now."""
        return shown(spec, self.record.values.get(spec.name))

    def mine(self, typed: Mapping[str, str]) -> dict[str, str]:
        """Return what the person changed: neither what stood there when she began, nor what stands there now."""
        return {
            spec.name: typed[spec.name]
            for spec in self.fields
            if spec.name in typed
            and spec.name not in self.record.locked
            and as_shown(spec, typed[spec.name]) not in (self.base(spec), self.now(spec))
        }


def read_sent(payload: Any) -> Sent:
    """Return what a form sent, whatever was sent.

    Raises: NotFound.
    """
    if not isinstance(payload, Mapping):
        raise NotFound("Ce formulaire n’existe pas.")
    texts = {name: str(payload.get(name, "")) for name in ("form", "record", "seen")}
    return Sent(**texts, values=_texts(payload.get("values")), choices=_texts(payload.get("choices")))


def _texts(given: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in given.items()} if isinstance(given, Mapping) else {}


def uuid_of(text: object) -> UUID:
    """Return an id from an address or an event.

    Raises: NotFound: it is none.
    """
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound("Cette fiche n’existe pas ou plus.") from None


def open_form(actor: Actor, form_name: str, record: str, given: Mapping[str, str]) -> str:
    """Return the form of a record (or of a new one) as the screen shows it, with the draft that was left, if any."""
    form = form_called(form_name)
    sent = Sent(form_name, record, "", {})
    draft = ask(actor, draft_of_form, kind=form.spec.kind, record_key=draft_key(sent), by=actor, at=now())
    if draft is None:
        opened = _open(actor, form, sent, given)
        seen = _newest(actor, form, sent.record_id)
        return form_view(opened, Shown(form_name, record, seen, opened=now().isoformat()), actor)
    sent = Sent(form_name, record, draft.seen, draft.values)
    opened = _open(actor, form, sent, given)
    said = Shown(form_name, record, draft.seen, values=draft.values, kept_at=draft.saved_at, opened=now().isoformat())
    return form_view(opened, said, actor)


def has_draft(actor: Actor, form_name: str, record: str) -> bool:
    """Test if a person left a form unfinished."""
    kind, key = form_called(form_name).spec.kind, draft_key(Sent(form_name, record, "", {}))
    return ask(actor, draft_of_form, kind=kind, record_key=key, by=actor, at=now()) is not None


def draft_key(sent: Sent) -> str:
    """Return under what a draft is kept: the record's id, or the form's name for a new one."""
    return f"{NEW}:{sent.form}" if sent.record == NEW else str(uuid_of(sent.record))


def keep_typed(actor: Actor, sent: Sent) -> None:
    """Keep what is typed as a draft; forget the draft when the form is as it was opened."""
    form = form_called(sent.form)
    place = {"kind": form.spec.kind, "record_key": draft_key(sent)}
    if sent.record_id is not None and not _open(actor, form, sent, {}).mine(sent.values):
        do(actor, drop_draft, **place)
        return
    do(actor, keep_draft, values=sent.values, seen=sent.seen, **place)


def give_up(actor: Actor, sent: Sent) -> str:
    """Forget what was typed; return the form as the record is now."""
    form = form_called(sent.form)
    do(actor, drop_draft, kind=form.spec.kind, record_key=draft_key(sent))
    return open_form(actor, sent.form, sent.record, {})


def save_form(actor: Actor, sent: Sent) -> Saved:
    """Save what the person changed; what others changed meanwhile stays, unless both changed the same field.

    Then nothing is saved yet: the form comes back with what the other did beside the field, and a choice.
    """
    form = form_called(sent.form)
    done = _create(actor, form, sent) if sent.record_id is None else _edit(actor, form, sent, sent.record_id)
    if done.record_id is not None:
        do(actor, drop_draft, kind=form.spec.kind, record_key=draft_key(sent))
    return done


def _create(actor: Actor, form: Form, sent: Sent) -> Saved:
    opened = _open(actor, form, sent, {})
    values, found = read_typed(opened.fields, sent.values)
    try:
        if found:
            raise BadFields(all_findings(form, {}, values, found))
        return Saved(form.create(actor, values), notice=form.created)
    except BadFields as refusal:
        return Saved(view=_again(opened, sent, actor, refusal.findings))


def _edit(actor: Actor, form: Form, sent: Sent, record_id: UUID) -> Saved:
    for attempt in range(TRIES):
        opened = _open(actor, form, sent, {})
        mine = opened.mine(sent.values)
        if undecided(opened, mine, sent.choices):
            return Saved(view=_again(opened, sent, actor, []))
        wanted = {name: text for name, text in mine.items() if not _is_theirs(sent.choices.get(name, ""))}
        values, found = read_typed(opened.fields, {**_unfilled(opened, sent), **wanted})
        try:
            if found:
                raise BadFields(all_findings(form, opened.record.values, values, found))
            if values:
                form.edit(actor, record_id, values, opened.record.version)
            return _saved(opened, record_id, mine, actor)
        except BadFields as refusal:
            return Saved(view=_again(opened, sent, actor, refusal.findings))
        except ChangedMeanwhile:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _unfilled(opened: Open, sent: Sent) -> dict[str, str]:
    """Return the added fields that must be filled and were sent empty, also where they were empty before."""
    return {
        spec.name: ""
        for spec in opened.fields
        if spec.custom is not None
        and spec.required
        and spec.name not in opened.record.locked
        and not sent.values.get(spec.name, opened.now(spec)).strip()
    }


def all_findings(
    form: Form, known: Mapping[str, Any], values: Mapping[str, Any], found: Sequence[Finding]
) -> list[Finding]:
    """Return what could not be understood, and what else the rules say of the record that would result."""
    told = {finding.field for finding in found}
    rest = form.check({**known, **values}) if form.check is not None else []
    return [*found, *(finding for finding in rest if finding.field not in told)]


def _is_theirs(choice: str) -> bool:
    return choice.partition("|")[0] == THEIRS


def undecided(opened: Open, mine: Mapping[str, str], choices: Mapping[str, str]) -> set[str]:
    """Return the fields that both changed and for which nobody has chosen, knowing that very change."""
    return {
        name
        for name in mine
        if name in opened.meanwhile
        and choices.get(name, "") not in (f"{pick}|{opened.meanwhile[name].at.isoformat()}" for pick in (MINE, THEIRS))
    }


def _saved(opened: Open, record_id: UUID, mine: Mapping[str, str], actor: Actor) -> Saved:
    others = {spec.name: spec.label for spec in opened.fields if spec.name in opened.meanwhile}
    theirs = [name for name in others if name not in mine and opened.meanwhile[name].by_id != actor.user_id]
    if not theirs:
        return Saved(record_id, notice="Enregistré.")
    labels = ", ".join(say(actor.language, others[name]) for name in theirs)
    who = opened.meanwhile[theirs[-1]].by_name
    return Saved(
        record_id,
        notice="Enregistré ; {name} a modifié entre-temps : {fields}.",
        params={
            "name": who,
            "fields": labels,
        },
    )


def _again(opened: Open, sent: Sent, actor: Actor, found: Sequence[Finding]) -> str:
    errors: dict[str, str] = {}
    for finding in found:
        errors.setdefault(finding.field, say(actor.language, finding.message_id, **finding.params))
    said = Shown(sent.form, sent.record, sent.seen, values=sent.values, choices=sent.choices, errors=errors)
    return form_view(opened, said, actor)


def _open(actor: Actor, form: Form, sent: Sent, given: Mapping[str, str]) -> Open:
    record_id = sent.record_id
    record = form.read(actor, record_id, given)
    meanwhile: Mapping[str, FieldMeanwhile] = {}
    if record_id is not None and sent.seen:
        kind, seen = form.spec.kind, uuid_of(sent.seen)
        meanwhile = ask(actor, changed_meanwhile, kind=kind, record_id=record_id, seen=seen, by=actor)
    return Open(form, record, fields_of(form.spec, record, actor), meanwhile)


def _newest(actor: Actor, form: Form, record_id: UUID | None) -> str:
    if record_id is None:
        return ""
    return str(ask(actor, newest_change, kind=form.spec.kind, record_id=record_id, by=actor) or "")
