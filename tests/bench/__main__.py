"""Every benchmark in turn, that of forty people last: `python -m tests.bench [minutes of the forty people]` (3).

Says before each what its limit is and after all which were kept; exits 1 when one was not. A benchmark alone, with its
own arguments: `python -m tests.bench.bench_lists sqlite 1000000`.
"""

import ast
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
LAST = "bench_people"


def limit_of(path: Path) -> str:
    """Return when a benchmark says that it fails, out of its docstring."""
    told = " ".join((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split())
    return told[told.index("exits 1") :].partition(". ")[0].rstrip(".")


def main(minutes: str) -> int:
    """Run them all; return 1 when a limit was passed."""
    paths = sorted(FOLDER.glob("bench_*.py"), key=lambda path: (path.stem == LAST, path.stem))
    passed = []
    for path in paths:
        print(f"--- {path.stem}: {limit_of(path)}", flush=True)
        started = time.monotonic()
        command = [sys.executable, "-m", f"tests.bench.{path.stem}", *([minutes] if path.stem == LAST else [])]
        is_kept = subprocess.run(command, cwd=FOLDER.parent.parent).returncode == 0
        passed += [] if is_kept else [path.stem]
        print(f"--- {path.stem}: {'kept' if is_kept else 'PASSED'}, {time.monotonic() - started:.0f} s", flush=True)
    print("limits passed:", ", ".join(passed) or "none")
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "3"))
