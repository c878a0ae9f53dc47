"""`/reglages/champs`: the fields that the company adds to prospects, companies, contacts and deals."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import reflex as rx

from app import routes
from app.components import field, section
from app.doors import ask, do
from app.platform import handler, notify
from app.records.saving import uuid_of
from app.session import current_actor
from app.shell import screen
from app.text import quantity, say, t
from db.access.rules import Actor
from db.kernel.errors import BadInput
from db.kernel.findings import BadFields
from db.parties.rules import PartyKind
from db.records.custom_fields.actions import add_field, bring_back_field, edit_field, move_field, retire_field
from db.records.custom_fields.drafts import FieldDraft
from db.records.custom_fields.queries import FieldFacts, fields_to_manage
from db.records.custom_fields.rules import FieldType, read_choices

MANAGE = "records.manage_fields"
PLACES: dict[str, tuple[str, str, str]] = {  # in the address → kind, group, French label
    "pistes": ("lead", "", "Pistes"),
    "societes": ("party", PartyKind.COMPANY.value, "Sociétés"),
    "contacts": ("party", PartyKind.PERSON.value, "Contacts"),
    "affaires": ("opportunity", "", "Affaires"),
}
TYPES: dict[FieldType, str] = {
    FieldType.TEXT: "Texte",
    FieldType.LONG_TEXT: "Texte long",
    FieldType.CHOICE: "Choix",
    FieldType.YES_NO: "Oui ou non",
    FieldType.NUMBER: "Nombre",
    FieldType.AMOUNT: "Montant (CHF)",
    FieldType.DATE: "Date",
}
NEW = "new"


@dataclass
class FieldLine:
    """One field in the table, and in the form when it is being changed."""

    field_id: str = NEW
    label: str = ""
    label_en: str = ""
    label_de: str = ""
    type: str = FieldType.TEXT.value
    type_label: str = ""
    choices: str = ""
    choices_shown: str = ""
    required: bool = False
    feature: bool = True
    used: str = ""
    version: int = 0


class Fields(rx.State):
    """The fields of one kind as they are being set up."""

    place: str = "pistes"
    lines: list[FieldLine] = []
    retired: list[FieldLine] = []
    open: bool = False
    shown: FieldLine = FieldLine()
    problems: dict[str, str] = {}
    round: int = 0

    @handler(MANAGE)
    async def load(self) -> None:
        """Show the fields of the kind that the address names."""
        wanted = dict(self.router.url.query_parameters).get("de", self.place)
        await self._show(await current_actor(self), wanted)

    @handler(MANAGE)
    async def choose(self, place: str) -> None:
        """Show another kind."""
        await self._show(await current_actor(self), str(place))

    @handler(MANAGE)
    def begin(self) -> None:
        """Open the form of a new field."""
        self._open(FieldLine())

    @handler(MANAGE)
    def edit(self, field_id: str) -> None:
        """Open the form of a field."""
        self._open(self._line(field_id))

    @handler(MANAGE)
    def close(self) -> None:
        """Close the form."""
        self.open = False

    @handler(MANAGE)
    def choose_type(self, type: str) -> None:
        """Choose the type of a new field, so that its choices are asked for."""
        if self.shown.field_id == NEW:
            self.shown.type = _type(type).value

    @handler(MANAGE)
    async def save(self, form: dict[str, Any]) -> Any:
        """Keep the field."""
        actor, line = await current_actor(self), self.shown
        draft = _draft(form, is_learnt=self.place == "pistes")
        try:
            await asyncio.to_thread(_keep, actor, self.place, line, draft)
        except BadFields as refusal:
            found = reversed(refusal.findings)
            self.problems = {one.field: say(actor.language, one.message_id, **one.params) for one in found}
            return None
        await self._show(actor, self.place)
        return notify("Champ ajouté." if line.field_id == NEW else "Champ enregistré.")

    @handler(MANAGE)
    async def move(self, field_id: str, places: int) -> None:
        """Put a field earlier or later."""
        actor = await current_actor(self)
        step = 1 if places == 1 else -1
        await asyncio.to_thread(do, actor, move_field, field_id=uuid_of(field_id), places=step)
        await self._show(actor, self.place)

    @handler(MANAGE)
    async def retire(self, field_id: str) -> Any:
        """Ask for a field no more."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, retire_field, field_id=uuid_of(field_id))
        await self._show(actor, self.place)
        return notify("Champ retiré ; ses valeurs restent lisibles.")

    @handler(MANAGE)
    async def bring_back(self, field_id: str) -> Any:
        """Ask for a retired field again."""
        actor = await current_actor(self)
        await asyncio.to_thread(do, actor, bring_back_field, field_id=uuid_of(field_id))
        await self._show(actor, self.place)
        return notify("Champ repris.")

    def _open(self, line: FieldLine) -> None:
        self.shown, self.open, self.problems = line, True, {}
        self.round += 1

    def _line(self, field_id: str) -> FieldLine:
        found = next((line for line in [*self.lines, *self.retired] if line.field_id == field_id), None)
        if found is None:
            raise BadInput("Ce champ n’existe pas ou plus.")
        return found

    async def _show(self, actor: Actor, place: str) -> None:
        self.place = place if place in PLACES else next(iter(PLACES))
        kind, group, _ = PLACES[self.place]
        found = await asyncio.to_thread(ask, actor, fields_to_manage, kind=kind, group=group)
        self.lines = [_as_line(one, actor.language) for one in found if not one.field.is_retired]
        self.retired = [_as_line(one, actor.language) for one in found if one.field.is_retired]
        self.open, self.problems = False, {}


