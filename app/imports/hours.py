"""Hours of work as a kind that files are read into."""

from dataclasses import replace
from datetime import date
from typing import Any

from app.imports.kinds import Kind, Situation, Target
from db.kernel.findings import BadFields, Finding
from db.parties.intake.rules import Identity
from db.people.hours.intake.actions import HOURS_IMPORT
from db.people.hours.intake.queries import hours_matches
from db.people.hours.intake.rules import HoursRow, at_on, clock_time, identities_of, minutes_in
from db.people.hours.rules import local_day


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


TARGETS = (
    Target("person", "Personne", "text", _words(
        "personne|collaborateur|collaboratrice|employe|nom|nom complet|person|employee|name|worker|mitarbeiter|"
        "mitarbeiterin|mitarbeitende|person name"), example="Nadia Favre"),
    Target("on", "Date", "date", _words("date|jour|day|datum|tag|date du travail"), example="23.11.2026"),
    Target("began", "De", "code", _words(
        "de|debut|arrivee|heure de debut|entree|start|from|start time|clock in|von|beginn|kommen"), example="07:30"),
    Target("ended", "À", "code", _words(
        "a|fin|depart|heure de fin|sortie|end|to|end time|clock out|bis|ende|gehen"), example="17:15"),
    Target("pause", "Pause (minutes)", "code", _words(
        "pause|pause min|pause minutes|duree de la pause|break|break minutes|unpaid break|pausendauer"), example="45"),
    Target("pause_began", "Début de la pause", "code", _words(
        "debut de la pause|debut pause|pause de|break start|break began|pausenbeginn"), example="12:00"),
    Target("task", "Projet ou tâche", "text", _words(
        "projet|tache|activite|travail|mandat|projet ou tache|project|task|activity|projekt|tatigkeit|auftrag"),
        example="Atelier"),
    Target("company", "Client", "text", _words("client|societe|pour|customer|company|kunde|firma")),
    Target("note", "Remarque", "text", _words(
        "remarque|remarques|commentaire|description|note|comment|bemerkung|notiz|beschreibung")),
)  # fmt: skip
SAID = {"ended": ("ended_at",), "pause": ("break_minutes", "break_began_at"), "task": ("task",), "note": ("note",)}


class BadRow(BadFields):
    """A row cannot be hours of work."""


def build(values: dict[str, Any], custom: dict[str, Any], where: Situation) -> HoursRow:
    """Return the hours of one row. Raises: BadInput."""
    found: list[Finding] = []
    person, on = " ".join(str(values.get("person", "")).split()), values.get("on")
    if not person:
        found.append(Finding("person", "Indiquez la personne : son nom ou son e-mail."))
    if on is None:
        found.append(Finding("on", "Indiquez le jour."))
    began, ended = _clock(values, "began", found), _clock(values, "ended", found)
    pause, pause_began = _pause(values, found), _clock(values, "pause_began", found, needed=False)
    if found or on is None or began is None or ended is None:
        raise BadRow(found)
    day: date = local_day(on)
    start = at_on(day, began)
    end = at_on(day, ended, after=start)
    pause_at = None if pause_began is None or not pause else at_on(day, pause_began, after=start)
    texts = {name: " ".join(str(values.get(name, "")).split()) for name in ("task", "note", "company")}
    return HoursRow(where.line, person, start, end, pause, pause_at, **texts)


def _clock(values: dict[str, Any], name: str, found: list[Finding], *, needed: bool = True) -> Any:
    text = str(values.get(name) or "").strip()
    if not text:
        if needed:
            found.append(Finding(name, "Indiquez l’heure, par exemple 07:30."))
        return None
    read = clock_time(text)
    if read is None:
        found.append(Finding(name, "« {text} » n’est pas une heure ; écrivez par exemple 07:30.", {"text": text[:20]}))
    return read


def _pause(values: dict[str, Any], found: list[Finding]) -> int:
    text = str(values.get("pause") or "").strip()
    read = minutes_in(text) if text else 0
    if read is None:
        found.append(Finding("pause", "« {text} » n’est pas une durée ; écrivez les minutes.", {"text": text[:20]}))
    return read or 0


def identify(read: HoursRow) -> tuple[Identity, ...]:
    """Return by what the hours of a row are recognised."""
    return identities_of(read)


def row(line: int, read: HoursRow, given: dict[str, Any], key: tuple[Identity, ...]) -> HoursRow:
    """Return the row as the business takes it."""
    said = {field: True for name, fields in SAID.items() if given.get(name) is not None for field in fields}
    return replace(read, line=line, key=key, said=said)


HOURS = Kind(
    name="hours",
    record_kind="work_span",
    label="Heures",
    permission="people.import_hours",
    undo_permission="people.import_hours",
    targets=TARGETS,
    states={},
    state_labels={},
    key_targets=frozenset(),
    field_of={"began": "started_at", "ended": "ended_at", "pause": "break_minutes", "pause_began": "break_began_at"},
    reserved=frozenset(),
    build=build,
    row=row,
    deeds=HOURS_IMPORT,
    find=hours_matches,
    identify=identify,
    recognised="La personne et l’heure d’arrivée.",
    portion=100,
    takes_custom=False,
    icon="clock",
    page="/heures",
    purpose="Arrivées, départs et pauses d’un autre système ; un mois clôturé ne change pas.",
)
