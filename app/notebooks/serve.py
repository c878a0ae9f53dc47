"""Runs the notebooks' origin on PORT + 1: `python -m app.notebooks.serve`."""

import os
import secrets
import socket
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import uvicorn

from app.doors import do, now
from app.notebooks.assets import keep_current
from app.notebooks.editors import Editors
from app.notebooks.gate import Addresses
from app.notebooks.places import home_of, notebook_origins, notebook_port
from app.notebooks.service import Service
from app.notebooks.sessions import Visits, present_actor
from app.origins import own_origins, port
from app.parent import end_with_parent
from app.trouble import PortTaken
from db.access.people.tokens.actions import issue_token
from db.access.rules import Actor
from db.documents import store
from db.session import data_folder

TOKEN_LIFE = timedelta(hours=12)
PROPOSE = "insights.propose_model"
ENVIRONMENT_TROUBLE = 3


def control_file() -> Path:
    """Return where the word stands with which the web process controls this one."""
    return data_folder() / "notebooks" / "control"


def capability_of(actor: Actor) -> Mapping[str, str]:
    """Give an editor what it may do with the API: hand in a version for its analyst, for half a day, nothing else."""
    token = do(
        actor,
        issue_token,
        user_id=actor.user_id,
        scopes=frozenset({PROPOSE}),
        expires_at=now() + TOKEN_LIFE,
        label="Carnet (proposer une version)",
    )
    return {"BOUSSOLE_API": f"http://127.0.0.1:{port()}/api/v1", "BOUSSOLE_PUBLISH_TOKEN": token}


def service() -> Service:
    """Assemble the origin with the real rest of the product."""
    from app.notebooks.snapshot import take_snapshot

    control_token = secrets.token_urlsafe(32)
    file = control_file()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(control_token)
    assets = data_folder() / "marimo-assets"
    keep_current(assets)
    return Service(
        addresses=Addresses(own=frozenset(notebook_origins()), product=frozenset(own_origins())),
        visits=Visits(present_actor),
        editors=Editors(api_port=port()),
        control_token=control_token,
        home_of=home_of,
        take_snapshot=take_snapshot,
        capability=capability_of,
        frozen_file=store.get,
        kept_assets=assets,
    )


def listening_socket() -> socket.socket:
    """Open the port of the notebooks.

    Raises:
        PortTaken: another program listens there.
    """
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(("127.0.0.1", notebook_port()))
    except OSError as problem:
        opened.close()
        raise PortTaken(
            f"Le port {notebook_port()} (des notebooks) est déjà pris par un autre programme. Arrêter ce programme, ou "
            f"choisir un autre port pour Boussole : les notebooks prennent toujours le suivant."
        ) from problem
    return opened


def main() -> int:
    """Serve until told to stop; return the exit code."""
    end_with_parent()
    try:
        opened = listening_socket()
    except PortTaken as trouble:
        print(trouble, file=sys.stderr)
        return ENVIRONMENT_TROUBLE
    config = uvicorn.Config(
        service().application(),
        log_level="warning",
        ws_max_size=256 * 1024**2,
        ws_ping_interval=None,
        timeout_graceful_shutdown=3,
    )
    uvicorn.Server(config).run(sockets=[opened])
    return 0


if __name__ == "__main__":
    sys.exit(main())
