"""What the addresses of a member come to (MB-5, MB-13)."""

from dataclasses import replace

import pytest

from domain.identity import FaultCode
from domain.own_emails import (
    first_email_fault,
    more_email_faults,
    one_more_email_fault,
    too_many_fault,
    with_first,
    with_one_more,
    without,
)
from tests.policies import PORTALS

RULE = replace(PORTALS["hepco"].email, max_addresses=2)
A, B, C = "a@example.jp", "b@example.jp", "c@example.jp"


@pytest.mark.parametrize(
    ("present", "email", "first", "more"),
    [
        ([], A, None, None),
        ([A], B, None, None),
        ([A], "A@example.JP", FaultCode.REPEATED, FaultCode.REPEATED),
        ([A, B], B, None, FaultCode.REPEATED),
        ([A, B], C, None, FaultCode.TOO_MANY),
        ([A, B], "c@example,jp", FaultCode.COMMA_FOR_DOT, FaultCode.COMMA_FOR_DOT),
    ],
)
def test_a_new_address_is_judged_by_those_there_are(
    present: list[str], email: str, first: FaultCode | None, more: FaultCode | None
) -> None:
    faults = (
        first_email_fault(RULE, present, email),
        one_more_email_fault(RULE, present, email),
    )
    assert [fault and fault.code for fault in faults] == [first, more]
    assert {fault.field for fault in faults if fault} <= {("email",)}


def test_several_at_once_are_judged_one_after_the_other() -> None:
    faults = more_email_faults(RULE, A, [B, "b@example.jp", C])
    assert [(fault.code, fault.field) for fault in faults] == [
        (FaultCode.REPEATED, ("moreEmails", "1")),
        (FaultCode.TOO_MANY, ("moreEmails", "2")),
    ]
    assert more_email_faults(RULE, A, [B]) == more_email_faults(RULE, A, []) == []


def test_the_message_of_too_many_says_the_limit_and_what_was_found() -> None:
    fault = too_many_fault(RULE, 3, ("token",))
    assert fault is not None
    assert fault.message == "must be at most 2 addresses, found 3"
    assert too_many_fault(RULE, 2, ("token",)) is None
    one = too_many_fault(PORTALS["mirai"].email, 2, ("token",))
    assert one is not None
    assert one.message == "must be at most 1 address, found 2"


def test_the_first_is_replaced_perhaps_by_one_of_the_others() -> None:
    assert with_first([], A) == [A]
    assert with_first([A, B], C) == [C, B]
    assert with_first([A, B, C], "C@example.jp") == ["C@example.jp", B]


def test_one_more_stands_at_the_end_and_once() -> None:
    assert with_one_more([A], B) == [A, B]
    assert with_one_more([A, B], "B@example.jp") == [A, "B@example.jp"]
    assert without([A, B], "B@EXAMPLE.jp") == [A]
    assert without([A, B], C) == [A, B]
