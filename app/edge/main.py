"""What granian serves: the gate; behind it health, the applications that have an address of their own, and Reflex."""

import logging
import os
from pathlib import Path

from app.app import app
from app.edge.gate import AsgiApp, Gate
from app.edge.headers import known_script_hashes, security_headers
from app.edge.mounts import Front
from app.origins import own_hosts, own_origins
from app.parent import end_with_parent
from app.session import who_is

DEFAULT_UPLOAD_MEGABYTES = 64
MEGABYTE = 1024**2


def create() -> AsgiApp:
    """Build the application of one web process."""
    end_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    return Gate(
        Front(app()),
        origins=frozenset(own_origins()),
        hosts=own_hosts(),
        headers=security_headers(known_script_hashes(Path(os.environ["REFLEX_WEB_WORKDIR"])), origins=own_origins()),
        is_signed_in=lambda cookie: who_is(cookie) is not None,
        most_upload_bytes=int(os.environ.get("BOUSSOLE_UPLOAD_MB") or DEFAULT_UPLOAD_MEGABYTES) * MEGABYTE,
    )
