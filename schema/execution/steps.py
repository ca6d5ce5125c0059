"""What plans are made of: small functions that complete values."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import CoroutineType
from typing import Any, Final

from graphql import GraphQLLeafType, Undefined
from graphql.pyutils import Path

Trail = tuple["Trail | None", str | int, str | None]
"A path that few ask for: that of the parent, the key, and the name of the parent's type."

Run = Callable[[Any, Any, Trail | None], Any]
"Called with (value, executor, path)."

_NO_VALUES: Final = (Exception, CoroutineType)


class Unplanned(Exception):
    """A plan cannot do this."""


@dataclass(frozen=True, slots=True)
class Step:
    run: Run
    waits: bool = False
    "Whether `run` gives a coroutine. It may raise before that."


def path_of(trail: Trail | None) -> Path | None:
    """The path as resolvers know it."""
    return None if trail is None else Path(path_of(trail[0]), trail[1], trail[2])


def constant(value: Any) -> Step:
    return Step(lambda _value, _executor, _path: value)


def leaf(kind: GraphQLLeafType) -> Step:
    coerce = kind.coerce_output_value

    def run(value: Any, _executor: Any, _path: Trail | None) -> Any:
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise Unplanned
        return coerced

    return Step(run)


def required(step: Step) -> Step:
    """A value that must not be null."""
    run = step.run

    def present(value: Any, executor: Any, path: Trail | None) -> Any:
        if value is None:
            raise Unplanned
        if isinstance(value, _NO_VALUES):
            _refuse(value)
        return run(value, executor, path)

    return Step(present, step.waits)


def optional(step: Step) -> Step:
    """A value that may be null."""
    run = step.run

    def at_once(value: Any, executor: Any, path: Trail | None) -> Any:
        if value is None:
            return None
        if isinstance(value, _NO_VALUES):
            _refuse(value)
        return run(value, executor, path)

    def waited(value: Any, executor: Any, path: Trail | None) -> Any:
        if value is None:
            return _nothing()
        if isinstance(value, _NO_VALUES):
            _refuse(value)
        return run(value, executor, path)

    return Step(waited if step.waits else at_once, step.waits)


async def _nothing() -> None:
    """The null of a step that waits."""


def _refuse(value: Any) -> None:
    """Raises Unplanned for an error that was returned, and for a coroutine that nobody announced."""
    if isinstance(value, CoroutineType):
        value.close()
    raise Unplanned


def checked(check: Callable[[Any, Any], None] | None, fetch: Run) -> Run:
    """`fetch` after a check with (parent value, context), if there is one."""
    if check is None:
        return fetch

    def run(value: Any, executor: Any, path: Trail | None) -> Any:
        check(value, executor.context_value)
        return fetch(value, executor, path)

    return run


def fetched(key: str, parent: str, fetch: Run, fetch_waits: bool, complete: Step) -> Step:
    """A field: what `fetch` gives for the parent, completed."""
    run = complete.run

    def at_once(value: Any, executor: Any, path: Trail | None) -> Any:
        here = (path, key, parent)
        return run(fetch(value, executor, here), executor, here)

    async def waited(value: Any, executor: Any, path: Trail | None) -> Any:
        here = (path, key, parent)
        found = fetch(value, executor, here)
        completed = run(await found if fetch_waits else found, executor, here)
        return await completed if complete.waits else completed

    waits = fetch_waits or complete.waits
    return Step(waited if waits else at_once, waits)


def fields(steps: Mapping[str, Step], is_right: Callable[[Any], bool]) -> Step:
    """An object: all its fields, those that wait together."""
    runs = {key: step.run for key, step in steps.items()}
    if len(steps) == 1 and all(step.waits for step in steps.values()):
        return _only_field(*next(iter(runs.items())), is_right)
    waiting = {key: step.run for key, step in steps.items() if step.waits}
    ready = {key: run for key, run in runs.items() if key not in waiting}

    def at_once(value: Any, executor: Any, path: Trail | None) -> dict[str, Any]:
        if not is_right(value):
            raise Unplanned
        return {key: run(value, executor, path) for key, run in runs.items()}

    async def waited(value: Any, executor: Any, path: Trail | None) -> dict[str, Any]:
        if not is_right(value):
            raise Unplanned
        found: dict[str, Any] = dict.fromkeys(runs)  # the order of the selection
        for key, run in ready.items():
            found[key] = run(value, executor, path)
        if len(waiting) == 1:
            for key, run in waiting.items():
                found[key] = await run(value, executor, path)
        else:
            calls = [partial(run, value, executor, path) for run in waiting.values()]
            found.update(zip(waiting, await _together(calls), strict=True))
        return found

    return Step(waited if waiting else at_once, bool(waiting))


def _only_field(key: str, run: Run, is_right: Callable[[Any], bool]) -> Step:
    """An object with one field, which waits: what most queries have most of."""

    async def waited(value: Any, executor: Any, path: Trail | None) -> dict[str, Any]:
        if not is_right(value):
            raise Unplanned
        return {key: await run(value, executor, path)}

    return Step(waited, waits=True)


def items(step: Step) -> Step:
    """A list, item by item."""
    run = step.run

    def at_once(values: Any, executor: Any, path: Trail | None) -> list[Any]:
        _require_list(values)
        return [run(value, executor, (path, place, None)) for place, value in enumerate(values)]

    async def waited(values: Any, executor: Any, path: Trail | None) -> list[Any]:
        _require_list(values)
        return await _together(
            [
                partial(run, value, executor, (path, place, None))
                for place, value in enumerate(values)
            ]
        )

    return Step(waited if step.waits else at_once, step.waits)


def _require_list(values: Any) -> None:
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise Unplanned


def one_of(options: Mapping[type, Step]) -> Step:
    """An object of one of several types, by its Python class."""

    def chosen(value: Any) -> Step:
        if type(value) not in options:
            raise Unplanned
        return options[type(value)]

    def at_once(value: Any, executor: Any, path: Trail | None) -> Any:
        return chosen(value).run(value, executor, path)

    async def waited(value: Any, executor: Any, path: Trail | None) -> Any:
        step = chosen(value)
        found = step.run(value, executor, path)
        return await found if step.waits else found

    waits = any(step.waits for step in options.values())
    return Step(waited if waits else at_once, waits)


async def _together(calls: Sequence[Callable[[], Coroutine[Any, Any, Any]]]) -> list[Any]:
    """Results of all; waits for every one of them before it raises what the first of them did."""
    results = await asyncio.gather(*map(_started, calls), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


async def _started(call: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """What a call gives, which raises nothing before it is awaited."""
    return await call()
