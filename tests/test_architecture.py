"""The rules of the house, checked: contracts, gates, privacy, sizes, and what must never be committed."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import db
from db.access.gate import ACTIONS, QUERIES
from db.access.rules import ANYBODY, PERMISSIONS
from db.schema import metadata
from tests.app.messages import name_of, sources, tree_of

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES, MOST_FUNCTION_LINES = 400, 50
PRIVACIES = {"plain", "personal", "sensitive", "secret"}
BOOKKEEPING = {  # what writes no deed, and why
    "db.jobs.actions": "the worker's own reports; whoever asks for a job does so inside a deed",
    "db.access.seals.actions": "the sealer chains deeds and would never end if it wrote one",
}
NEVER_COMMITTED = re.compile(
    r"--(extra-)?index-url \S|pypi\.org/simple|files\.pythonhosted\.org|registry\.npmjs\.org"
    r"|(?<![\w.{}~])/(tmp|root|home|work|farm)/\w"
)


def modules(ending: str) -> Iterator[Any]:
    """Import every module of `db` with this name."""
    for found in pkgutil.walk_packages(db.__path__, "db."):
        if found.name.endswith(f".{ending}"):
            yield importlib.import_module(found.name)


def tracked() -> list[Path]:
    """Return the files that are committed, without locks and pictures."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [
        ROOT / name
        for name in listed
        if Path(name).suffix
        in {".py", ".md", ".toml", ".in", ".txt", ".json", ".js", ".jsx", ".css", ".yml", ".sh", ""}
    ]


class TestContracts:
    def test_hold(self) -> None:
        done = subprocess.run(
            [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stdout
        assert "Contracts: 0 kept" not in done.stdout

    def test_area_packages_are_empty(self) -> None:
        filled = [
            str(path.relative_to(ROOT)) for path in (ROOT / "db").rglob("__init__.py") if path.read_text().strip()
        ]

        assert filled == []


class TestColumns:
    def test_declare_their_privacy(self) -> None:
        silent = [
            f"{table.name}.{column.name}"
            for table in metadata.tables.values()
            for column in table.columns
            if column.info.get("privacy") not in PRIVACIES
        ]

        assert silent == []


class TestActions:
    def test_have_a_gate(self) -> None:
        open_doors = [
            f"{module.__name__}.{name}"
            for module in modules("actions")
            if module.__name__ not in BOOKKEEPING
            for name, found in public_functions(module)
            if takes(found, "by") and not hasattr(found, "permission")
        ]

        assert open_doors == []

    def test_ask_for_a_permission_that_exists(self) -> None:
        list(modules("actions"))
        unknown = {name: found.permission for name, found in ACTIONS.items() if found.permission not in known()}

        assert unknown == {}


class TestQueries:
    def test_ask_for_a_permission_that_exists(self) -> None:
        list(modules("queries"))
        unknown = {name: found.permission for name, found in QUERIES.items() if found.permission not in known()}

        assert unknown == {}

    def test_that_a_screen_asks_are_readable(self) -> None:
        closed = [f"{place} {name}" for place, name, found in asked() if not hasattr(found, "permission")]

        assert closed == []


def known() -> set[str]:
    """Return every permission."""
    return {*PERMISSIONS, ANYBODY}


def public_functions(module: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Give the functions that a module defines for others."""
    for name, found in vars(module).items():
        if name.startswith("_") or isinstance(found, type) or not callable(found):
            continue
        if getattr(found, "__module__", "") == module.__name__:
            yield name, found


def takes(function: Callable[..., Any], parameter: str) -> bool:
    """Test if a function has a parameter."""
    from inspect import signature

    return parameter in signature(function).parameters


def asked() -> Iterator[tuple[str, str, Any]]:
    """Give what is named in `ask(actor, …)` and in `asyncio.to_thread(ask, actor, …)`, wherever in `app`."""
    for path in sources():
        if not path.is_relative_to(ROOT / "app"):
            continue
        for node in ast.walk(tree_of(path)):
            named = queried(node)
            if named is not None:
                module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
                if hasattr(module, named):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", named, getattr(module, named)  # type: ignore[attr-defined]


def queried(node: ast.AST) -> str | None:
    """Return the name of the query that a call asks."""
    if not isinstance(node, ast.Call):
        return None
    arguments = node.args
    if name_of(node.func).endswith("to_thread") and arguments and name_of(arguments[0]) == "ask":
        arguments = arguments[1:]
    elif name_of(node.func) != "ask":
        return None
    return arguments[1].id if len(arguments) > 1 and isinstance(arguments[1], ast.Name) else None


class TestSizes:
    def test_files_stay_short(self) -> None:
        long = {
            str(path.relative_to(ROOT)): lines
            for path in tracked()
            if path.suffix in {".py", ".jsx", ".js"} and "versions" not in path.parts
            if (lines := path.read_text(encoding="utf-8").count("\n")) > MOST_LINES
        }

        assert long == {}

    def test_functions_stay_short(self) -> None:
        long = {
            f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
            for path in sources()
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
            if node.end_lineno - node.lineno >= MOST_FUNCTION_LINES
        }

        assert long == {}


class TestCommitted:
    def test_nothing_names_this_machine_or_a_registry(self) -> None:
        found = [
            f"{path.relative_to(ROOT)}:{number}"
            for path in tracked()
            if path != Path(__file__).resolve()
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if NEVER_COMMITTED.search(line)
        ]

        assert found == []


class TestModules:
    @pytest.mark.parametrize("forbidden", ["utils", "helpers", "common", "misc", "manager", "base2"])
    def test_say_what_they_are_about(self, forbidden: str) -> None:
        assert [path for path in sources() if path.stem == forbidden or forbidden in path.parent.parts] == []
