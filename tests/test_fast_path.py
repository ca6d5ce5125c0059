"""Queries over HTTP go the fast way; wrong ones are refused as over WebSocket."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest

import schema
from domain.slots import TOKYO
from schema.execution.executor import FastExecutor
from tests.api import NOW, Api
from tests.world import World

DAY = 'from: "2040-06-14T00:00:00+09:00", to: "2040-06-15T00:00:00+09:00"'
FACILITY = "query ($id: ID!) {{ facility(id: $id) {{ {} }} }}"
TYPICAL = [
    FACILITY.format(f"usage({DAY}) {{ points {{ startAt endAt kwh yen quality }} cursor }}"),
    FACILITY.format(f"usage({DAY}) {{ totalKwh columns {{ startAt kwh yen quality }} }}"),
    FACILITY.format(
        f"usage({DAY}, resolution: HOUR) {{ ...s comparedWith(what: YEAR_BEFORE) {{ ...s }} }}"
    )
    + " fragment s on UsageSeries { points { kwh } peak { kwh } coverage { missing { from to } } }",
    FACILITY.format(f"usageProfile({DAY}) {{ points {{ group averageKwh }} }} today {{ kwh }}"),
    FACILITY.format("name address { city } contracts { plan } latestReading { kwh quality }"),
    "query ($id: ID!) { node(id: $id) { id __typename ... on Facility { name } } }",
    "query ($id: ID!) { nodes(ids: [$id]) { ... on Facility { bills(first: 3) { totalCount } } } }",
    '{ viewer { loginId facilities(first: 9, filter: {area: "東京"}) { nodes { name } } } }',
    '{ portal(key: "denki-jtb") { name } }',
    "{ __typename }",
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[FastExecutor]:
    """Executors that fell back to the stock way; all work as they do."""
    fell_back: list[FastExecutor] = []
    stock = FastExecutor.execute_operation

    def noted(executor: FastExecutor) -> Any:
        fell_back.append(executor)
        return stock(executor)

    monkeypatch.setattr(FastExecutor, "execute_operation", noted)
    return fell_back


class TestTaken:
    @pytest.mark.parametrize("query", TYPICAL)
    async def test_a_typical_query_never_asks_the_stock_executor(
        self, api: Api, world: World, asked: list[FastExecutor], query: str
    ) -> None:
        await world.use(world.alice.facility, date(2040, 6, 14), days=1)
        variables = {"id": world.alice.facility_id} if "$id" in query else {}
        await api.data(query, world.alice.token, **variables)
        assert asked == []

    async def test_introspection_is_left_to_the_stock_executor(
        self, api: Api, world: World, asked: list[FastExecutor]
    ) -> None:
        query = "{ __schema { queryType { name } } __typename }"
        data = await api.data(query, world.alice.token)
        assert data == {"__schema": {"queryType": {"name": "Query"}}, "__typename": "Query"}
        assert len(asked) == 1

    async def test_an_error_of_a_resolver_is_told_by_the_stock_executor(
        self, api: Api, world: World, asked: list[FastExecutor]
    ) -> None:
        query = FACILITY.format("name")
        assert await api.code(query, world.bob.token, id=world.alice.facility_id) == "NOT_FOUND"
        assert len(asked) == 1


USAGE = f"usage({DAY}) {{ totalKwh }}"
WRONG = {
    "an unknown field": "{ viewer { loginID } }",
    "a field without its selection": "{ viewer }",
    "a selection of a plain value": "{ viewer { loginId { id } } }",
    "an unknown argument": '{ facility(id: "x", number: 1) { name } }',
    "a missing argument": "{ facility { name } }",
    "an argument of another type": "{ viewer { facilities(first: {}) { totalCount } } }",
    "an unknown enum value": '{ facility(id: "x") { latestReading(direction: UP) { kwh } } }',
    "a fragment that spreads itself": "{ viewer { ...a } } fragment a on Member { id ...a }",
    "fragments that spread each other": (
        "{ ...a } fragment a on Query { ...b } fragment b on Query { viewer { id } ...a }"
    ),
    "an unknown fragment": "{ viewer { ...a } }",
    "a fragment that is not used": "{ viewer { id } } fragment a on Member { id }",
    "a fragment that can never match": "{ viewer { ... on Facility { id } } }",
    "a fragment on an unknown type": "{ viewer { ... on Person { id } } }",
    "two fields of one alias": "{ viewer { a: id a: loginId } }",
    "two arguments of one field": (
        f'{{ facility(id: "x") {{ {USAGE} ...b }} }} fragment b on Facility '
        f"{{ usage({DAY}, direction: EXPORT) {{ totalKwh }} }}"
    ),
    "a directive in a wrong place": "query @include(if: true) { viewer { id } }",
    "an unknown directive": "{ viewer @defer { id } }",
    "a directive twice": "{ viewer @skip(if: false) @skip(if: true) { id } }",
    "a directive without its condition": "{ viewer @include { id } }",
    "an unknown variable": "{ facility(id: $id) { name } }",
    "a variable that is not used": "query ($id: ID!) { viewer { id } }",
    "a variable of another type": "query ($id: Int!) { facility(id: $id) { name } }",
    "a nullable condition": "query ($a: Boolean) { viewer @skip(if: $a) { id } }",
    "a variable that is not given": "query ($id: ID!) { facility(id: $id) { name } }",
    "several operations without a name": "query a { __typename } query b { __typename }",
    "two operations of one name": "query a { __typename } query a { __typename }",
}
TOO_DEEP = "Syntax Error: Document is nested too deeply. Parsing aborted."
UNREADABLE = {
    "no document": (" ", "Syntax Error: Unexpected <EOF>."),
    "no end": ("{ viewer { id }", "Syntax Error: Expected Name, found <EOF>."),
    "only a fragment": ("fragment a on Member { id }", "Fragment 'a' is never used."),
    "deep selections": ("{ a " * 3000 + "}" * 3000, TOO_DEEP),
    "deep lists": (f"{{ nodes(ids: {'[' * 3000}{']' * 3000}) {{ id }} }}", TOO_DEEP),
}
"What the socket is closed for, with the message over HTTP."


async def over_socket(api: Api, query: str) -> list[dict[str, Any]]:
    """Errors of a query over WebSocket, which knows no fast path."""
    async with api.socket() as socket:
        await socket.subscribe("wrong", query)
        message = await socket.receive()
        payload = message["payload"]
        return list(payload if message["type"] == "error" else payload["errors"])


def refusals(response: httpx.Response) -> Any:
    """Errors of an answer without data."""
    answer = response.json()
    assert answer.keys() == {"errors", "extensions"}
    return answer["errors"]


class TestWrongQueries:
    @pytest.mark.parametrize("query", WRONG.values(), ids=WRONG.keys())
    async def test_a_wrong_query_is_refused_with_the_errors_that_the_socket_has(
        self, api: Api, query: str
    ) -> None:
        errors = await over_socket(api, query)
        assert {error["extensions"]["code"] for error in errors} == {"BAD_INPUT"}
        for _ in range(2):
            response = await api.post({"query": query})
            assert (response.status_code, refusals(response)) == (HTTPStatus.OK, errors)
        accept = {"accept": "application/json"}
        got = await api.client.get("/graphql", params={"query": query}, headers=accept)
        assert (got.status_code, refusals(got)) == (HTTPStatus.OK, errors)

    @pytest.mark.parametrize(("query", "message"), UNREADABLE.values(), ids=UNREADABLE.keys())
    async def test_what_cannot_be_read_is_refused_with_one_error(
        self, api: Api, query: str, message: str
    ) -> None:
        for _ in range(2):
            response = await api.post({"query": query})
            (error,) = response.json()["errors"]
            assert (response.status_code, error["message"]) == (HTTPStatus.OK, message)
            assert error["extensions"] == {"code": "BAD_INPUT"}
            assert "data" not in response.json()

    @pytest.mark.parametrize("value", [None, "yes", 1, [True]])
    async def test_a_wrong_condition_is_refused_with_the_error_that_the_socket_has(
        self, api: Api, value: Any
    ) -> None:
        query = "query ($a: Boolean = true) { __typename @include(if: $a) }"
        async with api.socket() as socket:
            await socket.subscribe("wrong", query, a=value)
            wanted = (await socket.receive())["payload"]
        errors = wanted if isinstance(wanted, list) else wanted["errors"]
        response = await api.post({"query": query, "variables": {"a": value}})
        assert response.status_code == HTTPStatus.OK
        assert response.json()["errors"] == errors
        assert response.json().get("data") is None

    async def test_selections_nested_as_deep_as_they_parse_are_answered(self, api: Api) -> None:
        query = "{ " + "... { " * 150 + "__typename" + " }" * 151
        assert await api.data(query) == {"__typename": "Query"}


SERIES = """query ($id: ID!, $from: DateTime!, $to: DateTime!) { facility(id: $id) {
  usage(from: $from, to: $to) {
    points { startAt endAt kwh yen quality revision missingHalfHours __typename }
    columns { startAt kwh yen quality } totalKwh peak { kwh } coverage { expected present }
  }
} }"""
ROOT = Path(schema.__file__).parents[1]
OURS = tuple(str(ROOT / name) for name in ("schema", "resolvers", "domain", "datasources"))
LIBRARIES = ("/graphql/", "/strawberry/", "/numpy/", "/bson/")
MOST_MORE_CALLS = (730 - 31) * 48 // 5


class Calls:
    """Calls of and from Python code of ours and of the libraries between us and the transport."""

    def __init__(self) -> None:
        self.count = 0
        self._counts: dict[str, bool] = {}

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        file = frame.f_code.co_filename
        if file not in self._counts:
            ours = file.startswith(OURS)
            self._counts[file] = ours or any(library in file for library in LIBRARIES)
        self.count += self._counts[file] and event in {"call", "c_call"}


@contextmanager
def counted() -> Iterator[Calls]:
    calls = Calls()
    sys.setprofile(calls)
    try:
        yield calls
    finally:
        sys.setprofile(None)


class TestCalls:
    async def test_the_number_of_python_calls_does_not_grow_with_the_points(
        self, api: Api, world: World
    ) -> None:
        end = NOW.astimezone(TOKYO).replace(hour=0, minute=0)
        await world.use(world.alice.facility, (end - timedelta(days=730)).date(), days=730)
        await points(api, world, end, 2)  # what is made once is made
        with counted() as month:
            assert await points(api, world, end, 31) == 31 * 48
        with counted() as two_years:
            assert await points(api, world, end, 730) == 35_040
        # A call for every point would be 33,552 more; calls for every thousand of them are few.
        assert two_years.count - month.count < MOST_MORE_CALLS


async def points(api: Api, world: World, end: datetime, days: int) -> int:
    start = (end - timedelta(days=days)).isoformat()
    given = {"id": world.alice.facility_id, "from": start, "to": end.isoformat()}
    data = await api.data(SERIES, world.alice.token, **given)
    return len(data["facility"]["usage"]["points"])
