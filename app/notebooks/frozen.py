"""Shows a frozen notebook: HTML that an analyst wrote, so it runs sandboxed and may load marimo's files only."""

from collections.abc import Callable

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from app.notebooks.assets import ADDRESS
from db.kernel.errors import BusinessError

NOTHING_THERE = "Ce carnet figé manque ou a été altéré : il n'est pas montré."


def frozen_response(sha256: str, read: Callable[[str], bytes], origin: str) -> Response:
    """Return the page of a frozen notebook, or the sentence why not."""
    try:
        content = read(sha256)
    except (BusinessError, OSError):
        return PlainTextResponse(NOTHING_THERE, status_code=404)
    return HTMLResponse(content, headers={"content-security-policy": policy(origin)})


def policy(origin: str) -> str:
    """Return the sandbox: scripts run, but without our origin, cookies, forms, pop-ups or any request to elsewhere."""
    assets = f"{origin}{ADDRESS}/"
    return "; ".join(
        (
            "sandbox allow-scripts",
            "default-src 'none'",
            f"script-src 'unsafe-inline' 'unsafe-eval' blob: {assets}",
            f"style-src 'unsafe-inline' {assets}",
            f"font-src data: {assets}",
            f"img-src data: blob: {assets}",
            f"connect-src data: blob: {assets}",
            "worker-src blob:",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
