"""What a change of the profile comes to, and what is wrong with it (MB-12)."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from domain.identity import FaultCode
from domain.mail_preferences import mail_preferences
from domain.members import Member, MemberProfile, MemberState
from domain.policy import MailTopic
from domain.profile_changes import (
    change_faults,
    changed,
    contract_note,
    present_values,
    repeated_faults,
)
from tests.policies import PORTALS

HAPIE = PORTALS["hapie"]
MEMBER = Member(
    id="1",
    portal="hapie",
    login_id="taro88",
    state=MemberState.ACTIVE,
    profile=MemberProfile("関西太郎", None, "taro@example.jp", "06-6441-8821"),
    fields={"name": "関西太郎", "phone": "06-6441-8821", "nickname": "たろう"},
)


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({}, []),
        ({"nickname": "かんでん"}, []),
        ({"nickname": ""}, [FaultCode.REQUIRED]),
        ({"nickname": "あ" * 21}, [FaultCode.TOO_LONG]),
        ({"nickname": "Taro"}, [FaultCode.HALF_WIDTH]),
        ({"name": "\ud800", "phone": "０６"}, [FaultCode.BAD_CHARACTER, FaultCode.FULL_WIDTH]),
        ({"phone": ""}, [FaultCode.REQUIRED]),
        ({"phone": "", "mobile": "090-1234-5678"}, []),
        ({"mobile": ""}, []),
        ({"shoeSize": "26"}, [FaultCode.UNKNOWN_FIELD]),
    ],
)
def test_what_is_given_is_checked_and_no_more(
    given: Mapping[str, str], codes: list[FaultCode]
) -> None:
    faults = change_faults(HAPIE.own_form, present_values(MEMBER), given)
    assert [fault.code for fault in faults] == codes
    assert {fault.field[0] for fault in faults} <= {"fields"}


def test_a_phone_number_that_no_form_has_asked_for_counts_too() -> None:
    imported = replace(MEMBER, fields={})
    assert change_faults(HAPIE.own_form, present_values(imported), {"mobile": ""}) == ()


def test_a_key_that_stands_twice_is_named_by_its_place() -> None:
    given = [("name", "甲"), ("phone", ""), ("name", "乙"), ("name", "丙")]
    assert [fault.field for fault in repeated_faults(given)] == [("fields", "2"), ("fields", "3")]


def test_changed_values_stand_in_the_profile_too_and_empty_ones_go() -> None:
    given = {"name": "検針花子", "phone": "", "mobile": "090-1234-5678", "kana": "ハナコ"}
    member = changed(MEMBER, given)
    assert member.profile == MemberProfile("検針花子", "ハナコ", "taro@example.jp", None)
    assert member.fields == {
        "name": "検針花子",
        "nickname": "たろう",
        "mobile": "090-1234-5678",
        "kana": "ハナコ",
    }
    assert changed(MEMBER, {"name": ""}).profile.name == "関西太郎"
    assert changed(MEMBER, {"nickname": "はな"}).profile == MEMBER.profile


@pytest.mark.parametrize("portal", sorted(PORTALS))
def test_every_field_can_be_changed_but_the_number_of_the_contract(portal: str) -> None:
    keys = {field.key for field in PORTALS[portal].profile.fields}
    assert {field.key for field in PORTALS[portal].own_form.fields} == keys - {"customerNumber"}


def test_the_note_says_who_changes_the_contract() -> None:
    note = contract_note("関西電力")
    assert "ご契約内容は変わりません" in note.ja
    assert "関西電力" in note.ja
    assert "Your supply contract is as it was" in note.en


def test_mails_are_wanted_as_the_policy_says_until_the_member_says_otherwise() -> None:
    """MB-14, NO-3."""
    chosen: dict[str, bool] = {MailTopic.READING: False, MailTopic.ADVERTISING: True}
    wanted = [
        [(each.kind.topic, each.wanted) for each in mail_preferences(HAPIE, given)]
        for given in (dict[str, bool](), chosen)
    ]
    topics = (MailTopic.READING, MailTopic.BILL, MailTopic.ADVERTISING)
    assert wanted[0] == list(zip(topics, (True, False, False), strict=True))
    assert wanted[1] == list(zip(topics, (False, False, True), strict=True))
