"""What a confined process may reach: its own folder, its snapshot, the Python libraries, two or three local ports."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
START = HERE / "start.py"
WORKSPACE = HERE.parent
SYSTEM_LIBRARIES = ("/usr", "/lib", "/lib64", "/bin")
SYSTEM_FACTS = (
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/etc/mime.types", "/etc/ssl", "/etc/os-release"),
    *("/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/passwd", "/etc/group"),
    *("/proc", "/sys/devices/system/cpu", "/sys/fs/cgroup"),  # environment and memory of others stay closed by Landlock
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random")
REPORT_SECONDS = 30


@dataclass(frozen=True)
class Policy:
    """The files and TCP ports of one confined process; everything beneath a folder belongs to it."""

    read: tuple[str, ...]
    write: tuple[str, ...]
    bind: tuple[int, ...] = ()
    connect: tuple[int, ...] = ()
    kernel_ports: tuple[int, ...] = ()
    devices: tuple[str, ...] = DEVICES

    def save(self, file: Path) -> Path:
        """Write the policy where `start.py` reads it, before it confines itself."""
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return file


@dataclass(frozen=True)
class Measures:
    """Which measures hold on this machine; `landlock` is the kernel's version of it, 0 = none."""

    landlock: int
    network: bool
    signals: bool
    seccomp: bool
    own_memory: bool

    @property
    def is_complete(self) -> bool:
        """Test if files, network and other processes are all out of reach."""
        return self.landlock > 0 and self.network and self.seccomp


def policy_for(
    *,
    read: Iterable[Path],
    write: Iterable[Path],
    bind: Iterable[int] = (),
    connect: Iterable[int] = (),
    kernel_ports: Iterable[int] = (),
) -> Policy:
    """Return the policy that opens the given folders and ports besides what every Python process needs."""
    return Policy(
        read=(*library_paths(), *SYSTEM_FACTS, *(str(path.resolve()) for path in read)),
        write=tuple(str(path.resolve()) for path in write),
        bind=tuple(bind),
        connect=tuple(connect),
        kernel_ports=tuple(kernel_ports),
    )


def library_paths() -> list[str]:
    """List where the interpreter, its libraries and the workspace's own code are."""
    interpreters = {sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable))}
    return [*sorted(interpreters), *SYSTEM_LIBRARIES, str(WORKSPACE)]


def command(policy_file: Path) -> list[str]:
    """Return the start of a command line that runs confined; append `marimo …` or `script PATH …`."""
    return [sys.executable, "-P", str(START), str(policy_file)]


ARITHMETIC = ("OPENBLAS_", "OMP_", "MKL_", "BLIS_", "VECLIB_")  # how libraries compute; no secret is ever in one


def environment(*, home: Path, code: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a confined process: nothing that could be a secret is inherited.

    Only what chooses how libraries compute comes along, so that a fit in here is the very same as outside.
    """
    temporary = home / ".tmp"
    temporary.mkdir(exist_ok=True)
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_STATE_HOME": str(home / ".state"),
        "XDG_DATA_HOME": str(home / ".data"),
        "LANG": "C.UTF-8",
        "TZ": "Europe/Zurich",
        "PYTHONPATH": str(code),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LOKY_MAX_CPU_COUNT": str(os.cpu_count() or 1),
        **{name: value for name, value in os.environ.items() if name.startswith(ARITHMETIC)},
        **extra,
    }


def link_code(folder: Path) -> Path:
    """Make the folder from which a confined process imports `workspace` and nothing else of the project."""
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "workspace"
    if not link.is_symlink() or link.resolve() != WORKSPACE:
        link.unlink(missing_ok=True)
        link.symlink_to(WORKSPACE, target_is_directory=True)
    return folder


@cache
def measures() -> Measures:
    """Find out which measures hold here, by confining a process and asking it."""
    with TemporaryDirectory() as folder:
        file = policy_for(read=[], write=[]).save(Path(folder) / "policy.json")
        done = subprocess.run(
            [*command(file), "--report"], capture_output=True, text=True, timeout=REPORT_SECONDS, check=True
        )
    return Measures(**json.loads(done.stdout))
