"""What is asked: the spans, the queries, and how many clients ask at once."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson

from bench.homes import Homes
from domain.slots import TOKYO, first_slot, start_of_slot

POINTS: Final = """\
query Q($id: ID!, $from: DateTime!, $to: DateTime!) {
  facility(id: $id) {
    usage(from: $from, to: $to) { points { startAt endAt kwh yen quality } }
  }
}"""
COLUMNS: Final = """\
query Q($id: ID!, $from: DateTime!, $to: DateTime!) {
  facility(id: $id) {
    usage(from: $from, to: $to) { columns { startAt kwh quality } }
  }
}"""
FACILITIES: Final = """\
query Q($from: DateTime!, $to: DateTime!) {
  viewer {
    facilities(first: 60) {
      nodes { id usage(from: $from, to: $to) { points { startAt endAt kwh yen quality } } }
    }
  }
}"""


@dataclass(frozen=True, slots=True)
class Question:
    """A query over the newest days, from so many connections."""

    query: str
    days: int
    connections: int


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it is sent."""

    token: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """A question as it is asked of different facilities, of each in a session of its own.

    Otherwise a server that joins the reads of its requests would read once for all that ask at once.
    """

    calls: Sequence[Call]
    connections: int

    @classmethod
    def of(cls, question: Question, homes: Homes) -> "Request":
        span = {
            "from": _midnight(homes.end_day - question.days),
            "to": _midnight(homes.end_day),
        }
        facilities = homes.with_usage_of(question.days)
        calls = []
        for token, facility in zip(homes.tokens, itertools.cycle(facilities), strict=False):
            variables = span | ({"id": facility} if "$id" in question.query else {})
            body = orjson.dumps({"query": question.query, "variables": variables})
            calls.append(Call(token, body))
        return cls(calls, question.connections)

    def first_only(self) -> "Request":
        """As it is asked of those that answer from memory."""
        return replace(self, calls=self.calls[:1])


def _midnight(day: int) -> str:
    return start_of_slot(first_slot(day)).astimezone(TOKYO).isoformat()
