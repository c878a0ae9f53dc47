"""Makes a skops file depend on its content only: skops names parts by addresses in memory, and zip notes the time."""

import io
import json
import re
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

SCHEMA = "schema.json"
NO_TIME = (1980, 1, 1, 0, 0, 0)
KEPT_BY_ADDRESS = re.compile(r"(\d+)(\.\w+)")


def canonical(content: bytes) -> bytes:
    """Return the same skops file with its parts numbered in the order in which they are named."""
    with ZipFile(io.BytesIO(content)) as given:
        parts = {name: given.read(name) for name in given.namelist()}
    schema = json.loads(parts.pop(SCHEMA))
    numbers: dict[str, str] = {}
    renamed = {SCHEMA: json.dumps(_renumbered(schema, numbers)).encode()}
    content_of = {_new_name(name, numbers): part for name, part in parts.items()}
    renamed |= sorted(content_of.items(), key=lambda part: part[0].rjust(40))
    return _zipped(renamed)


def _renumbered(node: Any, numbers: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_renumbered(item, numbers) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _value(key, value, numbers) for key, value in node.items()}


def _value(key: str, value: Any, numbers: dict[str, str]) -> Any:
    if key == "__id__":
        return int(_number(str(value), numbers))
    if key == "file" and isinstance(value, str):
        return _new_name(value, numbers)
    return _renumbered(value, numbers)


def _new_name(name: str, numbers: dict[str, str]) -> str:
    match = KEPT_BY_ADDRESS.fullmatch(name)
    return _number(match[1], numbers) + match[2] if match else name


def _number(address: str, numbers: dict[str, str]) -> str:
    return numbers.setdefault(address, str(len(numbers) + 1))


def _zipped(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with ZipFile(target, "w") as file:
        for name, content in parts.items():
            file.writestr(ZipInfo(name, NO_TIME), content, compress_type=ZIP_DEFLATED, compresslevel=6)
    return target.getvalue()
