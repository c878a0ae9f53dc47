"""A seccomp filter through ctypes: closes the doors that Landlock leaves open (UDP, local sockets, debugging, kernel keys).

Standard library only: this file is read inside the confined process.
Source: Linux, Documentation/userspace-api/seccomp_filter.rst; numbers from the kernel's syscall tables.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Mapping
from typing import NamedTuple

SET_SECCOMP, MODE_FILTER = 22, 2
LOAD, JUMP_EQUAL, JUMP_SET, JUMP_AT_LEAST, AND, RETURN = 0x20, 0x15, 0x45, 0x35, 0x54, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
OTHER_CALL_TABLE = 0x40000000  # x32 calls on x86-64
INTERNET_FAMILIES, STREAM, PROTOCOLS = (2, 10), 1, (0, 6)
SOCKET_KIND_MASK = 0xF
FAST_OPEN = 0x20000000  # connects without connect(2), which Landlock would not see


class Machine(NamedTuple):
    """What one architecture calls the calls."""

    architecture: int
    socket: int
    limits: int
    sends: Mapping[int, int]  # send call → which argument holds its flags
    refused: tuple[int, ...]


# ptrace, process_vm_*, bpf, perf, keys (3), mount (2), pivot_root, unshare, setns, chroot, kexec, modules (3), userfaultfd,
# file handles (2), System V memory, semaphores and messages; then those numbered alike everywhere: io_uring_setup,
# open_tree … fspick, pidfd_getfd, mount_setattr
NEW_CALLS = (425, 428, 429, 430, 431, 432, 433, 438, 442)
MACHINES = {
    "x86_64": Machine(
        0xC000003E, 41, 302, {44: 3, 46: 2, 307: 3},
        (101, 310, 311, 321, 298, 248, 249, 250, 165, 166, 155, 272, 308, 161, 246, 175, 313, 176, 323, 304, 303, 29, 64, 68, *NEW_CALLS),
    ),
    "aarch64": Machine(
        0xC00000B7, 198, 261, {206: 3, 211: 2, 269: 3},
        (117, 270, 271, 280, 241, 217, 218, 219, 40, 39, 41, 97, 268, 51, 104, 105, 273, 106, 282, 265, 264, 194, 190, 186, *NEW_CALLS),
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def is_available() -> bool:
    """Test if the filter is known for this machine."""
    return platform.machine() in MACHINES and os.path.exists("/proc/sys/kernel/seccomp")


def restrict() -> None:
    """Refuse, for this process and all it starts: sockets other than TCP, debugging others, kernel keys, mounts, namespaces.

    Raises:
        OSError: the kernel refused. KeyError: the machine is not known.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    code = b"".join(_filter(MACHINES[platform.machine()]))
    program = _Program(len(code) // 8, code)
    if libc.prctl(SET_SECCOMP, MODE_FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_SECCOMP)")


def _filter(machine: Machine) -> list[bytes]:
    """Return the filter as BPF instructions; each block ends by reloading the call's number for the next."""
    refuse = _step(RETURN, REFUSE | errno.EPERM)
    number = _step(LOAD, NUMBER)
    code = [_step(LOAD, ARCHITECTURE), _step(JUMP_EQUAL, machine.architecture, 1, 0), refuse, number]
    code += [_step(JUMP_AT_LEAST, OTHER_CALL_TABLE, 0, 1), refuse]
    for call in machine.refused:
        code += [_step(JUMP_EQUAL, call, 0, 1), refuse]
    for call, flags in machine.sends.items():
        code += _when(call, [_argument(flags), _step(JUMP_SET, FAST_OPEN, 0, 1), refuse, number])
    code += _when(machine.limits, [_argument(0), _step(JUMP_EQUAL, 0, 1, 0), refuse, number])
    code += _when(machine.socket, _only_tcp(refuse))
    return [*code, _step(RETURN, ALLOW)]


def _only_tcp(refuse: bytes) -> list[bytes]:
    """Return the block that lets a socket be made only for TCP over IPv4 or IPv6."""
    family = [
        _argument(0),
        _step(JUMP_EQUAL, INTERNET_FAMILIES[0], 2, 0),
        _step(JUMP_EQUAL, INTERNET_FAMILIES[1], 1, 0),
        refuse,
    ]
    kind = [_argument(1), _step(AND, SOCKET_KIND_MASK), _step(JUMP_EQUAL, STREAM, 1, 0), refuse]
    protocol = [_argument(2), _step(JUMP_EQUAL, PROTOCOLS[0], 2, 0), _step(JUMP_EQUAL, PROTOCOLS[1], 1, 0), refuse]
    return [*family, *kind, *protocol, _step(LOAD, NUMBER)]


def _when(call: int, block: list[bytes]) -> list[bytes]:
    return [_step(JUMP_EQUAL, call, 0, len(block)), *block]


def _argument(index: int) -> bytes:
    return _step(LOAD, FIRST_ARGUMENT + 8 * index)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
