"""What a record's story shows, as plain texts in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app import routes
from app.components.timeline import ICONS
from app.custom_words import value_text
from app.doors import ask, now
from app.records.forms import FORMS, FieldSpec, FormRecord, fields_of, told
from app.records.kinds import address_of
from app.text import day, instant, percent, quantity, say
from db.access.people.queries import open_people, user_names
from db.access.rules import Actor, may
from db.crm.calls.rules import CALL, read_call
from db.documents.attachments.actions import ORIGIN
from db.documents.attachments.queries import Attachment, attachments
from db.documents.attachments.rules import DOWNLOAD_ONLY
from db.documents.mail.rules import KIND as MAIL
from db.insights.told.queries import ToldPrediction, told_predictions
from db.records.custom_fields.queries import known_fields
from db.records.custom_fields.rules import value_of
from db.records.followers.queries import followers_of
from db.records.search.queries import titles_of
from db.records.timeline.queries import ChangeLine, TimelineLine, story
from db.records.timeline.rules import Cursor, StoryPart

ICON_OF = {
    "received": "plus",
    "created": "plus",
    "lost": "x",
    "won": "check",
    "converted": "handshake",
    "opened": "handshake",
    "reopened": "rotate-ccw",
    "assigned": "user",
    "call": "phone",
    "email": "mail",
    "visit": "map-pin",
    "other": "message-square",
    "note": "message-square",
    "file": "file-up",
    "file_gone": "trash-2",
    "suggestion": "git-compare",
}
assert set(ICON_OF.values()) <= set(ICONS)
MEGABYTE, KILOBYTE = 1024**2, 1024


@dataclass
class Line:
    """One line of the story as it is drawn."""

    id: str
    time: str
    icon: str
    text: str
    by: str
    of: str = ""  # the other record that the line belongs to
    href: str = ""
    file: str = ""
    machine: str = ""
    mail: str = ""  # the address of the e-mail that the line is about


@dataclass
class FileView:
    """One file as it is drawn."""

    id: str
    name: str
    about: str
    href: str
    shown: str  # "image", "pdf" or "" (only handed out)
    own: str


def read_story(actor: Actor, kind: str, record_id: UUID, part: StoryPart) -> tuple[list[Line], str]:
    """Return a page of a record's story, and where the next one begins ("" at the end)."""
    page = ask(actor, story, kind=kind, record_id=record_id, part=part, by=actor)
    at, language = now(), actor.language
    specs = field_specs(actor, kind)
    names = _names(actor, kind, page.lines, specs)
    others = [(one.kind, one.record_id) for one in page.lines if isinstance(one, TimelineLine) and one.record_id]
    called = ask(actor, titles_of, places=[one for one in dict.fromkeys(others) if one != (kind, record_id)], by=actor)
    placed: list[tuple[Cursor, list[Line]]] = []
    for line in page.lines:
        if isinstance(line, ChangeLine):
            placed.append(((line.at, line.change_id), _change_lines(line, specs, names, at, language)))
        elif line.entry_id is not None:
            placed.append(((line.at, line.entry_id), [_told_line(line, called, at, language)]))
    said = _said_by_machine(actor, kind, record_id, part)
    placed += [((one.at, one.line_id), [_machine_line(one, at, language)]) for one in said]
    return one_page(placed, page.next, part.most, is_full=len(said) >= part.most)


def one_page(
    placed: list[tuple[Cursor, list[Line]]], next_told: Cursor | None, most: int, *, is_full: bool
) -> tuple[list[Line], str]:
    """Return the newest lines of all sources; the next page begins after the last line for which all were asked."""
    in_order = sorted(placed, key=lambda one: one[0], reverse=True)
    shown = in_order[:most]
    goes_on = len(in_order) > most or next_told is not None or is_full
    if next_told is not None and shown and shown[-1][0] < next_told:
        shown = [one for one in shown if one[0] >= next_told]  # older ones come after lines that are yet to be read
    last = shown[-1][0] if shown else next_told
    return [line for _, lines in shown for line in lines], cursor_text(last if goes_on else None)


def _said_by_machine(actor: Actor, kind: str, record_id: UUID, part: StoryPart) -> list[ToldPrediction]:
    if part.sort not in ("", "suggestion") or not may(actor, "insights.see_predictions"):
        return []
    return ask(actor, told_predictions, kind=kind, record_id=record_id, part=part, by=actor)


def _machine_line(one: ToldPrediction, at: datetime, language: str) -> Line:
    share = percent(one.probability)
    if one.agrees is None:
        text = say(language, "Chance de signer : {share}", share=share)
        return Line(str(one.line_id), _when(one.at, at), "git-compare", text, "Boussole", machine="yes")
    said = "D’accord avec la prévision de {share}" if one.agrees else "Pas d’accord avec la prévision de {share}"
    text = say(language, said, share=share) + (f" : {one.reason}" if one.reason else "")
    return Line(str(one.line_id), _when(one.at, at), "git-compare", text, one.by_name)


def cursor_text(place: Cursor | None) -> str:
    """Return where a page begins, as the screen keeps it."""
    return "" if place is None else f"{place[0].isoformat()}|{place[1]}"


