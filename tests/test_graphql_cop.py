"""The thirteen checks of graphql-cop, made again from what they look for: none may find anything.

Each sends what the tool sends, without a token and with the headers of a simple client.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx

from tests.api import Api

CIRCLE = "fields { type { " * 4 + "name" + " } }" * 4
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def answer(api: Api, query: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.post({"query": query, "operationName": "cop"})).json()
    assert found.keys() <= {"data", "errors", "extensions"}
    return found


def is_refused(found: dict[str, Any]) -> bool:
    """Whether there is no data, and every error has a code that is the client's fault."""
    codes = {error["extensions"]["code"] for error in found["errors"]}
    return "data" not in found and codes <= {"BAD_INPUT", "LIMIT_EXCEEDED", "UNAUTHENTICATED"}


def has_data(response: httpx.Response) -> bool:
    try:
        return "data" in response.json()
    except ValueError:
        return False


async def alias_overloading(api: Api) -> None:
    aliases = " ".join(f"alias{number}: __typename" for number in range(101))
    assert is_refused(await answer(api, f"query cop {{ {aliases} }}"))


async def batch_queries(api: Api) -> None:
    one = {"query": "query cop { __typename }", "operationName": "cop"}
    response = await api.post([one] * 10)
    assert (response.status_code, is_refused(response.json())) == (400, True)


async def directive_overloading(api: Api) -> None:
    for directives in ("@aa" * 10, "@skip(if: false)" * 10, "@aa" * 500):
        found = await answer(api, f"query cop {{ __typename {directives} }}")
        assert is_refused(found)
        assert len(found["errors"]) < 10, directives


async def circular_query_by_introspection(api: Api) -> None:
    found = await answer(api, f"query cop {{ __schema {{ types {{ {CIRCLE} }} }} }}")
    assert is_refused(found)


async def field_duplication(api: Api) -> None:
    assert is_refused(await answer(api, f"query cop {{ {'__typename ' * 500} }}"))


async def introspection(api: Api) -> None:
    for query in ("{ __schema { directives { name } } }", '{ __type(name: "Query") { name } }'):
        assert is_refused(await answer(api, f"query cop {query}"))


async def field_suggestions(api: Api) -> None:
    for query in (
        "{ __schema { directive } }",
        "{ viewr { id } }",
        '{ portal(ky: "mirai") { key } }',
    ):
        found = await answer(api, f"query cop {query}")
        assert is_refused(found)
        assert "Did you mean" not in str(found)


async def graphql_ide(api: Api) -> None:
    """At `/` is the member's page, where it was built."""
    for path in ("/graphiql", "/playground", "/console", "/graphql", "/"):
        for headers in ({}, BROWSER):
            response = await api.client.get(path, headers=headers)
            assert response.status_code in ({200, 404} if path == "/" else {400, 404})
            assert not [
                word for word in ("graphiql", "playground") if word in response.text.lower()
            ]


async def queries_over_get(api: Api) -> None:
    response = await api.client.get("/graphql", params={"query": "query cop { __typename }"})
    assert not has_data(response)


async def mutations_over_get(api: Api) -> None:
    for headers in ({}, {"accept": "application/json"}):
        response = await api.client.get(
            "/graphql", params={"query": "mutation cop { __typename }"}, headers=headers
        )
        assert response.status_code in {400, 405}
        assert not has_data(response)


async def posts_that_are_no_json(api: Api) -> None:
    fields = {"query": "query cop { __typename }"}
    responses = [
        await api.client.post("/graphql", params=fields),
        await api.client.post("/graphql", data=fields),
        await api.client.post("/graphql", files={"operations": (None, str(fields))}),
        await api.client.post(
            "/graphql", content=str(fields), headers={"content-type": "text/plain"}
        ),
    ]
    assert [response.status_code for response in responses] == [415] * 4
    assert not any(map(has_data, responses))


async def trace_mode(api: Api) -> None:
    for query in ("query cop { __typename }", "query cop { nothing }"):
        found = str(await answer(api, query)).lower()
        assert not [word for word in ("tracing", "exception", "stacktrace") if word in found]


async def unhandled_errors(api: Api) -> None:
    found = await answer(api, "qwerty cop { abc }")
    assert is_refused(found)
    assert [error["extensions"].keys() for error in found["errors"]] == [{"code"}]


CHECKS: Sequence[Callable[[Api], Awaitable[None]]] = (
    alias_overloading,
    batch_queries,
    directive_overloading,
    circular_query_by_introspection,
    field_duplication,
    introspection,
    field_suggestions,
    graphql_ide,
    queries_over_get,
    mutations_over_get,
    posts_that_are_no_json,
    trace_mode,
    unhandled_errors,
)


async def test_none_of_the_thirteen_checks_finds_anything(api: Api) -> None:
    assert len(CHECKS) == 13
    for check in CHECKS:
        await check(api)
