"""`boussole demo`: make the demonstration company, or leave it."""

import argparse
import json
import sys
import time

from app.demo.start import SMALL, leave_demo, start_demo
from app.worker import run_next_job
from db.jobs.queries import JobStatus, job_status
from db.jobs.rules import JobState
from db.session import reading

LARGEST = 100_000


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("demo", help="create and open the demonstration company")
    parser.add_argument("--size", type=int, default=SMALL, help=f"number of leads, up to {LARGEST} (default {SMALL})")
    parser.add_argument("--leave", action="store_true", help="open the firm's own database again")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make or leave the demonstration; return the exit code."""
    if arguments.leave:
        leave_demo()
        print(json.dumps({"open": "company"}) if arguments.json else "La démonstration est quittée.")
        return 0
    if not 50 <= arguments.size <= LARGEST:
        print(f"--size doit être compris entre 50 et {LARGEST}.", file=sys.stderr)
        return 2
    began = time.monotonic()
    started = start_demo(size=arguments.size)
    status = _finish(started.job_id, started.first_person)
    result = {**(status.result or {}), "seconds": round(time.monotonic() - began, 1), "state": status.state.value}
    if status.error:
        print(status.error, file=sys.stderr)
    print(json.dumps(result) if arguments.json else _words(result))
    return 0 if status.state is JobState.DONE else 1


def _finish(job_id: object, asked_by: object) -> JobStatus:
    """Do the job here, or wait for the worker that has taken it."""
    while True:
        run_next_job()
        with reading() as session:
            status = job_status(session, job_id=job_id, asked_by=asked_by)  # type: ignore[arg-type]
        if status.state not in (JobState.WAITING, JobState.RUNNING):
            return status
        time.sleep(0.2)


def _words(result: dict[str, object]) -> str:
    if result["state"] != JobState.DONE.value:
        return "L’entreprise de démonstration n’a pas été créée."
    return (
        f"Entreprise de démonstration ouverte : {result['leads']} pistes, dont {result['closed']} closes "
        f"et {result['won']} gagnées, en {result['seconds']} s."
    )
