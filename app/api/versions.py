"""The version of a record in HTTP: `ETag` when it is read, `If-Match` when it is changed."""

from typing import Annotated

from fastapi import Header, Response

from db.kernel.errors import BadInput, ChangedMeanwhile

IfMatch = Annotated[
    str | None, Header(description="l'ETag lu ; une fiche modifiée entre-temps est refusée (412)", alias="If-Match")
]
MOST_VERSION = 2**31 - 1


def put_version(response: Response, version: int) -> None:
    """Say which version of a record is answered."""
    response.headers["ETag"] = f'"{version}"'


def expected_version(if_match: str | None) -> int:
    """Return the version that a change was made on.

    Raises:
        BadInput: none is given.
        ChangedMeanwhile: what is given was never a version.
    """
    text = (if_match or "").strip().removeprefix("W/").strip('"')
    if not text:
        raise BadInput("L’en-tête If-Match manque : il répète l’ETag de la fiche telle que vous l’avez lue.")
    if not (text.isascii() and text.isdigit()) or int(text) > MOST_VERSION:
        raise ChangedMeanwhile("L’en-tête If-Match ne correspond pas à une version de cette fiche.")
    return int(text)
