"""Runs work on foreign files in a child process with limits; only JSON comes back.

The child starts anew (no inherited memory, no open files of ours), gets its material by pickle from us, and answers
with JSON texts. What it may use of memory and time is limited; when it dies, the sentence says so.
"""

import json
import multiprocessing
import resource
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any

from db.kernel.errors import BusinessError

GIGABYTE = 1024**3
MOST_MEMORY = 6 * GIGABYTE  # address space, which OpenBLAS and Arrow reserve generously
MOST_SECONDS = 900  # of computing

Report = Callable[[int, int, str], None]
Work = Callable[[Any, Report], Mapping[str, Any]]


class WorkRefused(BusinessError):
    """The work refused its material; the sentence is the child's."""


class WorkDied(BusinessError):
    """The child ended without an answer: too much memory, too much time, or a damaged file."""


def run_apart(work: Work, material: Any, report: Report) -> dict[str, Any]:
    """Return what `work(material, report)` answers in a child process; `report` is called as it reports.

    Raises:
        WorkRefused: it raised a BusinessError, whose sentence is kept.
        WorkDied: it ended in any other way.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_in_child, args=(theirs, work), daemon=True)
    child.start()
    theirs.close()
    try:
        ours.send(material)
        return _listen(ours, report)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        child.join(5)
        raise WorkDied(
            "Le calcul a été interrompu (code {code}) : fichier abîmé ou trop lourd.", code=child.exitcode
        ) from None
    finally:
        ours.close()
        if child.is_alive():
            child.terminate()
        child.join(10)


def _listen(ours: Connection, report: Report) -> dict[str, Any]:
    while True:
        message = json.loads(ours.recv_bytes())
        if "progress" in message:
            report(*message["progress"])
        elif "refusal" in message:
            raise WorkRefused(str(message["refusal"]))
        elif "failure" in message:
            raise WorkDied("Le calcul a échoué ({kind}).", kind=str(message["failure"]))
        else:
            answer: dict[str, Any] = message["answer"]
            return answer


def _in_child(theirs: Connection, work: Work) -> None:
    _limit()
    material = theirs.recv()

    def say(message: Mapping[str, Any]) -> None:
        theirs.send_bytes(json.dumps(message, ensure_ascii=False).encode())

    try:
        answer = work(material, lambda done, total, text: say({"progress": [done, total, text]}))
        say({"answer": answer})
    except BusinessError as refusal:
        say({"refusal": str(refusal)})
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is told to the parent
        say({"failure": f"{type(problem).__name__}: {problem}"[:500]})
    finally:
        theirs.close()


def _limit() -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (wanted, wanted))
