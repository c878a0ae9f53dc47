"""The lists of companies and of contacts."""

from functools import partial

from app import routes
from app.lists.cells import as_it_is, custom_column, day_column, phone_column, text_column
from app.lists.kind import Around, Column, Facet, ListKind
from db.parties.listing.actions import change_parties
from db.parties.listing.queries import (
    COMPANY_QUESTIONS,
    COMPANY_SHAPE,
    CONTACT_QUESTIONS,
    CONTACT_SHAPE,
)
from db.parties.rules import PartyKind
from db.records.listing.rules import read_request

FACETS = (
    Facet("canton", "Canton", "canton", as_it_is),
    Facet("country", "Pays", "country", as_it_is),
)


def company_columns(around: Around) -> list[Column]:
    """Return every column of the companies."""
    return [
        text_column("name", "Société", width="260px", kind="strong"),
        _linked("Contacts"),
        text_column("uid", "IDE", width="140px"),
        *_reach(),
        *_place(),
        day_column("updated", "Modifiée le", "updated_at"),
        *(custom_column(field) for field in around.fields),
    ]


def contact_columns(around: Around) -> list[Column]:
    """Return every column of the contacts."""
    return [
        text_column("name", "Contact", width="220px", kind="strong"),
        _linked("Sociétés"),
        *_reach(),
        *_place(),
        day_column("updated", "Modifiée le", "updated_at"),
        *(custom_column(field) for field in around.fields),
    ]


def _linked(label: str) -> Column:
    return Column(
        "linked",
        label,
        "text",
        lambda row, language, today: ", ".join(row.linked),
        lambda row: ", ".join(row.linked),
        width="200px",
    )


def _reach() -> list[Column]:
    return [
        text_column("email", "E-mail", width="210px"),
        phone_column(),
    ]


def _place() -> list[Column]:
    return [
        _unsorted("street", "Rue", "160px"),
        _unsorted("house_number", "Numéro", "70px"),
        text_column("postal_code", "NPA", width="70px"),
        text_column("city", "Localité", width="140px"),
        text_column("canton", "Canton", width="76px"),
        _unsorted("country", "Pays", "60px"),
    ]


def _unsorted(key: str, label: str, width: str) -> Column:
    column = text_column(key, label, width=width)
    return Column(key, label, column.kind, column.cell, column.value, width=width, field=key, editing=column.editing)


COMPANIES = ListKind(
    key="company",
    group=PartyKind.COMPANY.value,
    new=("Nouvelle société", routes.NEW_COMPANY),
    record="party",
    table="party",
    route=routes.COMPANIES,
    link=routes.company("{id}"),
    title="Sociétés",
    words=("société", "sociétés"),
    read="parties.read",
    edit="parties.edit",
    export="parties.export",
    columns=company_columns,
    usual=("name", "linked", "postal_code", "city", "canton", "phone", "email"),
    queries=COMPANY_QUESTIONS,
    read_request=partial(read_request, shape=COMPANY_SHAPE),
    change=change_parties,
    facets=FACETS,
    tabs=lambda by: [("Toutes", "view=all")],
    opens="view=all",
    nothing=(
        "Aucune société.",
        "Une société naît en convertissant une piste, ou à la main.",
        "Importer un fichier",
        routes.import_of("companies"),
    ),
    none_fits="Aucune société ne correspond.",
    file="societes",
)
CONTACTS = ListKind(
    key="contact",
    group=PartyKind.PERSON.value,
    new=("Nouveau contact", routes.NEW_CONTACT),
    record="party",
    table="party",
    route=routes.CONTACTS,
    link=routes.contact("{id}"),
    title="Contacts",
    words=("contact", "contacts"),
    read="parties.read",
    edit="parties.edit",
    export="parties.export",
    columns=contact_columns,
    usual=("name", "linked", "email", "phone", "postal_code", "city", "canton"),
    queries=CONTACT_QUESTIONS,
    read_request=partial(read_request, shape=CONTACT_SHAPE),
    change=change_parties,
    facets=FACETS,
    tabs=lambda by: [("Tous", "view=all")],
    opens="view=all",
    nothing=(
        "Aucun contact.",
        "Un contact naît en convertissant une piste, ou à la main.",
        "Importer un fichier",
        routes.import_of("contacts"),
    ),
    none_fits="Aucun contact ne correspond.",
    file="contacts",
)