def _as_line(one: FieldFacts, language: str) -> FieldLine:
    held = one.field
    return FieldLine(
        str(held.field_id),
        held.label,
        held.label_en,
        held.label_de,
        held.type.value,
        say(language, TYPES[held.type]),
        "\n".join(held.choices),
        ", ".join(held.choices),
        held.required,
        held.feature,
        quantity(Decimal(one.used)) if one.used else "",
        one.row_version,
    )


def _type(text: str) -> FieldType:
    try:
        return FieldType(text)
    except ValueError:
        raise BadInput("« {text} » n’est pas au choix.", text=str(text)[:40]) from None


def _draft(form: dict[str, Any], *, is_learnt: bool) -> FieldDraft:
    names = ("label", "label_en", "label_de")
    label, label_en, label_de = (str(form.get(name) or "") for name in names)
    choices = read_choices(str(form.get("choices") or ""))
    feature = bool(form.get("feature")) or not is_learnt
    return FieldDraft(label, label_en, label_de, choices, bool(form.get("required")), feature)


def _keep(actor: Actor, place: str, line: FieldLine, draft: FieldDraft) -> None:
    if line.field_id == NEW:
        kind, group, _ = PLACES[place]
        do(actor, add_field, kind=kind, group=group, type=_type(line.type), draft=draft)
        return
    do(actor, edit_field, field_id=uuid_of(line.field_id), draft=draft, expected_version=line.version)


# --- view -------------------------------------------------------------------------------------------------------------


@screen(route=routes.CUSTOM_FIELDS, title="Champs", permission=MANAGE, on_load=Fields.load)
def custom_fields_page() -> rx.Component:
    """Draw the fields of a kind, the form of one, and those that are retired."""
    chosen = rx.el.div(*[_place(key, label) for key, (_, _, label) in PLACES.items()], class_name="row g6 wraps")
    return rx.el.div(
        rx.el.p(
            t(
                "Ajoutez les champs qui manquent à vos fiches : ils sont dans le formulaire, la liste (colonne, "
                "filtre, tri), les imports, les exports et l’API."
            ),
            class_name="m",
        ),
        rx.el.div(chosen, class_name="sect places"),
        rx.cond(Fields.open, _form()),
        _table(),
        rx.cond(Fields.retired.length() > 0, _retired()),
        class_name="settings wide custom-fields",
    )


def _place(key: str, label: str) -> rx.Component:
    return rx.el.button(
        t(label),
        type="button",
        class_name=rx.cond(Fields.place == key, "chip on", "chip"),
        aria_pressed=rx.cond(Fields.place == key, "true", "false"),
        on_click=Fields.choose(key),
    )


def _table() -> rx.Component:
    heads = [rx.el.th(t(head)) for head in ("Champ", "Type", "Choix", "Obligatoire")]
    heads += [rx.el.th(t("Fiches"), class_name="r"), rx.el.th(rx.el.span(t("Gestes"), class_name="hidden-label"))]
    table = rx.el.table(rx.el.thead(rx.el.tr(*heads)), rx.el.tbody(rx.foreach(Fields.lines, _row)), class_name="list")
    empty = rx.el.p(t("Aucun champ ajouté pour l’instant."), class_name="f s")
    add = rx.el.button(
        t("Ajouter un champ"),
        type="button",
        class_name="btn sm p",
        on_click=Fields.begin,
        custom_attrs={"data-key": "a", "data-key-label": t("Ajouter un champ")},
    )
    return section(
        t("Champs ajoutés"),
        rx.cond(Fields.lines.length() > 0, rx.el.div(table, class_name="scrolls"), empty),
        aside=rx.cond(~Fields.open, add),  # type: ignore[operator]
    )


