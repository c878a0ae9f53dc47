"""The API's documentation as one page made on the server: no script, nothing from elsewhere.

Searching is the browser's own (Ctrl-F) over one page with everything on it, and a search box that is answered by the
server: `?q=companies`.
"""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from app.api.examples import example_of
from app.api.guide import GENERAL

Schema = Mapping[str, Any]
HEAD = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>API de Boussole</title><link rel="stylesheet" href="/boussole.css"><style>
body{height:auto;overflow:auto;font-size:13px;line-height:18px}
.page{display:grid;grid-template-columns:230px minmax(0,1fr);max-width:1240px;margin:0 auto;padding:0 16px}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:24px 16px 24px 0;font-size:12px}
nav a{display:block;color:var(--t2);padding:1px 0}nav b{display:block;margin:10px 0 2px}
main{padding:24px 0 60px 24px;border-left:1px solid var(--line);min-width:0}
h1{font-size:20px;font-weight:500}h2{font-size:15px;margin:32px 0 8px}h3{font-size:13px;margin:0}
p{margin:6px 0;max-width:72ch}section{border-top:1px solid var(--line);padding:11px 0}
code,pre{font-family:ui-monospace,monospace;font-size:12px}
pre{background:var(--sunken);border-radius:5px;padding:8px 10px;margin:6px 0;overflow:auto;line-height:16px}
table{border-collapse:collapse;margin-top:8px}th,td{text-align:left;padding:2px 16px 2px 0;vertical-align:top}
th{font-size:11px;font-weight:500;color:var(--t2)}summary{cursor:pointer;color:var(--t2);margin-top:6px;font-size:12px}
.verb{display:inline-block;min-width:52px;color:var(--ac-t)}input[type=search]{width:100%}
@media (max-width:820px){.page{display:block}nav{position:static;height:auto}main{border-left:0;padding-left:0}}
</style></head><body>"""


def page(schema: Schema, query: str = "") -> str:
    """Return the documentation of an OpenAPI description as HTML; with a query only the routes that contain it."""
    groups = _by_tag(schema, query.strip().lower())
    parts = [HEAD, '<div class="page">', _contents(groups, query), "<main>"]
    parts.append(f"<h1>API de {escape(schema['info']['title'])}</h1>")
    parts.append(f"<p>{escape(schema['info'].get('description', ''))}</p>")
    parts.append(
        '<p>Description lisible par machine (OpenAPI 3.1) : <a class="lk" href="openapi.json">openapi.json</a>'
    )
    parts.append(".</p>")
    if not query.strip():
        parts += [
            f'<section id="{_anchor(name)}"><h3>{name}</h3><p>{text}</p></section>' for name, text in GENERAL.items()
        ]
    if not groups:
        parts.append(f"<p>Rien ne contient « {escape(query)} ».</p>")
    for tag, operations in groups.items():
        parts.append(f'<h2 id="{_anchor(tag)}">{escape(tag)}</h2>')
        parts.extend(_operation(schema, *operation) for operation in operations)
    return "".join(parts) + "</main></div></body></html>"


Groups = dict[str, list[tuple[str, str, Mapping[str, Any]]]]


def _by_tag(schema: Schema, query: str) -> Groups:
    """Group (method, path, operation) by the first tag; only those that contain the query."""
    groups: Groups = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            tag = operation.get("tags", ["Divers"])[0]
            told = f"{method} {path} {tag} {operation.get('description', '')} {json.dumps(operation)}".lower()
            if all(word in told for word in query.split()):
                groups.setdefault(tag, []).append((method.upper(), path, operation))
    return groups


def _contents(groups: Groups, query: str) -> str:
    search = (
        f'<form><input class="in" type="search" name="q" value="{escape(query, quote=True)}" '
        'placeholder="Chercher une route" aria-label="Chercher une route"></form>'
    )
    general = "" if query.strip() else "".join(f'<a href="#{_anchor(name)}">{name}</a>' for name in GENERAL)
    tags = "".join(
        f'<b><a href="#{_anchor(tag)}">{escape(tag)}</a></b>'
        + "".join(f'<a href="#{_anchor(method + path)}">{_short(method, path)}</a>' for method, path, _ in operations)
        for tag, operations in groups.items()
    )
    return f'<nav aria-label="Contenu">{search}{general}{tags}</nav>'


def _short(method: str, path: str) -> str:
    return f"{escape(method)} {escape(path.removeprefix('/api/v1'))}"


def _anchor(text: str) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in text.lower()).strip("-")


def _operation(schema: Schema, method: str, path: str, operation: Schema) -> str:
    """Return one route: what it does, what it takes, what it answers, how it refuses."""
    rows = [*_parameters(operation), *_body_fields(schema, operation)]
    table = _table(("Champ", "Où", "Type", ""), rows) if rows else ""
    text = escape(operation.get("description") or operation.get("summary", ""))
    head = f'<h3><code><span class="verb">{method}</span> {escape(path)}</code></h3>'
    return (
        f'<section id="{_anchor(method + path)}">{head}'
        f"<p>{text}</p>{table}{_example(schema, operation)}{_answers(schema, operation)}</section>"
    )


def _table(heads: tuple[str, ...], rows: list[str]) -> str:
    return "<table><tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>" + "".join(rows) + "</table>"


def _parameters(operation: Schema) -> Iterator[str]:
    for parameter in operation.get("parameters", []):
        shape = {**parameter.get("schema", {})}
        shape.setdefault("description", parameter.get("description", ""))
        yield _row(parameter["name"], parameter["in"], shape, required=parameter.get("required", False))


def _body_fields(schema: Schema, operation: Schema) -> Iterator[str]:
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        shape = _resolved(schema, content.get("schema", {}))
        shape = _resolved(schema, shape.get("items", shape))
        for name, field in shape.get("properties", {}).items():
            yield _row(name, kind, field, required=name in shape.get("required", []))


def _row(name: str, place: str, shape: Schema, *, required: bool) -> str:
    told = " ".join(part for part in ("obligatoire" if required else "", str(shape.get("description", ""))) if part)
    cells = (f"<code>{escape(name)}</code>", escape(place), escape(_type(shape)), escape(told))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _example(schema: Schema, operation: Schema) -> str:
    """Return an example of the JSON that a route takes."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return ""
    return f"<pre>{_json(example_of(schema, content.get('schema', {})))}</pre>"


