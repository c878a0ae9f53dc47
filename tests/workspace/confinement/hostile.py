"""What an analyst's code might try. Runs confined; prints as JSON what each attempt gave (or the refusal's name)."""

import ctypes
import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ENVIRONMENT = dict(os.environ)
CONFIG = json.loads(Path(sys.argv[1]).read_text())


def attempt(action: Callable[[], Any]) -> str:
    try:
        return f"got {action()!r}"[:200]
    except Exception as refusal:  # noqa: BLE001 - whatever the refusal is, it is the answer
        return type(refusal).__name__


def read(path: str) -> Callable[[], str]:
    return lambda: Path(path).read_bytes()[:40].decode("latin-1")


def company_rows() -> Any:
    return sqlite3.connect(f"file:{CONFIG['database']}?mode=ro", uri=True).execute("select * from secrets").fetchall()


def attach_company() -> Any:
    return sqlite3.connect(":memory:").execute(f"attach '{CONFIG['database']}' as company")


def escape_through_link() -> str:
    link = Path(CONFIG["work"]) / "link"
    link.symlink_to(CONFIG["database"])
    return link.read_bytes()[:16].decode("latin-1")


def connect(port: int) -> Callable[[], Any]:
    return lambda: socket.create_connection(("127.0.0.1", port), 2).getpeername()


def fast_open() -> Any:
    with socket.socket() as opened:
        return opened.sendto(b"x", 0x20000000, ("127.0.0.1", CONFIG["foreign_port"]))


def trace_parent() -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, os.getppid(), None, None) != 0:
        raise PermissionError(ctypes.get_errno())
    return 0


def raw_call(number: int, *arguments: int) -> Callable[[], int]:
    def call() -> int:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.syscall(number, *arguments) < 0:
            raise PermissionError(ctypes.get_errno())
        return 0

    return call


def child_reads_company() -> str:
    script = f"print(open({CONFIG['database']!r},'rb').read(10))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PermissionError(done.stderr[-200:])
    return done.stdout


ATTEMPTS: dict[str, Callable[[], Any]] = {
    "company database": company_rows,
    "attach company database": attach_company,
    "company database through a link": escape_through_link,
    "company database from a child process": child_reads_company,
    "other analyst's folder": read(CONFIG["other"]),
    "list other analysts": lambda: os.listdir(Path(CONFIG["other"]).parent),
    "key of pseudonyms": read(CONFIG["key"]),
    "environment of the parent": read(f"/proc/{os.getppid()}/environ"),
    "memory of the parent": read(f"/proc/{os.getppid()}/mem"),
    "open files of the parent": lambda: os.readlink(f"/proc/{os.getppid()}/fd/1"),
    "memory map of the parent": read(f"/proc/{os.getppid()}/maps"),
    "root of the parent": lambda: os.listdir(f"/proc/{os.getppid()}/root/"),
    "working folder of the parent": lambda: os.listdir(f"/proc/{os.getppid()}/cwd/"),
    "source of the product": read(CONFIG["source"]),
    "passwords of the machine": read("/etc/shadow"),
    "home of the account": lambda: os.listdir(os.path.expanduser("~root")),
    "write outside": lambda: Path(CONFIG["outside"]).write_text("x"),
    "write the snapshot": lambda: Path(CONFIG["snapshot"]).write_text("x"),
    "move the snapshot away": lambda: os.rename(CONFIG["snapshot"], Path(CONFIG["work"]) / "moved"),
    "write the workspace's code": lambda: (Path(CONFIG["workspace"]) / "evil.py").write_text("x"),
    "trace the parent": trace_parent,
    "kill the parent": lambda: os.kill(os.getppid(), 0),
    "open UDP": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "open a local socket": lambda: socket.socket(socket.AF_UNIX),
    "open a raw socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "open multipath TCP": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262),
    "connect to a foreign port": connect(CONFIG["foreign_port"]),
    "connect by fast open": fast_open,
    "listen on a foreign port": lambda: socket.create_server(("127.0.0.1", 0)),
    "io_uring": raw_call(425, 4, 0),
    "new user name space": raw_call({"x86_64": 272, "aarch64": 97}[os.uname().machine], 0x10000000),
    "mount": lambda: subprocess.run(["mount", "-t", "tmpfs", "none", CONFIG["work"]], check=True, capture_output=True),
    "others' shared memory": read(f"/dev/shm/{CONFIG['shared']}"),
}
PERMITTED: dict[str, Callable[[], Any]] = {
    "read the snapshot": read(CONFIG["snapshot"]),
    "write in the own folder": lambda: (Path(CONFIG["work"]) / "notes.txt").write_text("x"),
    "connect to the API": connect(CONFIG["api_port"]),
    "import a model's library": lambda: __import__("sklearn.linear_model").__name__,
    "import the workspace": lambda: __import__("workspace.facts").__name__,
}

print(
    json.dumps(
        {
            "attempts": {name: attempt(action) for name, action in ATTEMPTS.items()},
            "permitted": {name: attempt(action) for name, action in PERMITTED.items()},
            "environment": ENVIRONMENT,
            "import of the product": attempt(lambda: __import__("db.session").__name__),
        }
    )
)
