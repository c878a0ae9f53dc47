"""Example values for the documentation, made from the description of a shape."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
DEEPEST = 4
BY_FORMAT = {
    "uuid": "01a20d86-ebeb-78e6-a7e7-ef889dd1bcb6",
    "date": "2026-11-24",
    "date-time": "2026-11-24T08:00:00Z",
    "binary": "…",
}
BY_NAME = {
    "name": "Chantier naval Bornand SA",
    "person_name": "Ingrid Keller",
    "company_name": "Chantier naval Bornand SA",
    "email": "ingrid.keller@example.ch",
    "phone": "+41 21 555 01 42",
    "uid": "CHE-123.456.788",
    "city": "Nyon",
    "canton": "VD",
    "postal_code": "1260",
    "country": "CH",
    "street": "Quai des Alpes",
    "house_number": "4",
    "expected_amount": "48600.00",
    "url": "https://example.ch/boussole",
    "reason": "trop cher",
    "text": "Rappeler jeudi",
    "channel": "call",
    "direction": "out",
}
BY_TYPE: dict[str, Any] = {"string": "…", "integer": 1, "number": 0.74, "boolean": True, "null": None}


def example_of(schema: Schema, shape: Schema, name: str = "", depth: int = 0) -> Any:
    """Return a value that a shape allows; short, and deep enough to be understood."""
    if "$ref" in shape:
        return example_of(schema, schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[-1]], name, depth)
    if "anyOf" in shape:
        return example_of(schema, shape["anyOf"][0], name, depth)
    if "enum" in shape:
        return shape["enum"][0]
    if "const" in shape:
        return shape["const"]
    if shape.get("type") == "array":
        return [] if depth > DEEPEST else [example_of(schema, shape.get("items", {}), name, depth + 1)]
    if shape.get("type") == "object" or "properties" in shape:
        return _object(schema, shape, depth)
    if name in BY_NAME:
        return BY_NAME[name]
    return BY_FORMAT.get(shape.get("format", ""), BY_TYPE.get(shape.get("type", ""), "…"))


def _object(schema: Schema, shape: Schema, depth: int) -> dict[str, Any]:
    if depth > DEEPEST:
        return {}
    return {
        name: example_of(schema, field, name, depth + 1)
        for name, field in shape.get("properties", {}).items()
        if name != "expected_version" or depth == 0
    }
