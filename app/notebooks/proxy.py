"""Hands requests and WebSockets on to an analyst's editor, with the editor's token instead of the browser's cookies."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

import httpx
import websockets
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.notebooks.editors import Editor

# a browser's own credentials stay outside; the editor's stay inside
NOT_PASSED_IN = {
    "cookie",
    "authorization",
    "origin",
    "referer",
    "host",
    "connection",
    "upgrade",
    "transfer-encoding",
    "forwarded",
}
NOT_PASSED_OUT = {
    "set-cookie",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "server",
    "date",
    "content-security-policy",
}
NORMAL_CLOSE, GOING_AWAY = 1000, 1001


def inward(headers: Iterable[tuple[str, str]], editor: Editor) -> list[tuple[str, str]]:
    """Return the headers that the editor gets (its skew-protection header among them)."""
    kept = [
        (name, value)
        for name, value in headers
        if name not in NOT_PASSED_IN and not name.startswith(("sec-", "x-forwarded"))
    ]
    return [*kept, ("authorization", editor.authorization)]


async def pass_request(request: Request, editor: Editor, client: httpx.AsyncClient) -> Response:
    """Answer a request with what the editor answers."""
    editor.touch()
    sent = client.build_request(
        request.method,
        f"{editor.address}{request.url.path}",
        params=request.url.query.encode() or None,
        headers=inward(request.headers.items(), editor),
        content=request.stream() if request.method not in ("GET", "HEAD") else None,
    )
    try:
        answer = await client.send(sent, stream=True)
    except httpx.TransportError:
        return Response("L'éditeur ne répond pas. Rouvrir le carnet depuis Boussole.", status_code=502)
    passed = StreamingResponse(_body(answer), status_code=answer.status_code)
    passed.raw_headers = [
        (name.lower(), value) for name, value in answer.headers.raw if name.lower().decode() not in NOT_PASSED_OUT
    ]
    return passed


async def _body(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for part in answer.aiter_raw():
            yield part
    finally:
        await answer.aclose()


async def pass_websocket(socket: WebSocket, editor: Editor, *, idle_seconds: float) -> None:
    """Connect a browser with its kernel until one of them closes, or the browser is silent for too long."""
    address = f"ws://127.0.0.1:{editor.port}{socket.url.path}" + (f"?{socket.url.query}" if socket.url.query else "")
    own = {"sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions"}
    headers = [(name, value) for name, value in inward(socket.headers.items(), editor) if name not in own]
    try:
        upstream = await websockets.connect(
            address, additional_headers=headers, max_size=None, ping_interval=None, compression=None, proxy=None
        )
    except (OSError, websockets.WebSocketException):
        await socket.close(GOING_AWAY)
        return
    await socket.accept()
    editor.sockets += 1
    try:
        await _until_one_ends(_inward(socket, upstream, editor, idle_seconds), _outward(socket, upstream))
    finally:
        editor.sockets -= 1
        editor.touch()
        await upstream.close()
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            if socket.application_state is not WebSocketState.DISCONNECTED:
                await socket.close(_passed_code(upstream.close_code), upstream.close_reason or None)


async def _until_one_ends(*directions: "asyncio.Future[None] | object") -> None:
    tasks = [asyncio.ensure_future(direction) for direction in directions]  # type: ignore[call-overload]
    _, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _inward(
    socket: WebSocket, upstream: websockets.ClientConnection, editor: Editor, idle_seconds: float
) -> None:
    while True:
        async with asyncio.timeout(idle_seconds):
            message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        editor.touch()
        await upstream.send(message["text"] if message.get("text") is not None else message["bytes"])


async def _outward(socket: WebSocket, upstream: websockets.ClientConnection) -> None:
    async for message in upstream:
        await (socket.send_text(message) if isinstance(message, str) else socket.send_bytes(message))


def _passed_code(code: int | None) -> int:
    """Return the close code for the browser: marimo's own (4xxx) as it is, everything else as a normal end."""
    return code if code is not None and 4000 <= code < 5000 else NORMAL_CLOSE