def _answers(schema: Schema, operation: Schema) -> str:
    """Return what a route answers, with an example, and the statuses of its refusals."""
    answers = {code: answer for code, answer in operation.get("responses", {}).items() if code.startswith("2")}
    parts = []
    for code, answer in answers.items():
        content = answer.get("content", {}).get("application/json")
        shown = (
            f"<pre>{_json(example_of(schema, content['schema']))}</pre>" if content and content.get("schema") else ""
        )
        parts.append(f"<details><summary>Réponse {code}</summary>{shown}</details>")
    refused = [
        f"<tr><td><code>{code}</code></td><td>{escape(answer.get('description', ''))}</td></tr>"
        for code, answer in operation.get("responses", {}).items()
        if not code.startswith("2")
    ]
    table = _table(("Statut", "Quand"), refused)
    return "".join(parts) + (f"<details><summary>Refus</summary>{table}</details>" if refused else "")


def _json(value: Any) -> str:
    return escape(json.dumps(value, ensure_ascii=False, indent=2))


def _type(shape: Schema) -> str:
    if "anyOf" in shape:
        return " | ".join(_type(part) for part in shape["anyOf"])
    if "$ref" in shape:
        return str(shape["$ref"]).rsplit("/", 1)[-1]
    if "enum" in shape:
        return " | ".join(str(value) for value in shape["enum"])
    if shape.get("type") == "array":
        return f"liste de {_type(shape.get('items', {}))}"
    return f"{shape.get('type', '')} {shape.get('format', '')}".strip()


def _resolved(schema: Schema, shape: Schema) -> Schema:
    if "$ref" not in shape:
        return shape
    found: Schema = schema["components"]["schemas"][str(shape["$ref"]).rsplit("/", 1)[-1]]
    return found
