"""What the roles of staff may do, and whose members they see."""

import pytest

from domain.identity import password_fault, text_fault
from domain.leaving import OPERATOR_REASONS, LeaveReason
from domain.staff import (
    LOGIN_ID,
    NOTE,
    PASSWORD,
    PASSWORD_LENGTH,
    RIGHTS,
    Staff,
    StaffRight,
    StaffRole,
)


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (StaffRole.CLERK, {StaffRight.LOOK, StaffRight.SERVE}),
        (StaffRole.MANAGER, set(StaffRight)),
        (StaffRole.AUDITOR, {StaffRight.AUDIT}),
    ],
)
def test_a_role_has_its_rights_and_no_more(role: StaffRole, rights: set[StaffRight]) -> None:
    staff = Staff("1", "clerk", "受付 太郎", role, None)
    assert {right for right in StaffRight if staff.may(right)} == rights


def test_every_role_has_rights() -> None:
    assert set(RIGHTS) == set(StaffRole)


def test_staff_serve_the_portals_that_are_named_or_all() -> None:
    one = Staff("1", "clerk", "受付 太郎", StaffRole.CLERK, frozenset({"hepco"}))
    every = Staff("2", "boss", "受付 次郎", StaffRole.MANAGER, None)
    none = Staff("3", "new", "受付 三郎", StaffRole.CLERK, frozenset())
    served = [[who.serves(key) for key in ("hepco", "mirai")] for who in (one, every, none)]
    assert served == [[True, False], [True, True], [False, False]]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-one-1", "TOO_SHORT"),
        ("Lantern over 76", "STRAY_SPACE"),
        ("CLERK-AT-DESK", "SAME_AS_LOGIN_ID"),
        ("Lantern-over-76", None),
        ("x" * 129, "TOO_LONG"),
    ],
)
def test_passwords_of_staff_are_longer_than_those_of_members(
    password: str, code: str | None
) -> None:
    fault = password_fault(PASSWORD, password, "clerk-at-desk", frozenset())
    assert (fault and fault.code) == code


def test_a_password_that_is_made_up_has_the_length_that_the_rule_wants() -> None:
    assert PASSWORD.form.min_length <= PASSWORD_LENGTH <= PASSWORD.form.max_length
    assert PASSWORD.form.readable


@pytest.mark.parametrize("text", ["ab", "clerk 1", "受付", "c" * 41])
def test_a_login_id_of_staff_is_plain(text: str) -> None:
    assert text_fault(LOGIN_ID, text, ()) is not None


@pytest.mark.parametrize("text", ["", "x" * 201, "two\nlines", "hidden\u200bmark"])
def test_a_note_is_one_line_of_visible_text(text: str) -> None:
    assert text_fault(NOTE, text, ()) is not None


def test_a_member_s_own_withdrawal_and_a_removal_are_no_reasons_of_the_operator() -> None:
    others = {LeaveReason.WITHDRAWAL, LeaveReason.REGISTRATION_REMOVED}
    assert set(OPERATOR_REASONS) == set(LeaveReason) - others
