"""Finds, in the source, every sentence that people may read."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("app", "db", "workspace")
COMMAND_LINE = ("app/cli", "app/backup")  # speaks French only
# dictionaries of words, all of them shown
WORDS = (
    "app/history_words.py",
    "app/ledger_words.py",
    "app/field_words.py",
    "app/jobs/words.py",
    "app/webhooks/words.py",
    "app/access/rights/words.py",
)
SAID_FIRST, SAID_SECOND, SAID_COUNT = {"t", "Sentence"}, {"say", "FieldSpec", "Step"}, {"count"}
REFUSAL_SIGNS = (" ", "’")


@dataclass(frozen=True)
class Found:
    """A sentence and where it stands."""

    text: str
    place: str


@cache
def sources() -> tuple[Path, ...]:
    """Return every Python file of the product."""
    files = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))
    return tuple(path for path in files if "versions" not in path.parts and "notebooks" not in path.parts[:-1][-1:])


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(function: ast.expr) -> str:
    """Return `rx.el.div`, `t`, `self.notify` … for what is called."""
    parts: list[str] = []
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    parts.append(function.id if isinstance(function, ast.Name) else "?")
    return ".".join(reversed(parts))


def literal(node: ast.expr | None) -> list[str]:
    """Return the strings that an argument can be: a literal, or either branch of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return literal(node.body) + literal(node.orelse)
    return []


def calls() -> Iterator[tuple[Path, ast.Call]]:
    """Give every call in the product."""
    for path in sources():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                yield path, node


@cache
def refusals() -> frozenset[str]:
    """Return the names of all refusals: the classes that descend from `BusinessError`."""
    parents = {
        node.name: {name_of(base).rsplit(".", 1)[-1] for base in node.bases}
        for path in sources()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
    }
    known = {"BusinessError"}
    while True:
        more = {name for name, bases in parents.items() if bases & known} | known
        if more == known:
            return frozenset(known)
        known = more


def messages() -> Iterator[Found]:
    """Give every sentence that is looked up in a catalogue."""
    for path, call in calls():
        place = f"{path.relative_to(ROOT)}:{call.lineno}"
        if place.startswith(COMMAND_LINE):
            continue
        for text in [*_messages_of(call), *_keys_of(path, call), *_named_sentences(path, call)]:
            yield Found(text, place)
    for name in WORDS:
        for node in ast.walk(tree_of(ROOT / name)):
            if isinstance(node, ast.Dict):
                for value in node.values:
                    yield from (Found(text, f"{name}:{node.lineno}") for text in literal(value))


def _keys_of(path: Path, call: ast.Call) -> list[str]:
    """Return what the keys of a page do, as its foot says it."""
    given = next((one.value for one in call.keywords if one.arg == "keys"), None)
    if name_of(call.func) != "screen" or given is None:
        return []
    if isinstance(given, ast.Name):
        given = _constant(path, given.id)
    pairs = given.elts if isinstance(given, ast.Tuple | ast.List) else []
    return [text for pair in pairs if isinstance(pair, ast.Tuple) for text in literal(pair.elts[1])]


def _named_sentences(path: Path, call: ast.Call) -> list[str]:
    """Return what a name that becomes a sentence can be bound to in its file."""
    if name_of(call.func) != "Sentence" or not call.args:
        return []
    branches = (call.args[0].body, call.args[0].orelse) if isinstance(call.args[0], ast.IfExp) else (call.args[0],)
    names = {one.id for one in branches if isinstance(one, ast.Name)}
    bound = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Assign)]
    return [
        text
        for node in bound
        if any(isinstance(to, ast.Name) and to.id in names for to in node.targets)
        for text in literal(node.value)
        if any(sign in text for sign in REFUSAL_SIGNS)
    ]


def _constant(path: Path, name: str) -> ast.expr | None:
    """Return what a module binds to a name."""
    for node in tree_of(path).body:
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in node.targets):
            return node.value
    return None


def _messages_of(call: ast.Call) -> list[str]:
    name = name_of(call.func).rsplit(".", 1)[-1]
    arguments = call.args
    if name in SAID_FIRST:
        return literal(arguments[0]) if arguments else []
    if name in SAID_SECOND:
        return literal(arguments[1]) if len(arguments) > 1 else []
    if name in SAID_COUNT and len(arguments) > 2:
        return literal(arguments[1]) + literal(arguments[2])
    if name in refusals() and name[:1].isupper():
        return literal(arguments[0]) if arguments else []
    if name in {"screen", "visitor_screen", "register_screen"}:
        return [text for keyword in call.keywords if keyword.arg == "title" for text in literal(keyword.value)]
    return []
