"""A shared-memory folder of its own for a confined process, where the kernel permits name spaces.

Without it two analysts' kernels share `/dev/shm`, which the libraries need. Standard library only.
"""

import ctypes
import os

NEW_MOUNTS, NEW_USER, NEW_IPC = 0x00020000, 0x10000000, 0x08000000
RECURSIVE, PRIVATE, NO_SUID, NO_DEV = 1 << 14, 1 << 18, 2, 4
MOST_SHARED_MEMORY = b"size=1g,mode=1777"


def own_shared_memory() -> None:
    """Put an empty `/dev/shm` in place that only this process and those it starts can see.

    Raises:
        OSError: the kernel does not permit it; the shared folder stays in place.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    flags = NEW_MOUNTS | NEW_IPC | (0 if user == 0 else NEW_USER)
    if libc.unshare(flags):
        raise OSError(ctypes.get_errno(), "unshare")
    if flags & NEW_USER:
        _keep_identity(user, group)
    if libc.mount(b"none", b"/", None, RECURSIVE | PRIVATE, None):
        raise OSError(ctypes.get_errno(), "mount private")
    if libc.mount(b"tmpfs", b"/dev/shm", b"tmpfs", NO_SUID | NO_DEV, MOST_SHARED_MEMORY):
        raise OSError(ctypes.get_errno(), "mount /dev/shm")


def _keep_identity(user: int, group: int) -> None:
    for name, content in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(content)
