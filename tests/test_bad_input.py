"""What nobody sends in good faith: refused with a code, early, which is counted in what was read."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

import httpx
import orjson
import pytest
from graphql.language.lexer import Lexer
from starlette.types import Message, Receive, Scope, Send

from domain.settings import Settings
from schema import http
from tests.api import Api
from tests.world import World

JSON = {"content-type": "application/json"}
MEGABYTE: Final = 1 << 20
TOKENS: Final = 2_000
VISIBLE: Final = {"BAD_INPUT", "LIMIT_EXCEEDED", "RANGE_TOO_LARGE", "NOT_FOUND", "UNAUTHENTICATED"}
"Codes that say what the client did wrong."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, max_document_tokens=TOKENS, cost_per_minute_address=0)


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """As many items as tokens were read."""
    read: list[int] = []
    real = Lexer.read_next_token

    def counting(self: Lexer, start: int) -> Any:
        read.append(start)
        return real(self, start)

    monkeypatch.setattr(Lexer, "read_next_token", counting)
    return read


async def send(api: Api, body: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return await api.client.post("/graphql", content=body, headers=JSON | named)


def refused(response: httpx.Response) -> str:
    """Code of the only error, of an answer without data."""
    answer = response.json()
    assert answer.keys() <= {"errors", "extensions"}
    (error,) = answer["errors"]
    return str(error["extensions"]["code"])


def bomb(fragments: int, copies: int) -> str:
    """A document that would be `copies ** fragments` fields with its fragments put in their places."""
    texts = [
        f"fragment f{at} on __Type {{ "
        + " ".join(f"a{copy}: ofType {{ ...f{at + 1} }}" for copy in range(copies))
        + " }"
        for at in range(fragments)
    ]
    last = f"fragment f{fragments} on __Type {{ name }}"
    return " ".join(['{ __type(name: "Query") { ...f0 } }', *texts, last])


DOCUMENTS: dict[str, str] = {
    "deep nesting": "{ node(id: 1) " * 5_000 + "{ id }" + "}" * 5_000,
    "braces": "{" * 5_000,
    "lists": "{ nodes(ids: " + "[" * 5_000 + "]" * 5_000 + ") { id } }",
    "aliases": "{" + " ".join(f"a{at}: __typename" for at in range(50_000)) + "}",
    "few aliases too many": "{" + " ".join(f"a{at}: __typename" for at in range(200)) + "}",
    "fragment bomb": bomb(15, 3),
    "fragment circle": "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
    "comment": "{ __typename } #" + "x" * (MEGABYTE - 1_000),
    "spaces": "{ __typename }" + "," * (MEGABYTE - 1_000),
    "directives": "{ __typename " + "@skip(if: false) " * 1_500 + "}",
    "long string": '{ node(id: "' + "x" * (MEGABYTE - 1_000) + '") { id } }',
    "long number": "{ nodes(ids: " + "9" * 100_000 + ") { id } }",
    "NUL": "{ \0 }",
    "escaped surrogate": '{ node(id: "\\uD800") { id } }',
}


async def test_a_document_is_refused_after_few_tokens(api: Api, tokens: list[int]) -> None:
    for name, document in DOCUMENTS.items():
        body = orjson.dumps({"query": document})
        assert len(body) <= MEGABYTE
        tokens.clear()
        response = await send(api, body)
        assert refused(response) in {"BAD_INPUT", "LIMIT_EXCEEDED"}, name
        assert len(tokens) <= 2 * (TOKENS + 2), name  # who tells a syntax error parses once more


BODIES: dict[str, bytes] = {
    "deep JSON": b'{"query":"{ __typename }","variables":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001,
    "deep list": b'{"query":"{ __typename }","extensions":{"a":' + b"[" * 900 + b"]" * 900 + b"}}",
    "invalid UTF-8": b'{"query":"{ portal(key: \\"\xff\xfe\\") { key } }"}',
    "overlong UTF-8": b'{"query":"{ portal(key: \\"\xc0\xaf\\") { key } }"}',
    "surrogate": b'{"query":"{ portal(key: \\"\\ud800\\") { key } }"}',
    "NUL bytes": b'{"query":"{ __typename }"\0}',
    "only NUL": b"\0" * 1_000,
    "UTF-16": '{"query":"{ __typename }"}'.encode("utf-16"),
    "duplicate query": b'{"query":"{ __typename }","query":"{ viewer { id } }"}',
    "duplicate by escape": b'{"query":"{ __typename }","\\u0071uery":"{ viewer { id } }"}',
    "duplicate variable": b'{"query":"query($a:Int){__typename}","variables":{"a":1,"a":2}}',
    "batch": b'[{"query":"{ __typename }"},{"query":"{ __typename }"}]',
    "large batch": b"[" + b'{"query":"{ __typename }"},' * 30_000 + b"0]",
    "two values": b'{"query":"{ __typename }"}{}',
    "not a number": b'{"query":"{ __typename }","variables":{"a":NaN}}',
}


async def test_a_body_is_refused_before_its_document_is_read(api: Api, tokens: list[int]) -> None:
    for name, body in BODIES.items():
        response = await send(api, body)
        assert (response.status_code, refused(response)) == (400, "BAD_INPUT"), name
        assert tokens == [], name


class Reading:
    """ASGI middleware that counts the bytes of bodies that an application asked for."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counting() -> Message:
            message = await receive()
            self.bytes += len(message.get("body", b""))
            return message

        await self._app(scope, counting, send)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Reading:
    """Counts what the GraphQL view reads."""
    counting = Reading(None)
    real = http.GraphQLView.__call__

    async def call(self: Any, scope: Scope, receive: Receive, send: Send) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await real(self, scope, receive, send)

        counting._app = app
        await counting(scope, receive, send)

    monkeypatch.setattr(http.GraphQLView, "__call__", call)
    return counting


