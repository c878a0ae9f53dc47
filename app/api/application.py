"""The REST API under /api/v1: collects the routers of `app/api/*.py` and refuses a route that names no permission.

A router module defines `router = APIRouter(prefix="/leads", tags=["Pistes"])`; its routes take
`by: Annotated[Actor, Depends(allowed("crm.read_leads"))]` and go through `ask(by, query, …)` and `do(by, action, …)`.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query
from fastapi.dependencies.models import Dependant
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from app.api import errors
from app.api.documentation import page
from app.api.passage import Passage

PREFIX = "/api/v1"
DESCRIPTION = (
    "Les mêmes questions et les mêmes actes que les écrans, avec les mêmes droits. Chaque demande porte le jeton d'une "
    "personne : `Authorization: Bearer …`. Un refus répond `{error, message, params, fields}`."
)


class RouteWithoutPermission(TypeError):
    """A route of the API names no permission: a mistake in the code, never the user's."""


def create_application() -> FastAPI:
    """Build the API with the routers that exist.

    Raises:
        RouteWithoutPermission: one of their routes could be called by anybody.
    """
    api = FastAPI(
        title="Boussole",
        version="1",
        description=DESCRIPTION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    errors.install(api)
    api.middleware("http")(Passage())
    for router in routers():
        check_permissions(router)
        api.include_router(router, prefix=PREFIX, responses=errors.REFUSALS)

    @api.get(f"{PREFIX}/docs", include_in_schema=False)
    def documentation(q: Annotated[str, Query(max_length=100)] = "") -> HTMLResponse:
        return HTMLResponse(page(api.openapi(), q))

    return api


def routers() -> Iterator[APIRouter]:
    """Yield the `router` of every module in this folder that has one."""
    for module in sorted(pkgutil.iter_modules([str(Path(__file__).parent)]), key=lambda found: found.name):
        if f"{__package__}.{module.name}" == __name__:
            continue
        router = getattr(importlib.import_module(f"{__package__}.{module.name}"), "router", None)
        if isinstance(router, APIRouter):
            yield router


def check_permissions(router: APIRouter) -> None:
    """Refuse a router with a route that names no permission.

    Raises:
        RouteWithoutPermission: names the route.
    """
    for route in router.routes:
        if not isinstance(route, APIRoute) or permission_of(route.dependant) is None:
            raise RouteWithoutPermission(
                f"{getattr(route, 'path', route)} names no permission: add Depends(allowed(…))"
            )


def permission_of(dependant: Dependant) -> str | None:
    """Return the permission that a route asks for, through any of its dependencies."""
    for dependency in dependant.dependencies:
        found = getattr(dependency.call, "permission", None) or permission_of(dependency)
        if found is not None:
            return str(found)
    return None


application = create_application()