def _row(line: Any, index: Any) -> rx.Component:
    retire = rx.el.button(t("Retirer"), type="button", class_name="btn sm q", on_click=Fields.retire(line.field_id))
    return rx.el.tr(
        rx.el.td(rx.el.div(line.label, class_name="md"), _other_names(line)),
        rx.el.td(line.type_label),
        rx.el.td(rx.el.div(line.choices_shown, class_name="el choices", title=line.choices_shown)),
        rx.el.td(rx.cond(line.required, t("oui"), "")),
        rx.el.td(line.used, class_name="r num"),
        rx.el.td(
            rx.el.div(
                _step("↑", t("Plus haut"), Fields.move(line.field_id, -1), index == 0),
                _step("↓", t("Plus bas"), Fields.move(line.field_id, 1), index == Fields.lines.length() - 1),
                rx.el.button(t("Modifier"), type="button", class_name="btn sm q", on_click=Fields.edit(line.field_id)),
                retire,
                class_name="row g6 end",
            ),
            class_name="r",
        ),
        key=line.field_id,
    )


def _other_names(line: Any) -> rx.Component:
    both = rx.cond((line.label_de != "") & (line.label_en != ""), " · ", "")
    return rx.el.div(line.label_de, both, line.label_en, class_name="f s")


def _step(sign: str, label: Any, event: Any, is_last: Any) -> rx.Component:
    return rx.el.button(sign, type="button", class_name="btn q sm", aria_label=label, on_click=event, disabled=is_last)


def _retired() -> rx.Component:
    def row(line: Any) -> rx.Component:
        back = rx.el.button(
            t("Reprendre"), type="button", class_name="btn sm q", on_click=Fields.bring_back(line.field_id)
        )
        return rx.el.tr(
            rx.el.td(line.label),
            rx.el.td(line.type_label),
            rx.el.td(line.used, class_name="r num"),
            rx.el.td(back, class_name="r"),
            key=line.field_id,
        )

    heads = [rx.el.th(t("Champ")), rx.el.th(t("Type")), rx.el.th(t("Fiches"), class_name="r")]
    heads.append(rx.el.th(rx.el.span(t("Gestes"), class_name="hidden-label")))
    table = rx.el.table(rx.el.thead(rx.el.tr(*heads)), rx.el.tbody(rx.foreach(Fields.retired, row)), class_name="list")
    return section(t("Champs retirés"), rx.el.div(table, class_name="scrolls"))


def _form() -> rx.Component:
    line, problems = Fields.shown, Fields.problems
    is_new = line.field_id == NEW
    names = rx.el.div(
        field(t("Nom"), _input("label", line.label, auto_focus=True), problems["label"]),
        field(t("Nom en allemand"), _input("label_de", line.label_de), problems["label_de"]),
        field(t("Nom en anglais"), _input("label_en", line.label_en), problems["label_en"]),
        class_name="fields three",
    )
    options = [rx.el.option(t(label), value=type.value) for type, label in TYPES.items()]
    chooser = rx.el.select(*options, value=line.type, on_change=Fields.choose_type, class_name="in", name="type")
    type = rx.cond(
        is_new,
        field(t("Type"), chooser, hint=t("Le type ne change plus ensuite.")),
        field(t("Type"), rx.el.input(value=line.type_label, read_only=True, class_name="in")),
    )
    choices = field(
        t("Choix, un par ligne"),
        rx.el.textarea(name="choices", default_value=line.choices, rows=6, class_name="in"),
        problems["choices"],
        hint=t("Une valeur déjà choisie reste sur sa fiche, même quand le choix disparaît d’ici."),
    )
    ticks = rx.el.div(
        _tick("required", t("Obligatoire dans les formulaires"), line.required),
        rx.cond(Fields.place == "pistes", _tick("feature", t("Les modèles peuvent s’en servir"), line.feature)),
        class_name="row g12 wraps",
    )
    form = rx.el.form(
        names,
        rx.el.div(type, rx.cond(line.type == FieldType.CHOICE.value, choices), class_name="fields three"),
        ticks,
        rx.el.div(
            rx.el.button(t("Enregistrer"), type="submit", class_name="btn p"),
            rx.el.button(t("Annuler"), type="button", class_name="btn", on_click=Fields.close),
            class_name="row g6",
        ),
        on_submit=Fields.save,
        class_name="stack",
        key=f"f{Fields.round}",
    )
    return section(rx.cond(is_new, t("Nouveau champ"), line.label), form)


def _input(name: str, value: Any, **props: Any) -> rx.Component:
    return rx.el.input(name=name, default_value=value, max_length=60, class_name="in", **props)


def _tick(name: str, label: Any, value: Any) -> rx.Component:
    return rx.el.label(rx.el.input(type="checkbox", name=name, default_checked=value), label, class_name="row g6")
