"""The API's documentation as one page made on the server: no script, nothing from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

HEAD = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>API de Boussole</title><link rel="stylesheet" href="/boussole.css"><style>
body{height:auto;overflow:auto;max-width:960px;margin:0 auto;padding:24px 16px;font-size:13px;line-height:18px}
h1{font-size:20px;font-weight:500}h2{font-size:15px;margin:32px 0 8px}h3{font-size:13px;margin:0}
section{border-top:1px solid var(--line,#e1e5e3);padding:11px 0}code{font-family:ui-monospace,monospace;font-size:12px}
table{border-collapse:collapse;margin-top:8px}th,td{text-align:left;padding:2px 16px 2px 0;vertical-align:top}
th{font-size:11px;font-weight:500}</style></head><body>"""


def page(schema: Mapping[str, Any]) -> str:
    """Return the documentation of an OpenAPI description as HTML."""
    parts = [
        HEAD,
        f"<h1>API de {escape(schema['info']['title'])}</h1><p>{escape(schema['info'].get('description', ''))}</p>",
    ]
    parts.append('<p>Description lisible par machine (OpenAPI 3.1) : <a href="openapi.json">openapi.json</a></p>')
    for tag, operations in _by_tag(schema).items():
        parts.append(f"<h2>{escape(tag)}</h2>")
        parts.extend(_operation(schema, *operation) for operation in operations)
    return "".join(parts) + "</body></html>"


def _by_tag(schema: Mapping[str, Any]) -> dict[str, list[tuple[str, str, Mapping[str, Any]]]]:
    """Group (method, path, operation) by the first tag."""
    groups: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation.get("tags", ["Divers"])[0], []).append((method.upper(), path, operation))
    return groups


def _operation(schema: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> str:
    """Return one route: what it does, what it takes."""
    rows = [*_parameters(operation), *_body_fields(schema, operation)]
    table = (
        "<table><tr><th>Champ</th><th>Où</th><th>Type</th><th></th></tr>" + "".join(rows) + "</table>" if rows else ""
    )
    text = escape(operation.get("description") or operation.get("summary", ""))
    return f"<section><h3><code>{method} {escape(path)}</code></h3><p>{text}</p>{table}</section>"


def _parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", []):
        yield _row(
            parameter["name"], parameter["in"], parameter.get("schema", {}), required=parameter.get("required", False)
        )


def _body_fields(schema: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        shape = _resolved(schema, content.get("schema", {}))
        for name, field in shape.get("properties", {}).items():
            yield _row(name, kind, field, required=name in shape.get("required", []))


def _row(name: str, place: str, shape: Mapping[str, Any], *, required: bool) -> str:
    cells = (f"<code>{escape(name)}</code>", escape(place), escape(_type(shape)), "obligatoire" if required else "")
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _type(shape: Mapping[str, Any]) -> str:
    if "anyOf" in shape:
        return " | ".join(_type(part) for part in shape["anyOf"])
    if "$ref" in shape:
        return str(shape["$ref"]).rsplit("/", 1)[-1]
    if "enum" in shape:
        return " | ".join(str(value) for value in shape["enum"])
    return f"{shape.get('type', '')} {shape.get('format', '')}".strip()


def _resolved(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in shape:
        return shape
    found: Mapping[str, Any] = schema["components"]["schemas"][str(shape["$ref"]).rsplit("/", 1)[-1]]
    return found
