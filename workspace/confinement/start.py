"""Confines itself, then runs marimo or a script: `python start.py POLICY.json ARGUMENT…`.

Run by path inside the process that will hold the analyst's code; standard library only until confined. What a
platform lacks is left out and listed, so that pages can say what holds (`python start.py POLICY.json --report`).
"""

import ctypes
import json
import multiprocessing.connection
import os
import resource
import runpy
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))  # the package around these is not importable in here
import capabilities  # type: ignore[import-not-found]
import landlock  # type: ignore[import-not-found]
import namespaces  # type: ignore[import-not-found]
import seccomp  # type: ignore[import-not-found]

sys.path.pop(0)

SET_PARENT_DEATH_SIGNAL = 1
GIGABYTE = 1024**3
LIMITS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: 1024,
    resource.RLIMIT_FSIZE: 1 * GIGABYTE,
    resource.RLIMIT_AS: 12 * GIGABYTE,
}
POLITENESS = 5


def confine(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Apply every measure that the platform offers; return which of them hold.

    Returns: `landlock` (version, 0 = none), `network` (TCP ports limited), `signals`, `seccomp`, `own_memory`.
    """
    limit_resources()
    held: dict[str, Any] = {"own_memory": _holds(namespaces.own_shared_memory)}
    capabilities.give_up()
    found = 0
    if not policy.get("without_landlock"):
        found = _landlock(policy)
    held |= {"landlock": found, "network": found >= 4, "signals": found >= 6}
    held["seccomp"] = seccomp.is_available() and _holds(_seccomp)
    return held


def limit_resources() -> None:
    """Limit memory, open files and file size, and give way to the other processes."""
    for kind, most in LIMITS.items():
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
    os.nice(POLITENESS)


def _landlock(policy: Mapping[str, Any]) -> int:
    try:
        return int(
            landlock.restrict(
                read=policy["read"],
                write=[*policy["write"], "/dev/shm"],
                devices=policy["devices"],
                bind=[*policy["bind"], *policy["kernel_ports"]],
                connect=[*policy["connect"], *policy["kernel_ports"]],
            )
        )
    except OSError:
        return 0


def _seccomp() -> None:
    landlock.forbid_new_privileges()
    seccomp.restrict()


def _holds(measure: Callable[[], None]) -> bool:
    try:
        measure()
    except OSError:
        return False
    return True


def listen_on(ports: list[int]) -> None:
    """Make marimo's kernels report on the ports that the policy opens, not on any free one."""
    listener = multiprocessing.connection.Listener

    def listen(address: Any = None, family: str | None = None, **options: Any) -> Any:
        if address is not None or family != "AF_INET":
            return listener(address, family, **options)
        for port in ports:
            try:
                return listener(("127.0.0.1", port), family, **options)
            except OSError:
                continue
        raise OSError("all kernel ports are in use: close a notebook first")

    multiprocessing.connection.Listener = listen  # type: ignore[assignment, misc]


def main() -> None:
    """Confine, then hand over to marimo (`marimo …`) or to a script (`script PATH …`)."""
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    policy = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    held = confine(policy)
    if sys.argv[2] == "--report":
        print(json.dumps(held))
        return
    if sys.argv[2] == "script":
        sys.argv = sys.argv[3:]
        runpy.run_path(sys.argv[0], run_name="__main__")
        return
    listen_on(policy["kernel_ports"])
    sys.argv = sys.argv[2:]
    start_marimo()


def start_marimo() -> None:
    """Run marimo's command line; its language servers, which may open no port, are not looked for one."""
    import marimo._server.lsp as language_servers
    from marimo._cli.cli import main as marimo

    vars(language_servers)["find_free_port"] = int
    marimo()


if __name__ == "__main__":
    main()
