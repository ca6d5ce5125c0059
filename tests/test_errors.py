"""Errors by GraphQL: which code a cause has, and that nothing of ours gets out with it."""

from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import pytest
from pymongo.errors import (
    AutoReconnect,
    DuplicateKeyError,
    NetworkTimeout,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from structlog.testing import capture_logs

from domain.errors import (
    BadInput,
    ConsentRequired,
    DocumentNotRegistered,
    DutyFirst,
    Forbidden,
    KenshinError,
    LimitExceeded,
    LinkEnded,
    NotFound,
    NotYetAvailable,
    PersistedQueryNotFound,
    PostcardInTransit,
    RangeTooLarge,
    RateLimited,
    Unauthenticated,
    Unavailable,
)
from schema import http
from tests.api import Api
from tests.world import PASSWORD, World

WHO = "{ viewer { id } }"
SECRET = "mongodb://10.0.0.7 knows the secret of Alice"
INTERNAL = "something went wrong here; quote the request id when you ask"
UNAVAILABLE = "a database does not answer at the moment; try again"

USAGE = """
query ($id: ID!, $at: DateTime!) {
  facility(id: $id) { usage(from: $at, to: "2040-06-15T00:00:00+09:00") { from to } }
}
"""
USAGE_FROM = """
query ($id: ID!) {
  facility(id: $id) { usage(from: %s, to: "2040-06-15T00:00:00+09:00") { from to } }
}
"""
BILLS = "query ($on: Date) { viewer { bills(first: 1, from: $on) { totalCount } } }"
BILLS_FROM = "{ viewer { bills(first: 1, from: %s) { totalCount } } }"

LOCAL_TIMES = ["2040-06-14T00:00:00", "2040-06-14T00:00", "2040-06-14", "20400614"]
NO_TIMES = ["", "yesterday", "2040-06-31T00:00:00+09:00", "2040-06-14T25:00:00Z"]
WRONG_DOCUMENTS = {
    "{ viewer { nothing } }": "Cannot query field 'nothing' on type 'Member'.",
    "{ viewer { id }": "Syntax Error: Expected Name, found <EOF>.",
    "{ viewer }": "Field 'viewer' of type 'Member' must have a selection of subfields.",
    "{ node { id } }": (
        "Argument 'Query.node(id:)' of type 'ID!' is required, but it was not provided."
    ),
}
DOWN: list[type[Exception]] = [
    AutoReconnect,
    NetworkTimeout,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    RedisConnectionError,
]
CODES: dict[type[KenshinError], str] = {
    Unauthenticated: "UNAUTHENTICATED",
    Forbidden: "FORBIDDEN",
    DutyFirst: "FORBIDDEN",
    NotFound: "NOT_FOUND",
    BadInput: "BAD_INPUT",
    RangeTooLarge: "RANGE_TOO_LARGE",
    DocumentNotRegistered: "DOCUMENT_NOT_REGISTERED",
    PersistedQueryNotFound: "PERSISTED_QUERY_NOT_FOUND",
    LimitExceeded: "LIMIT_EXCEEDED",
    RateLimited: "RATE_LIMITED",
    Unavailable: "UNAVAILABLE",
    ConsentRequired: "CONSENT_REQUIRED",
    PostcardInTransit: "POSTCARD_IN_TRANSIT",
    NotYetAvailable: "NOT_YET_AVAILABLE",
    LinkEnded: "LINK_ENDED",
}


def failing(error: Exception) -> Callable[..., Awaitable[NoReturn]]:
    async def fail(*_given: object, **_options: object) -> NoReturn:
        raise error

    return fail


def shown(answer: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Messages of ours and all codes of an answer."""
    errors = answer["errors"]
    messages = [error["message"] for error in errors]
    ours = [text for text in messages if text in {INTERNAL, UNAVAILABLE}]
    return ours, [error["extensions"]["code"] for error in errors]


def kinds_of(kind: type[KenshinError]) -> set[type[KenshinError]]:
    kinds = {kind}
    for finer in kind.__subclasses__():
        kinds |= kinds_of(finer)
    return kinds


class TestTimes:
    async def test_a_time_without_offset_is_refused_with_what_to_write(
        self, api: Api, world: World
    ) -> None:
        place = world.alice.facility_id
        for text in LOCAL_TIMES:
            message = f"DateTime {text!r} has no offset: write e.g. {text}+09:00"
            literal = await api.error(USAGE_FROM % f'"{text}"', world.alice.token, id=place)
            assert literal == ("BAD_INPUT", message)
            variable = await api.error(USAGE, world.alice.token, id=place, at=text)
            assert variable == ("BAD_INPUT", f"Variable '$at' has invalid value: {message}")

    async def test_what_is_no_time_is_refused_with_an_example(self, api: Api, world: World) -> None:
        place = world.alice.facility_id
        for text in NO_TIMES:
            message = f"{text!r} is not an ISO 8601 date and time such as 2026-11-22T10:00:00+09:00"
            literal = await api.error(USAGE_FROM % f'"{text}"', world.alice.token, id=place)
            assert literal == ("BAD_INPUT", message)
            variable = await api.error(USAGE, world.alice.token, id=place, at=text)
            assert variable == ("BAD_INPUT", f"Variable '$at' has invalid value: {message}")

    async def test_a_value_of_another_kind_is_no_time(self, api: Api, world: World) -> None:
        place = world.alice.facility_id
        values: list[Any] = [5, True, None, {}, ["2040-06-14T00:00:00+09:00"]]
        for value in values:
            answer = await api.ask(USAGE, world.alice.token, id=place, at=value)
            assert shown(answer) == ([], ["BAD_INPUT"]), value

    async def test_any_offset_is_taken_and_answered_in_tokyo(self, api: Api, world: World) -> None:
        place = world.alice.facility_id
        midnight = "2040-06-14T00:00:00+09:00"
        for text in (midnight, "2040-06-13T15:00:00Z", "2040-06-13 10:30:00.000-04:30"):
            data = await api.data(USAGE, world.alice.token, id=place, at=text)
            assert data["facility"]["usage"]["from"] == midnight

    async def test_what_is_no_date_is_refused(self, api: Api, world: World) -> None:
        for text in ("2040-02-30", "2040-06-01T00:00:00Z", "", "today"):
            code, message = await api.error(BILLS_FROM % f'"{text}"', world.alice.token)
            assert code == "BAD_INPUT"
            assert message.startswith(f'Value cannot represent a Date: "{text}".')
            assert await api.code(BILLS, world.alice.token, on=text) == "BAD_INPUT"


class TestDocuments:
    async def test_a_wrong_document_is_bad_input_with_the_place(self, api: Api) -> None:
        for query, message in WRONG_DOCUMENTS.items():
            answer = await api.ask(query)
            (error,) = answer["errors"]
            assert answer.keys() == {"errors", "extensions"}
            assert error["extensions"] == {"code": "BAD_INPUT"}
            assert error["message"] == message
            assert error["locations"][0]["line"] == 1

    @pytest.mark.parametrize(
        ("kind", "field"), [("query", "__typename"), ("mutation", "logOut { userErrors { code } }")]
    )
    async def test_a_document_that_would_keep_others_waiting_is_not_read(
        self, api: Api, kind: str, field: str
    ) -> None:
        def many(count: int) -> str:
            return f"{kind} {{ {' '.join(f'a{number}: {field}' for number in range(count))} }}"

        message = "a document must have at most 2000 tokens"
        assert await api.error(many(670)) == ("LIMIT_EXCEEDED", message)
        assert len(await api.data(many(20))) == 20

    async def test_every_mistake_of_a_document_is_told(self, api: Api) -> None:
        answer = await api.ask("{ one two viewer { three } }")
        assert shown(answer) == ([], ["BAD_INPUT"] * 3)

    async def test_a_document_is_refused_alike_the_second_time(self, api: Api) -> None:
        answers = [await api.ask("{ viewer { nothing } }") for _ in range(2)]
        assert answers[0] == answers[1]
        assert shown(answers[0]) == ([], ["BAD_INPUT"])


class TestInternal:
    async def test_an_unexpected_exception_gives_a_request_id_and_is_logged_under_it(
        self, api: Api, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        error = RuntimeError(SECRET)
        monkeypatch.setattr(api.sources.members, "by_ids", failing(error))
        with capture_logs() as logs:
            response = await api.post({"query": WHO}, world.alice.token)
        (told,) = response.json()["errors"]
        request_id = told["extensions"].pop("requestId")
        assert response.status_code == 200
        assert response.json()["data"] == {"viewer": None}
        assert told.pop("locations") == [{"line": 1, "column": 3}]
        assert told == {
            "message": INTERNAL,
            "path": ["viewer"],
            "extensions": {"code": "INTERNAL"},
        }
        assert "secret" not in response.text
        assert len(request_id) == 16
        logged = [log for log in logs if log["event"] == "internal error"]
        assert logged == [
            {
                "event": "internal error",
                "log_level": "error",
                "request_id": request_id,
                "exc_info": error,
            }
        ]

    async def test_nothing_of_what_was_asked_is_logged_of_a_good_request(
        self, api: Api, world: World
    ) -> None:
        with capture_logs() as logs:
            await api.data(WHO, world.alice.token)
        (log,) = [log for log in logs if log["event"] == "request"]
        assert log.keys() == {"event", "log_level", "kind", "path", "status", "ms", "request_id"}
        assert world.alice.token not in str(logs)

    @pytest.mark.parametrize("kind", [ValueError, TypeError, KeyError, DuplicateKeyError])
    async def test_no_kind_of_mistake_of_ours_passes_for_the_client_s(
        self, api: Api, world: World, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
    ) -> None:
        monkeypatch.setattr(api.sources.members, "by_ids", failing(kind(SECRET)))
        with capture_logs():
            assert await api.error(WHO, world.alice.token) == ("INTERNAL", INTERNAL)

    async def test_the_other_fields_are_still_answered(
        self, api: Api, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(api.sources.members, "by_ids", failing(RuntimeError(SECRET)))
        with capture_logs():
            answer = await api.ask(
                '{ viewer { id } portal(key: "hepco") { key } }', world.alice.token
            )
        assert answer["data"] == {"viewer": None, "portal": {"key": "hepco"}}

    async def test_an_exception_outside_of_graphql_is_a_500_with_a_request_id(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_given: object) -> NoReturn:
            raise RuntimeError(SECRET)

        monkeypatch.setattr(http, "answered", fail)
        with capture_logs() as logs:
            response = await api.post({"query": WHO})
        (told,) = response.json()["errors"]
        assert response.status_code == 500
        assert response.headers["content-type"] == "application/json"
        assert told["message"] == INTERNAL
        assert told["extensions"]["code"] == "INTERNAL"
        assert "secret" not in response.text
        ids = {log["request_id"] for log in logs if log["event"] == "internal error"}
        assert ids == {told["extensions"]["requestId"]}


class TestCodes:
    def test_every_error_for_clients_has_its_code(self) -> None:
        assert kinds_of(KenshinError) - {KenshinError} == set(CODES)

    async def test_an_error_for_clients_comes_with_its_code_and_message(
        self, api: Api, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for kind, code in CODES.items():
            monkeypatch.setattr(api.sources.members, "by_ids", failing(kind(f"told: {code}")))
            assert await api.error(WHO, world.alice.token) == (code, f"told: {code}")

    async def test_a_database_that_does_not_answer_is_unavailable(
        self, api: Api, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for kind in DOWN:
            monkeypatch.setattr(api.sources.members, "by_ids", failing(kind(SECRET)))
            with capture_logs() as logs:
                answer = await api.ask(WHO, world.alice.token)
            assert shown(answer) == ([UNAVAILABLE], ["UNAVAILABLE"]), kind
            warned = [log for log in logs if log["log_level"] == "warning"]
            assert [log["error"] for log in warned] == [kind.__name__]

    async def test_a_session_that_cannot_be_looked_up_is_unavailable_not_refused(
        self, api: Api, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        down = failing(ServerSelectionTimeoutError(SECRET))
        monkeypatch.setattr(api.sources.sessions, "by_access_tokens", down)
        with capture_logs():
            assert await api.error(WHO, world.alice.token) == ("UNAVAILABLE", UNAVAILABLE)
        monkeypatch.undo()
        assert await api.data(WHO, world.alice.token) == {"viewer": {"id": world.alice.member_id}}

    @pytest.mark.usefixtures("world")
    async def test_a_log_in_that_cannot_be_stored_is_unavailable(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(api.sources.sessions, "open", failing(AutoReconnect(SECRET)))
        query = "mutation ($input: LogInInput!) { logIn(input: $input) { userErrors { code } } }"
        given = {"portal": "hepco", "loginId": "carol", "password": PASSWORD}
        with capture_logs():
            answer = await api.ask(query, input=given)
        assert answer["data"] is None
        assert shown(answer) == ([UNAVAILABLE], ["UNAVAILABLE"])
