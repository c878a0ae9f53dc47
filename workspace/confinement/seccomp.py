"""A seccomp filter through ctypes: closes what Landlock leaves open (UDP, local sockets, debugging, kernel keys).

Standard library only: this file is read inside the confined process.
Source: Linux, Documentation/userspace-api/seccomp_filter.rst; numbers from the kernel's syscall tables.
"""

import ctypes
import errno
import os
import platform
import struct

SET_SECCOMP, MODE_FILTER = 22, 2
LOAD, JUMP_EQUAL, JUMP_SET, JUMP_AT_LEAST, AND, RETURN = 0x20, 0x15, 0x45, 0x35, 0x54, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
OTHER_CALL_TABLE = 0x40000000  # x32 calls on x86-64
INTERNET_FAMILIES, STREAM, PROTOCOLS = (2, 10), 1, (0, 6)
SOCKET_KIND_MASK = 0xF
FAST_OPEN = 0x20000000  # connects without connect(2), which Landlock would not see


MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # name → what the kernel calls the architecture
# call → its number on the machines above, in their order
REFUSED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "userfaultfd": (323, 282),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "io_uring_setup": (425, 425),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "mount_setattr": (442, 442),
}
SOCKET, LIMITS = (41, 198), (302, 261)
SENDS = {(44, 206): 3, (46, 211): 2, (307, 269): 3}  # sendto, sendmsg, sendmmsg → which argument holds the flags


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def is_available() -> bool:
    """Test if the filter is known for this machine."""
    return platform.machine() in MACHINES and os.path.exists("/proc/sys/kernel/seccomp")


def restrict() -> None:
    """Refuse sockets other than TCP, debugging others, kernel keys, mounts and name spaces, also for what is started.

    Raises:
        OSError: the kernel refused. KeyError: the machine is not known.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    code = b"".join(_filter(platform.machine()))
    program = _Program(len(code) // 8, code)
    if libc.prctl(SET_SECCOMP, MODE_FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_SECCOMP)")


def _filter(machine: str) -> list[bytes]:
    """Return the filter as BPF instructions; each block ends by reloading the call's number for the next."""
    column = list(MACHINES).index(machine)
    refuse = _step(RETURN, REFUSE | errno.EPERM)
    number = _step(LOAD, NUMBER)
    code = [_step(LOAD, ARCHITECTURE), _step(JUMP_EQUAL, MACHINES[machine], 1, 0), refuse, number]
    code += [_step(JUMP_AT_LEAST, OTHER_CALL_TABLE, 0, 1), refuse]
    for numbers in REFUSED.values():
        code += [_step(JUMP_EQUAL, numbers[column], 0, 1), refuse]
    for numbers, flags in SENDS.items():
        code += _when(numbers[column], [_argument(flags), _step(JUMP_SET, FAST_OPEN, 0, 1), refuse, number])
    code += _when(LIMITS[column], [_argument(0), _step(JUMP_EQUAL, 0, 1, 0), refuse, number])
    code += _when(SOCKET[column], _only_tcp(refuse))
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
