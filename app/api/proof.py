"""The second factor over the API: what asks for it on the screen takes a fresh code in `X-Second-Factor` here."""

from typing import Annotated

from fastapi import Header

from app.access.entrance import prove_by_code
from db.access.rules import Actor

Code = Annotated[
    str,
    Header(alias="X-Second-Factor", max_length=40, description="code du second facteur, valable une fois"),
]


def proven(by: Actor, code: str) -> Actor:
    """Return the actor with a fresh second factor when a code was given; the same actor otherwise."""
    return prove_by_code(by, code=code) if code else by
