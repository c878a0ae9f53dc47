"""Gives up every privilege of the administrator's account, which would open doors that Landlock closes to others.

Standard library only: this file is read inside the confined process.
Source: Linux, capabilities(7); `perfmon_capable` of the kernel lets administrators read the memory maps of everybody.
"""

import ctypes

DROP_FROM_BOUND, VERSION_3, LAST_CAPABILITY = 24, 0x20080522, 63


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Data(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def give_up() -> None:
    """Drop all capabilities for this process and all it starts.

    Raises:
        OSError: the kernel refused.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(DROP_FROM_BOUND, capability, 0, 0, 0)  # refused to ordinary accounts, which have none to bound
    if libc.capset(ctypes.byref(_Header(VERSION_3, 0)), (_Data * 2)()):
        raise OSError(ctypes.get_errno(), "capset")
