"""What a posted form is answered with: a redirect, the session's cookie, and what went wrong for the page to show.

A refusal and what was typed travel in a cookie of one minute, never in the address; a number in the address ties the
two, so that the sentence is shown once. The cookie is only text to be shown: nobody can do anything with a forged one.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from fastapi.responses import RedirectResponse, Response

from app.access.posted import Posted
from app.session import SESSION_COOKIE
from app.text import say
from db.access.people.sessions.rules import LIFE_LIMIT
from db.kernel.errors import BusinessError

NOTE_COOKIE = "boussole_note"
NOTE_SECONDS = 60
LONGEST_NOTE = 3000


@dataclass(frozen=True)
class Note:
    """What the page shows after a refusal: the sentence (French message id) and what was typed, except secrets."""

    sentence: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)

    def in_words(self, language: str) -> str:
        """Return the sentence in a person's language."""
        return say(language, self.sentence, **self.params) if self.sentence else ""


def see_other(address: str) -> Response:
    """Send the browser on with a GET."""
    return RedirectResponse(address, status_code=303, headers={"cache-control": "no-store"})


def inner_address(wanted: str, otherwise: str = "/") -> str:
    """Return an address of our own pages; anything that could lead elsewhere becomes `otherwise`."""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\", "/auth/"))
    return wanted if plain and wanted.isprintable() and "\\" not in wanted else otherwise


def signed_in(answer: Response, token: str, posted: Posted) -> Response:
    """Give the browser its session."""
    answer.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(LIFE_LIMIT.total_seconds()),
        path="/",
        httponly=True,
        secure=posted.is_secure,
        samesite="lax",
    )
    answer.delete_cookie(NOTE_COOKIE, path="/")
    return answer


def signed_out(answer: Response) -> Response:
    """Take the session from the browser."""
    answer.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")
    return answer


def refused(page: str, refusal: BusinessError, posted: Posted, *typed: str) -> Response:
    """Send the browser back to a page that shows why, with the fields named in `typed` as they were."""
    number = secrets.token_hex(4)
    note = {
        "n": number,
        "s": refusal.message_id,
        "p": {name: str(value) for name, value in refusal.params.items()},
        "t": {name: posted.get(name)[:200] for name in typed},
    }
    packed = base64.urlsafe_b64encode(json.dumps(note).encode()).decode()[:LONGEST_NOTE]
    answer = see_other(f"{page}{'&' if '?' in page else '?'}avis={number}")
    answer.set_cookie(
        NOTE_COOKIE, packed, max_age=NOTE_SECONDS, path="/", httponly=True, secure=posted.is_secure, samesite="lax"
    )
    return answer


def note_from(cookie_header: str, number: str) -> Note:
    """Return what is to be shown on a page whose address carries this number; an empty note for any other."""
    try:
        found = SimpleCookie(cookie_header).get(NOTE_COOKIE)
        note = json.loads(base64.urlsafe_b64decode(found.value)) if found else {}
        if not number or note.get("n") != number:
            return Note()
        return Note(str(note["s"]), dict(note["p"]), dict(note["t"]))
    except (CookieError, ValueError, KeyError, TypeError, AttributeError):
        return Note()
