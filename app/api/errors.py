"""How a refusal reads in JSON: `{error, message, params, fields}`, with the HTTP status that fits its kind."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from app.api.permission import NotSignedIn
from app.text import FRENCH, say
from db.access.history import as_json
from db.kernel.errors import BadInput, BusinessError, ChangedMeanwhile, FreshProofNeeded, NotAllowed, NotFound
from db.kernel.findings import BadFields

log = logging.getLogger("boussole.api")


class FieldProblem(BaseModel):
    """What is wrong with one value."""

    field: str
    message: str


class Problem(BaseModel):
    """The one shape of every refusal: `error` for programs, `message` for people, `fields` for forms."""

    error: str
    message: str
    params: dict[str, Any]
    fields: list[FieldProblem]


# what any route may answer besides its own
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "La demande n'est pas lisible"},
    401: {"model": Problem, "description": "Pas de jeton valide"},
    403: {"model": Problem, "description": "Pas permis à cette personne, ou dans cet état"},
    404: {"model": Problem, "description": "N'existe pas, ou pas pour cette personne"},
    409: {"model": Problem, "description": "Contredit l'état des choses"},
    412: {"model": Problem, "description": "Modifié depuis la lecture (If-Match)"},
    413: {"model": Problem, "description": "Trop grand"},
    422: {"model": Problem, "description": "Une valeur ne convient pas"},
    429: {"model": Problem, "description": "Trop de demandes : attendre Retry-After secondes"},
}

# the first kind that fits decides; a refusal of another kind is a conflict with how things stand
STATUS_OF: tuple[tuple[type[BusinessError], HTTPStatus], ...] = (
    (NotSignedIn, HTTPStatus.UNAUTHORIZED),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (FreshProofNeeded, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (ChangedMeanwhile, HTTPStatus.CONFLICT),
    (BadInput, HTTPStatus.UNPROCESSABLE_ENTITY),
)

SENTENCE_OF_STATUS = {
    404: "Rien à cette adresse.",
    405: "Cette adresse n'accepte pas cette méthode.",
    413: "La demande est trop grande.",
}

# kind of finding → sentence; `{named}` places are filled from what pydantic reports
SENTENCE_OF_FINDING = {
    "missing": "est obligatoire",
    "string_type": "doit être un texte",
    "string_too_short": "doit avoir au moins {min_length} caractère(s)",
    "string_too_long": "doit avoir au plus {max_length} caractères",
    "string_pattern_mismatch": "n'a pas la forme attendue",
    "int_parsing": "doit être un nombre entier",
    "int_type": "doit être un nombre entier",
    "int_from_float": "doit être un nombre entier",
    "float_parsing": "doit être un nombre",
    "decimal_parsing": "doit être un nombre décimal",
    "decimal_type": "doit être un nombre décimal",
    "bool_parsing": "doit être vrai ou faux",
    "bool_type": "doit être vrai ou faux",
    "uuid_parsing": "doit être un identifiant (UUID)",
    "uuid_type": "doit être un identifiant (UUID)",
    "date_from_datetime_parsing": "doit être une date (AAAA-MM-JJ)",
    "datetime_from_date_parsing": "doit être un instant (AAAA-MM-JJThh:mm:ssZ)",
    "datetime_parsing": "doit être un instant (AAAA-MM-JJThh:mm:ssZ)",
    "timezone_aware": "doit porter un fuseau horaire",
    "greater_than": "doit dépasser {gt}",
    "greater_than_equal": "doit valoir au moins {ge}",
    "less_than": "doit rester sous {lt}",
    "less_than_equal": "doit valoir au plus {le}",
    "enum": "doit être l'une de ces valeurs : {expected}",
    "literal_error": "doit être l'une de ces valeurs : {expected}",
    "json_invalid": "n'est pas du JSON valable",
    "dict_type": "doit être un objet",
    "list_type": "doit être une liste",
    "extra_forbidden": "n'est pas un champ connu",
}
OTHER_FINDING = "n'est pas valable"


def status_of(refusal: BusinessError) -> HTTPStatus:
    """Return the HTTP status of a refusal."""
    for kind, status in STATUS_OF:
        if isinstance(refusal, kind):
            return status
    return HTTPStatus.CONFLICT


def answer(
    status: int,
    error: str,
    message: str,
    params: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    fields: Sequence[Mapping[str, str]] = (),
) -> JSONResponse:
    """Return the one shape that every refusal has; `fields` names what is wrong with single values."""
    content = {"error": error, "message": message, "params": as_json(dict(params)), "fields": list(fields)}
    return JSONResponse(content, status_code=status, headers=dict(headers or {}))


def sentence_of(finding: Mapping[str, Any]) -> tuple[str, str]:
    """Return the field of a validation finding and what it must be, in French."""
    place = [str(part) for part in finding["loc"]]
    field = ".".join(place[1:]) or place[0]
    sentence = SENTENCE_OF_FINDING.get(finding["type"], OTHER_FINDING)
    try:
        return field, sentence.format(**finding.get("ctx", {}))
    except KeyError:
        return field, OTHER_FINDING


def refusal_answer(request: Request, refusal: BusinessError) -> JSONResponse:
    """Return a refusal in the caller's language; a record changed meanwhile, asked for with its version, is a 412."""
    status, language = status_of(refusal), request.headers.get("accept-language", FRENCH)[:2]
    if isinstance(refusal, ChangedMeanwhile) and "if-match" in request.headers:
        status = HTTPStatus.PRECONDITION_FAILED
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    found = refusal.findings if isinstance(refusal, BadFields) else []
    fields = [{"field": one.field, "message": say(language, one.message_id, **one.params)} for one in found]
    message = say(language, refusal.message_id, **refusal.params)
    return answer(status, type(refusal).__name__, message, refusal.params, headers, fields)


def install(api: FastAPI) -> None:
    """Make the application answer every refusal in JSON."""

    @api.exception_handler(BusinessError)
    async def refused(request: Request, refusal: BusinessError) -> JSONResponse:
        return refusal_answer(request, refusal)

    @api.exception_handler(RequestValidationError)
    async def not_understood(_: Request, problem: RequestValidationError) -> JSONResponse:
        return _findings(problem.errors())

    @api.exception_handler(HTTPException)
    async def not_served(_: Request, problem: HTTPException) -> JSONResponse:
        name = HTTPStatus(problem.status_code).phrase.replace(" ", "")
        sentence = SENTENCE_OF_STATUS.get(problem.status_code, str(problem.detail))
        return answer(problem.status_code, name, sentence, {}, problem.headers)

    @api.exception_handler(Exception)
    async def failed(request: Request, problem: Exception) -> JSONResponse:
        log.error("%s %s failed", request.method, request.url.path, exc_info=problem)
        return answer(500, "InternalServerError", "Erreur inattendue. Le détail est dans le journal de Boussole.", {})


def _findings(findings: Sequence[Mapping[str, Any]]) -> JSONResponse:
    """Name every field that was not understood; the message tells the first."""
    fields = [dict(zip(("field", "message"), sentence_of(finding), strict=True)) for finding in findings]
    message = f"Le champ « {fields[0]['field']} » {fields[0]['message']}."
    return answer(HTTPStatus.UNPROCESSABLE_ENTITY, "BadInput", message, {}, fields=fields)
