"""Attempts as they are counted: any sequence of them beside the plainest account of the rule."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasources.attempts import Account, AddressStore, AttemptStore
from datasources.mongo import Mongo
from domain.lockout import Allowance, Verdict, locked_until
from tests.api import NOW

MOST = 3
HOUR = 6
ACCOUNT = Account("hepco", "carol")
numbers = count()

STEPS = st.lists(
    st.one_of(
        st.just(("take", None)),
        st.tuples(st.sampled_from(list(Verdict)), st.integers(0, 9)),
        st.tuples(st.just("wait"), st.sampled_from([0, 1, 7 * 3600])),
    ),
    max_size=20,
)
"Attempts, what comes of one of those under way, and seconds that pass."


@dataclass
class Rule:
    """The rule in plain words: attempts since the last right one, and the end of the lock."""

    counted: list[str] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)
    until: datetime | None = None

    def may_take(self, now: datetime) -> bool:
        if self.until is not None and self.until <= now:
            self.counted, self.until = [], None
        return len(self.counted) < MOST

    def take(self, attempt: str, now: datetime) -> None:
        self.counted.append(attempt)
        if len(self.counted) == MOST:
            self.until = locked_until(now, HOUR)

    def settle(self, attempt: str, verdict: Verdict) -> datetime | None:
        if attempt not in self.counted:
            return None
        place = self.counted.index(attempt)
        self.judged.add(attempt)
        if verdict is Verdict.RIGHT:
            self.counted, self.until = self.counted[place + 1 :], None
        elif verdict is Verdict.UNDECIDED:
            self.counted, self.until = [one for one in self.counted if one != attempt], None
        elif self.judged.issuperset(self.counted):
            return self.until
        return None


async def take(store: AttemptStore, now: datetime = NOW, account: Account = ACCOUNT) -> Any:
    return await store.take(account, now, MOST, locked_until(now, HOUR))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_any_sequence_of_attempts_is_counted_as_the_rule_says(
    mongo: Mongo, steps: list[tuple[Any, Any]]
) -> None:
    store, account = AttemptStore(mongo), Account("hepco", f"member {next(numbers)}")
    rule, now, under_way = Rule(), NOW, list[str]()
    for step, given_value in steps:
        if step == "wait":
            now += timedelta(seconds=given_value)
        elif step == "take":
            free = rule.may_take(now)
            found = await take(store, now, account)
            assert (found.id is not None) is free
            if free:
                rule.take(found.id, now)
                under_way.append(found.id)
            assert found.locked_until == rule.until
            assert found.pending is not rule.judged.issuperset(rule.counted)
        elif under_way:
            attempt = under_way.pop(given_value % len(under_way))
            assert await store.settle(account, attempt, step) == rule.settle(attempt, step)


async def test_of_many_attempts_at_once_no_more_are_taken_than_may_be_wrong(mongo: Mongo) -> None:
    store = AttemptStore(mongo)

    found = await asyncio.gather(*(take(store) for _ in range(20)))

    assert sum(attempt.id is not None for attempt in found) == MOST
    assert {attempt.locked_until for attempt in found if attempt.id is None} == {
        locked_until(NOW, HOUR)
    }


async def test_of_many_that_settle_at_once_one_locks(mongo: Mongo) -> None:
    store = AttemptStore(mongo)
    taken = [(await take(store)).id for _ in range(MOST)]

    locks = await asyncio.gather(
        *(store.settle(ACCOUNT, attempt, Verdict.WRONG) for attempt in taken)
    )

    assert sorted(locks, key=str) == [locked_until(NOW, HOUR), None, None]


async def test_no_login_id_is_kept(mongo: Mongo) -> None:
    await take(AttemptStore(mongo))

    (document,) = await mongo.find("logInAttempts", {})

    assert "carol" not in repr(document)


async def test_an_address_has_its_allowance_at_once_and_then_step_by_step(mongo: Mongo) -> None:
    store, allowance = AddressStore(mongo), Allowance(4)
    again = NOW + timedelta(minutes=15)

    assert [await store.take("a", NOW, allowance) for _ in range(6)] == [None] * 4 + [again] * 2
    assert await store.take("b", NOW, allowance) is None
    early = again - timedelta(milliseconds=1)
    assert await store.take("a", early, allowance) == again
    assert await store.take("a", again, allowance) is None
    assert await store.take("a", again, allowance) == again + timedelta(minutes=15)


async def test_what_an_address_gets_back_it_may_spend_again(mongo: Mongo) -> None:
    store, allowance = AddressStore(mongo), Allowance(2)
    for _ in range(10):
        assert await store.take("a", NOW, allowance) is None
        await store.give_back("a", allowance)

    assert [await store.take("a", NOW, allowance) is None for _ in range(3)] == [True, True, False]


async def test_of_many_log_ins_of_an_address_at_once_its_allowance_is_taken(mongo: Mongo) -> None:
    store = AddressStore(mongo)

    found = await asyncio.gather(*(store.take("a", NOW, Allowance(5)) for _ in range(20)))

    assert found.count(None) == 5
