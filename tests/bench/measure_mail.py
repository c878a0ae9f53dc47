"""How often the rules about e-mails are right on real ones: `python -m tests.bench.measure_mail REPLIES THREADS`.

REPLIES: the fixtures of talon 1.4.4 (`tests/fixtures` of its sdist). THREADS: a folder with `index.csv`
(`id`, `reply_to`) and `mail/`. Neither is part of this repository.
"""

import csv
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session, col, select

from app.doors import do
from app.gateways.mime import read_mail, text_of_html
from app.gateways.quoting import split_reply
from db.access.people.actions import add_user
from db.access.people.queries import actor_of
from db.access.rules import Role, system_actor
from db.crm.mail.actions import take_mail_in
from db.documents.mail.accounts.actions import add_mailbox
from db.documents.mail.accounts.rules import MailboxSecrets
from db.documents.mail.tables import MailMessage
from db.schema import create_everything
from db.session import engine
from tests.mailboxes import allow_servers, box_draft

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def replies(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Give the name of each reply, what was found new in it, and what is."""
    for file in sorted((folder / "standard_replies").glob("*.eml")):
        told = file.with_name(f"{file.stem}_reply_text")
        yield file.name, read_mail(file.read_bytes(), at=NOW).text, told.read_text() if told.exists() else "Hello"
    for file in sorted((folder / "html_replies").glob("*.html")):
        found, _ = split_reply(text_of_html(file.read_text(errors="replace")))
        yield file.name, found, "Hi. I am fine.\n\nThanks,\nAlex"


def _words(text: str) -> str:
    return " ".join(text.split())


def measure_replies(folder: Path) -> None:
    """Print how many replies are cut where they end."""
    some = list(replies(folder))
    wrong = [name for name, found, wanted in some if _words(found) != _words(wanted)]
    print(f"replies cut right: {len(some) - len(wrong)} of {len(some)}; wrong: {', '.join(wrong) or 'none'}")


def measure_threads(folder: Path) -> None:
    """Print how many replies, taken in by chance, came into the thread of what they answer, and how many threads."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["BOUSSOLE_DATA"] = place
        create_everything(engine())
        threads = _taken_in(sorted(path for path in (folder / "mail").rglob("*") if path.is_file()))
    rows = list(csv.DictReader((folder / "index.csv").open(encoding="utf-8")))
    answers = [row for row in rows if row["reply_to"] in threads and row["id"] in threads]
    right = sum(threads[row["id"]] == threads[row["reply_to"]] for row in answers)
    parent = {row["id"]: row["reply_to"] for row in rows if row["reply_to"]}
    told = {_root(one, parent) for one in threads}
    print(
        f"replies in their thread: {right} of {len(answers)}; threads: {len(set(threads.values()))}, told {len(told)}"
    )


def _root(one: str, parent: dict[str, str]) -> str:
    while one in parent:
        one = parent[one]
    return one


def _taken_in(files: list[Path]) -> dict[str, UUID]:
    system = system_actor()
    user_id = do(system, add_user, name="Nadia", email="nadia@boussole.test", roles=[Role.SALES])
    with Session(engine()) as session:
        nadia = actor_of(session, user_id=user_id, via="cli", at=NOW)
    secrets = MailboxSecrets("secret")
    allow_servers("127.0.0.1")
    account_id = do(nadia, add_mailbox, draft=box_draft(1), secrets=secrets, is_shared=False)
    random.Random(20261125).shuffle(files)
    for file in files:
        do(system, take_mail_in, account_id=account_id, mail=read_mail(file.read_bytes(), at=NOW))
    with Session(engine()) as session:
        wanted = select(col(MailMessage.message_id), col(MailMessage.thread_id))
        found = session.connection().execute(wanted).all()
        return dict(found)


if __name__ == "__main__":
    measure_replies(Path(sys.argv[1]))
    measure_threads(Path(sys.argv[2]))
