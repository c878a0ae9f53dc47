"""Landlock through ctypes: a process gives up, with all it starts, every file and TCP port that is not listed.

Needs no privileges. Standard library only: this file is read inside the confined process.
Source: Linux, Documentation/userspace-api/landlock.rst (ABI 1 to 7).
"""

import ctypes
import os
import stat
from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
ASK_VERSION = 1
RULE_PATH_BENEATH, RULE_NET_PORT = 1, 2
SET_NO_NEW_PRIVS = 38

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
ALL_OF_FIRST_VERSION = (1 << 13) - 1
READ = EXECUTE | READ_FILE | READ_DIR
ONLY_ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
MAKE_DEVICES = (1 << 6) | (1 << 11)
BIND, CONNECT = 1 << 0, 1 << 1
NO_ABSTRACT_SOCKETS, NO_SIGNALS = 1 << 0, 1 << 1

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("access", ctypes.c_uint64), ("folder", ctypes.c_int32)]


class _NetPort(ctypes.Structure):
    _fields_ = [("access", ctypes.c_uint64), ("port", ctypes.c_uint64)]


def version() -> int:
    """Return the kernel's Landlock version; 0 when it has none or does not permit its use."""
    return max(0, int(_libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION)))


def restrict(
    *,
    read: Iterable[str],
    write: Iterable[str],
    bind: Iterable[int],
    connect: Iterable[int],
    devices: Iterable[str] = (),
) -> int:
    """Keep this process to the listed files (with all beneath them) and TCP ports; return the version in force.

    Paths that do not exist are left out. Before version 4 the network stays open, before version 6 signals do.

    Raises:
        OSError: the kernel refused; nothing is restricted.
    """
    found = version()
    if not found:
        raise OSError("Landlock is not available")
    handled = _files_handled(found)
    attributes = _Ruleset(
        handled, BIND | CONNECT if found >= 4 else 0, NO_ABSTRACT_SOCKETS | NO_SIGNALS if found >= 6 else 0
    )
    size = 24 if found >= 6 else 16 if found >= 4 else 8
    ruleset = _call(CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), 0)
    for path in read:
        _permit(ruleset, path, READ & handled)
    for path in write:
        _permit(ruleset, path, handled & ~MAKE_DEVICES & ~IOCTL_DEV)
    for path in devices:
        _permit(ruleset, path, (READ_FILE | WRITE_FILE | TRUNCATE) & handled)
    if found >= 4:
        _permit_ports(ruleset, set(bind), set(connect))
    forbid_new_privileges()
    _call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return found


def forbid_new_privileges() -> None:
    """Let no program started from here gain more rights (set-uid); both restrictions ask for it."""
    if _libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS)")


def _files_handled(found: int) -> int:
    return (
        ALL_OF_FIRST_VERSION
        | (REFER if found >= 2 else 0)
        | (TRUNCATE if found >= 3 else 0)
        | (IOCTL_DEV if found >= 5 else 0)
    )


def _permit(ruleset: int, path: str, access: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            access &= ONLY_ON_FILES
        _call(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.byref(_PathBeneath(access, opened)), 0)
    finally:
        os.close(opened)


def _permit_ports(ruleset: int, bind: set[int], connect: set[int]) -> None:
    for port in bind | connect:
        access = (BIND if port in bind else 0) | (CONNECT if port in connect else 0)
        _call(ADD_RULE, ruleset, RULE_NET_PORT, ctypes.byref(_NetPort(access, port)), 0)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}: {os.strerror(ctypes.get_errno())}")
    return result
