"""Names, addresses, and who may act as whom on a day."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from db.access.rules import Lent, Role
from db.kernel.errors import BadInput, NotAllowed

LANGUAGES = ("fr", "en", "de")
LONGEST_ABSENCE = timedelta(days=366)
LONGEST_EMAIL = 254  # RFC 5321, section 4.5.3.1.3
EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[a-z0-9]([a-z0-9.-]*[a-z0-9])?")

ROLE_NAMES: dict[Role, str] = {
    Role.ADMINISTRATOR: "Administration",
    Role.MANAGER: "Direction",
    Role.SALES: "Vente",
    Role.PURCHASING: "Achats",
    Role.WAREHOUSE: "Dépôt",
    Role.ACCOUNTANT: "Comptabilité",
    Role.HR: "Personnel",
    Role.ANALYST: "Analyse",
}


class LastAdministrator(NotAllowed):
    """Without an administrator nobody could let anybody in any more."""


class PersonClosed(NotAllowed):
    """The person has left."""


@dataclass(frozen=True)
class Absence:
    """A period, both days included, during which a person is replaced."""

    absent_id: UUID
    deputy_id: UUID
    first_date: date
    last_date: date


def clean_email(email: str) -> str:
    """Return the address as it is kept: without spaces around it, in lower case.

    Raises:
        BadInput: it does not look like an address.
    """
    cleaned = email.strip().lower()
    if len(cleaned) > LONGEST_EMAIL or not EMAIL.fullmatch(cleaned):
        raise BadInput("« {email} » n’est pas une adresse e-mail.", email=email.strip()[:LONGEST_EMAIL])
    return cleaned


def clean_name(name: str) -> str:
    """Return a person's name with single spaces.

    Raises:
        BadInput: there is none, or it is far too long.
    """
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= 120:
        raise BadInput("Indiquez un nom de 1 à 120 caractères.")
    return cleaned


def check_language(language: str) -> None:
    """Refuse a language that the product does not have.

    Raises:
        BadInput: it is not one of `LANGUAGES`.
    """
    if language not in LANGUAGES:
        raise BadInput("La langue « {language} » n’est pas prévue.", language=language)


def chosen_roles(roles: Iterable[Role | str]) -> frozenset[Role]:
    """Return the roles that were chosen.

    Raises:
        BadInput: none, or an unknown one.
    """
    try:
        chosen = frozenset(Role(role) for role in roles)
    except ValueError as problem:
        raise BadInput("Ce rôle n’existe pas : {detail}.", detail=str(problem).split(" ")[0]) from None
    if not chosen:
        raise BadInput("Choisissez au moins un rôle.")
    return chosen


def check_administrator_remains(others: int) -> None:
    """Refuse to take the last administrator away (`others` = open administrators besides this person).

    Raises:
        LastAdministrator: nobody else could let people in.
    """
    if others < 1:
        raise LastAdministrator(
            "C’est la dernière personne avec le rôle Administration : donnez-le d’abord à une autre."
        )


def roles_with_lent(own: frozenset[Role], lent: Sequence[Lent]) -> frozenset[Role]:
    """Return what a person may be today: her own roles, and those of the people she stands in for."""
    return own.union(*(loan.roles for loan in lent))


def check_absence(absence: Absence, *, today: date) -> None:
    """Refuse an absence that makes no sense.

    Raises:
        BadInput: it is over, reversed, longer than a year, or the deputy is the absent person.
    """
    if absence.absent_id == absence.deputy_id:
        raise BadInput("Choisissez une autre personne comme remplaçante.")
    if absence.last_date < absence.first_date:
        raise BadInput("Le dernier jour de l’absence précède le premier.")
    if absence.last_date < today:
        raise BadInput("Cette absence est déjà finie.")
    if absence.last_date - absence.first_date > LONGEST_ABSENCE:
        raise BadInput("Une absence dure au plus un an : désignez ensuite à nouveau un remplaçant.")
