"""Ends a process when the one that started it is gone, so that a killed supervisor leaves no orphan."""

import ctypes
import os
import signal
import sys
import threading
import time

SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
WATCH_SECONDS = 1.0


def ask_kernel() -> None:
    """Let the kernel terminate this process with its parent (Linux); may run between fork and exec."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def end_with_parent() -> None:
    """Ask to be terminated with the parent: by the kernel on Linux, by watching the parent's id elsewhere."""
    if sys.platform == "linux":
        ask_kernel()
        return
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
