"""The limit: an ASGI application that reads a GraphQL request and sends an answer that it has."""

import os
from pathlib import Path
from typing import Any, Final

import orjson
from starlette.types import Message, Receive, Scope, Send

_FOLDER: Final = Path(os.environ["PEER_ANSWERS"])


def _key(body: bytes) -> tuple[str, Any, Any]:
    request = orjson.loads(body)
    variables = request["variables"]
    return request["query"], variables["from"], variables["to"]


_ANSWERS: Final = {
    _key(request.read_bytes()): request.with_suffix(".answer").read_bytes()
    for request in _FOLDER.glob("*.request")
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        raise NotImplementedError("only HTTP is answered")
    answer = _ANSWERS[_key(await _body(receive))]
    length = b"%d" % len(answer)
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def _body(receive: Receive) -> bytes:
    message: Message = await receive()
    body: bytes = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    return body
