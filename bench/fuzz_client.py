"""A client that sends what is drawn by chance, and judges the answers.

Hypothesis gives the chance.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from random import Random
from typing import Any, Final

import httpx
from hypothesis import HealthCheck, Phase, given, seed, strategies
from hypothesis import settings as hypothesis_settings
from tqdm import tqdm
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from bench.drawn_operations import Drawing, DrawnOperation, Known
from bench.fuzz_askers import Askers
from schema.root import open_schema

SECONDS: Final = 60.0
"For one answer."
_KINDS: Final = ("query",) * 16 + ("mutation",) * 3 + ("subscription",)
_CLOSED_BY_FAULT: Final = frozenset({1006, 1011, 4500})


@dataclass(slots=True)
class Fuzzing:
    """A client that sends what is drawn, and what came of it."""

    host: str
    client: httpx.AsyncClient
    known: Known
    askers: Askers
    max_cost: int
    sent: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    async def play(self, operations: int, at_once: int) -> None:
        """Draw and send so many operations, some at a time."""
        loop = asyncio.get_running_loop()
        with tqdm(total=operations, desc="fuzz", leave=False, disable=None) as bar:

            def turn(chance: Random) -> None:
                drawing = self._turn(chance, at_once)
                asyncio.run_coroutine_threadsafe(drawing, loop).result()
                bar.update(at_once)

            chances = strategies.randoms(use_true_random=True)
            await asyncio.to_thread(play, chances, operations // at_once, turn, self.sent)

    async def _turn(self, chance: Random, count: int) -> None:
        schema = open_schema()._schema  # noqa: SLF001 - the graphql-core schema
        drawn = [Drawing(chance, schema, self.known).operation(_KINDS) for _ in range(count)]
        tokens = await self.askers.tokens()
        await asyncio.gather(*(self._send(one, chance.choice(tokens), chance) for one in drawn))

    async def _send(self, drawn: DrawnOperation, token: str | None, chance: Random) -> None:
        likely = (self._post,) * 8 + (self._get, self._over_socket)
        asking = self._over_socket if drawn.kind == "subscription" else chance.choice(likely)
        self.sent += 1
        try:
            async with asyncio.timeout(SECONDS):
                fault = await asking(drawn, token)
        except (httpx.HTTPError, TimeoutError) as error:
            fault = repr(error)
        if fault:
            self.faults.append(f"{fault}\n  asked {json.dumps(drawn.body, ensure_ascii=False)}")

    async def _post(self, drawn: DrawnOperation, token: str | None) -> str | None:
        response = await self.client.post(self._url, json=drawn.body, headers=_headers(token))
        return self.judged(response.status_code, response.json())

    async def _get(self, drawn: DrawnOperation, token: str | None) -> str | None:
        given = drawn.body if isinstance(drawn.body, dict) else {}
        asked = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in given.items()
        }
        response = await self.client.get(self._url, params=asked, headers=_headers(token))
        return self.judged(response.status_code, response.json())

    async def _over_socket(self, drawn: DrawnOperation, token: str | None) -> str | None:
        """The first message is judged, as the answer over HTTP is."""
        protocols = [Subprotocol("graphql-transport-ws")]
        try:
            async with connect(f"ws://{self.host}/graphql", subprotocols=protocols) as socket:
                await _say(socket, type="connection_init", payload=_headers(token))
                await socket.recv()
                await _say(socket, type="subscribe", id="1", payload=drawn.body)
                answer = json.loads(await socket.recv())
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            self.codes[str(code)] += 1
            return f"closed with {code}" if code in _CLOSED_BY_FAULT else None
        if answer["type"] == "next":
            costs = drawn.kind != "subscription"
            return self.judged(HTTPStatus.OK, answer["payload"], costs=costs)
        return self.judged(HTTPStatus.OK, {"errors": answer["payload"]})

    @property
    def _url(self) -> str:
        return f"http://{self.host}/graphql"

    def judged(self, status: int, answer: Mapping[str, Any], *, costs: bool = True) -> str | None:
        """What is wrong with an answer, if anything is."""
        errors = answer.get("errors", [])
        codes = [error.get("extensions", {}).get("code") for error in errors]
        self.codes.update(map(str, codes or ["OK"]))
        ours = {None, "INTERNAL", "UNAVAILABLE"}.intersection(codes)
        if ours or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return f"{status} {json.dumps(errors, ensure_ascii=False)[:500]}"
        data = answer.get("data")
        if data is None or not costs:
            return None
        cost = answer["extensions"]["cost"]
        found = sum(map(nodes, data.values()))
        if found > cost:
            return f"{found} nodes cost {cost}"
        return f"cost {cost} was let through" if cost > self.max_cost else None


def play(strategy: Any, count: int, turn: Callable[[Any], None], beginning: int) -> None:
    """Call `turn` with so many values of a strategy; the same for the same beginning."""

    @seed(beginning)
    @hypothesis_settings(
        max_examples=count,
        deadline=None,
        derandomize=False,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def example(value: Any) -> None:
        turn(value)

    example()


def nodes(data: Any) -> int:
    """Objects and items of lists in a part of an answer."""
    if isinstance(data, dict):
        return 1 + sum(map(nodes, data.values()))
    if isinstance(data, list):
        return sum(nodes(one) or 1 for one in data)
    return 0


def _headers(token: str | None) -> dict[str, str]:
    return {} if token is None else {"authorization": f"Bearer {token}"}


async def _say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))