async def test_ten_megabytes_are_refused_unread(api: Api, reading: Reading) -> None:
    response = await send(api, b" " * 10 * MEGABYTE)
    assert (response.status_code, refused(response), reading.bytes) == (413, "BAD_INPUT", 0)


async def test_without_a_length_no_more_is_read_than_the_limit(api: Api, reading: Reading) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 100_000

    response = await api.client.post("/graphql", content=parts(), headers=JSON)
    assert (response.status_code, refused(response)) == (413, "BAD_INPUT")
    assert MEGABYTE < reading.bytes < 2 * MEGABYTE


async def test_a_gzip_bomb_is_not_even_read(api: Api, reading: Reading) -> None:
    packed = gzip.compress(b" " * 10 * MEGABYTE, 1)
    for coding in ("gzip", "br", "zstd", "deflate", "gzip, gzip"):
        response = await send(api, packed, content_encoding=coding)
        assert (response.status_code, refused(response), reading.bytes) == (415, "BAD_INPUT", 0)


WRONG_VARIABLES: list[Any] = [5, "x", True, [], {}, [[1]], {"a": 1}, 1.5]


DECLARED: Final = [
    ("Int", (int,), "{ viewer { facilities(first: $it) { totalCount } } }"),
    ("[ID!]!", (list, int, str), "{ nodes(ids: $it) { id } }"),
    ("String!", (str,), "{ portal(key: $it) { key } }"),
    ("LogInInput!", (), "{ logIn(input: $it) { session { id } } }"),
]
"Types of a variable, the kinds of JSON that may be one, and where it is used."


async def test_variables_of_another_kind_are_told(api: Api) -> None:
    for declared, right, selection in DECLARED:
        kind = "mutation" if "logIn" in selection else "query"
        document = f"{kind}($it: {declared}) {selection}"
        for wrong in [*WRONG_VARIABLES, None if "!" in declared else "1"]:
            if isinstance(wrong, right) and not isinstance(wrong, bool):
                continue
            response = await api.post({"query": document, "variables": {"it": wrong}})
            assert refused(response) == "BAD_INPUT", (declared, wrong)


async def test_nul_in_a_text_is_a_text_that_is_nowhere(api: Api, world: World) -> None:
    token = world.alice.token
    log_in = {"portal": "mirai\0", "loginId": "a\0b", "password": "\0" * 8}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("query($a: String!) { portal(key: $a) { key } }", {"a": "mirai\0"}),
        ("query($a: ID!) { node(id: $a) { id } }", {"a": "\0"}),
        ("query($a: String!) { postalCode(code: $a) { prefecture } }", {"a": "100\0"}),
        (
            "query($a: String) { viewer { facilities(search: $a) { totalCount } } }",
            {"a": "\0"},
        ),
        ("query($a: String) { viewer { facilities(after: $a) { totalCount } } }", {"a": "\0"}),
        (
            "mutation($a: LogInInput!) { logIn(input: $a) { userErrors { code } } }",
            {"a": log_in},
        ),
    ]
    for query, variables in asked:
        answer = await api.ask(query, token, **variables)
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= VISIBLE, (query, answer)


ADDRESSES: Final = [
    ("query=%FF", "the address must be UTF-8"),
    ("query=%7B__typename%7D&query=%7Ba%7D", "a parameter must not be given twice"),
    (
        "query=%7B__typename%7D&variables=%7B%22a%22:1,%22a%22:2%7D",
        "variables must not give a name twice",
    ),
    ("query=%7B__typename%7D&extensions=[]", "extensions must be one JSON object"),
]


async def test_an_address_is_refused_as_a_body_is(api: Api) -> None:
    for address, message in ADDRESSES:
        response = await api.client.get(
            f"/graphql?{address}", headers={"accept": "application/json"}
        )
        assert (response.status_code, refused(response)) == (400, "BAD_INPUT")
        assert response.json()["errors"][0]["message"] == message


LINES: Final = [
    b"content-length: x",
    b"content-length: 1\r\ncontent-length: 2",
    b"content-length: 2\r\ntransfer-encoding: chunked",
    b"transfer-encoding: gzip, chunked\r\ntransfer-encoding: identity",
    b"no colon",
    b"nul: \0",
]


async def test_a_head_that_is_no_http_is_400_and_the_connection_ends(api: Api) -> None:
    for line in LINES:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(b"POST /graphql HTTP/1.1\r\nhost: x\r\n" + line + b"\r\n\r\n{}")
        async with asyncio.timeout(20):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 400 "), (line, answer)
        writer.close()


async def test_a_socket_refuses_names_that_come_twice(api: Api) -> None:
    async with api.raw_socket() as socket:
        await socket.send('{"type":"connection_init","type":"ping"}')
        await socket.wait_closed()
        assert (socket.close_code, socket.close_reason) == (
            4400,
            "a message must not give a name twice",
        )