def read_cursor(text: str) -> Cursor | None:
    """Return the place that `cursor_text` told; None for anything else: then the story begins anew."""
    moment, _, last = text.partition("|")
    try:
        at = datetime.fromisoformat(moment)
        return (at, UUID(last)) if at.tzinfo is not None else None
    except ValueError:
        return None


def field_specs(actor: Actor, kind: str) -> dict[str, FieldSpec]:
    """Return the fields that the forms of a kind name, and the company's own that the reader may see."""
    custom = ask(actor, known_fields, kind=kind, by=actor) if may(actor, "records.read") else []
    found: dict[str, FieldSpec] = {}
    for form in FORMS.values():
        if form.spec.kind == kind:
            found |= {one.name: one for one in fields_of(form.spec, FormRecord({}, custom=custom), actor)}
    return found


def _names(
    actor: Actor, kind: str, lines: Sequence[TimelineLine | ChangeLine], labels: Mapping[str, FieldSpec]
) -> dict[str, str]:
    people = {str(user_id): name for user_id, name in ask(actor, user_names).items()}
    finder = next((form.names for form in FORMS.values() if form.spec.kind == kind and form.names), None)
    if finder is None:
        return people
    changed = [line for line in lines if isinstance(line, ChangeLine)]
    ids = {str(value) for line in changed for _, *both in line.fields for value in both if value}
    return {**people, **finder(actor, sorted(ids))}


def _when(at: datetime, on: datetime) -> str:
    return instant(at, on) if at.year == on.year else day(at)


def in_words(text: str, language: str) -> str:
    """Return what somebody wrote; what a call ended in is put into the reader's language."""
    names_it, outcome, words = read_call(text)
    if not outcome:
        return text
    told = ". ".join(part for part in (say(language, outcome), words) if part)
    return f"{say(language, CALL)} : {told}" if names_it else told


def _told_line(line: TimelineLine, called: Mapping[tuple[str, UUID], str], at: datetime, language: str) -> Line:
    assert line.record_id is not None
    of = called.get((line.kind, line.record_id), "")
    said = in_words(line.text, language)
    text = say(language, line.message_id, **line.params) + (f" : {said}" if said else "")
    return Line(
        str(line.entry_id),
        _when(line.at, at),
        ICON_OF.get(line.icon, "flag"),
        text,
        line.by_name,
        of,
        address_of(line.kind, line.record_id) if of else "",
        routes.file(line.origin_id) if line.origin_kind == ORIGIN else "",
        "yes" if line.by_name == "Boussole" else "",
        routes.mail(line.origin_id) if line.origin_kind == MAIL else "",
    )


def _change_lines(
    line: ChangeLine, labels: Mapping[str, FieldSpec], names: Mapping[str, str], at: datetime, language: str
) -> list[Line]:
    """Return one line per field that forms name; what the story tells anyway (state, dates of closing) has no field."""
    lines = []
    for name, before, after in line.fields:
        spec = labels.get(name)
        if spec is None or name == "state":
            continue
        lines.append(
            Line(
                f"{line.change_id}-{name}",
                _when(line.at, at),
                "pencil",
                say(
                    language,
                    "{field} : {before} → {after}",
                    field=spec.label if spec.custom else say(language, spec.label),
                    before=_value(spec, before, names, language),
                    after=_value(spec, after, names, language),
                ),
                line.by_name,
            )
        )
    return lines


def _value(spec: FieldSpec, value: Any, names: Mapping[str, str], language: str) -> str:
    if spec.custom is not None:
        return value_text(spec.custom, value_of(spec.custom, value), language) or "—"
    if value is None or value == "":
        return "—"
    if isinstance(value, date) and not isinstance(value, datetime):
        return day(value)
    return told(spec, value, names, language)


def read_files(actor: Actor, kind: str, record_id: UUID) -> list[FileView]:
    """Return the files of a record."""
    found = ask(actor, attachments, kind=kind, record_id=record_id, by=actor)
    return [_file_view(one, actor) for one in found]


def _file_view(one: Attachment, actor: Actor) -> FileView:
    about = f"{size_text(one.size_bytes, actor.language)} · {_when(one.at, now())} · {one.by_name}"
    shown = "" if one.media_type == DOWNLOAD_ONLY else ("image" if one.media_type.startswith("image/") else "pdf")
    own = "yes" if one.by_id == actor.user_id else ""
    return FileView(str(one.file_id), one.name, about, routes.file(one.file_id), shown, own)


def size_text(size_bytes: int, language: str) -> str:
    """Return a size in words: `12 Ko`, `3.4 Mo`."""
    if size_bytes < MEGABYTE:
        return quantity(Decimal(max(1, round(size_bytes / KILOBYTE))), say(language, "Ko"))
    return quantity(Decimal(str(round(size_bytes / MEGABYTE, 1))), say(language, "Mo"))


def read_followers(actor: Actor, kind: str, record_id: UUID) -> tuple[list[str], bool]:
    """Return the names of who follows a record, and whether the reader does."""
    ids = ask(actor, followers_of, kind=kind, record_id=record_id, by=actor)
    names = ask(actor, user_names)
    return [names[one] for one in ids if one in names], actor.user_id in ids


def read_people(actor: Actor) -> list[str]:
    """Return who can be mentioned, by name."""
    return [name for user_id, name in ask(actor, open_people) if user_id != actor.user_id]
