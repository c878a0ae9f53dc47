"""The link with which the first administrator may be created from another machine; `make run` prints it."""

import hmac
import os
import secrets

from app import routes
from app.origins import own_origins, public_url
from db.access.people.queries import count_users
from db.session import COMPANY, data_folder, open_company, reading

FILE = "setup-link"


def setup_link(port: int) -> str | None:
    """Return the address for the first set-up, the same until it was used; None once somebody exists.

    It begins with the public address (`PUBLIC_URL`, else `BOUSSOLE_ORIGINS`) where there is one.
    """
    if open_company() != COMPANY:
        return None
    with reading(COMPANY) as session:
        if count_users(session) > 0:
            forget()
            return None
    given = public_url() or (own_origins()[-1] if os.environ.get("BOUSSOLE_ORIGINS") else "")
    public = given or f"http://127.0.0.1:{port}"
    return f"{public}{routes.WELCOME}?jeton={_token()}"


def is_right(token: str) -> bool:
    """Test a token that was posted."""
    try:
        kept = (data_folder() / FILE).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return False
    return bool(kept) and hmac.compare_digest(kept.encode(), token.encode())


def forget() -> None:
    """Make the link useless: somebody exists now."""
    (data_folder() / FILE).unlink(missing_ok=True)


def _token() -> str:
    place = data_folder() / FILE
    if not place.exists():
        place.touch(mode=0o600)
        place.write_text(secrets.token_urlsafe(24), encoding="ascii")
    return place.read_text(encoding="ascii").strip()
