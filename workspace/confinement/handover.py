"""Files between us and confined code: its folder may be full of traps (links to elsewhere, pipes); none is followed.

A confined process may make a symbolic link to any path. Whoever has more rights and follows it would read or write that
path in the analyst's name.
"""

import os
import stat
from pathlib import Path


class NotARegularFile(OSError):
    """What lies there is no plain file, or is larger than expected."""


def read_plain(file: Path, *, most_bytes: int) -> bytes:
    """Return the content of a file that confined code may have made.

    Raises:
        NotARegularFile: a link, a folder, a pipe, or too large. FileNotFoundError: nothing is there.
    """
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as problem:
        raise NotARegularFile(problem.errno, "no plain file", str(file)) from problem
    found = os.fstat(opened)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_size > most_bytes:
        os.close(opened)
        raise NotARegularFile(0, "no plain file of its own, or too large", str(file))
    with os.fdopen(opened, "rb") as content:
        return content.read(most_bytes)


def put_plain(file: Path, content: bytes) -> None:
    """Write a file anew in a folder of confined code, in place of whatever lies there."""
    file.unlink(missing_ok=True)
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(opened, "wb") as target:
        target.write(content)
