"""How the web process asks the notebooks' process about somebody's editor, and ends it."""

import time
from typing import Any
from uuid import UUID

import httpx

from app.notebooks.places import notebook_port
from db.kernel.errors import BusinessError
from db.session import data_folder

PATIENCE_SECONDS = 10.0
START_SECONDS = 20.0
NO_ANSWER = "Le service des carnets ne répond pas. Relancer Boussole."


class NotebooksUnreachable(BusinessError):
    """The notebooks' process does not answer."""


def is_editor_running(user_id: UUID) -> bool:
    """Test if somebody's editor runs.

    Raises:
        NotebooksUnreachable: nobody answers.
    """
    return bool(_call("GET", user_id)["running"])


def stop_editor(user_id: UUID) -> bool:
    """End somebody's editor with all its kernels; return False when none ran.

    Raises:
        NotebooksUnreachable: nobody answers.
    """
    return bool(_call("DELETE", user_id)["stopped"])


def wait_until_up() -> None:
    """Wait for the notebooks' process, which may still be starting.

    Raises:
        NotebooksUnreachable: it does not come.
    """
    last_moment = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{notebook_port()}/health", timeout=2, trust_env=False).raise_for_status()
            return
        except httpx.HTTPError as problem:
            if time.monotonic() > last_moment:
                raise NotebooksUnreachable(NO_ANSWER) from problem
            time.sleep(0.2)


def _call(method: str, user_id: UUID) -> dict[str, Any]:
    try:
        word = (data_folder() / "notebooks" / "control").read_text(encoding="utf-8")
        answer = httpx.request(
            method,
            f"http://127.0.0.1:{notebook_port()}/control/editors/{user_id}",
            headers={"Authorization": f"Bearer {word}"},
            timeout=PATIENCE_SECONDS,
            trust_env=False,
        ).raise_for_status()
    except (OSError, httpx.HTTPError) as problem:
        raise NotebooksUnreachable(NO_ANSWER) from problem
    found: dict[str, Any] = answer.json()
    return found
