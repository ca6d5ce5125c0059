"""One line about a member becomes a new member, or a reason of one short clause."""

import pytest
from argon2 import PasswordHasher

from domain.members import MemberProfile, MemberState
from domain.records import NewMember, parse_member
from tests.domain.records_given import FULL_MEMBER, GONE, MEMBER, changed, refusal_of

HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM0NTY3OA$" + "A" * 43
HASH_WANTED = "an argon2id hash such as $argon2id$v=19$m=19456,t=2,p=1$(salt)$(hash)"


def test_a_member_without_the_optional_fields_is_active() -> None:
    assert parse_member(MEMBER) == NewMember(
        portal="home",
        login_id="hanako",
        password="secret",
        password_hash=None,
        state=MemberState.ACTIVE,
        profile=MemberProfile("山田花子", None, None, None),
    )


def test_every_field_of_a_member_can_be_given() -> None:
    assert parse_member(FULL_MEMBER) == NewMember(
        portal="home",
        login_id="hanako",
        password="secret",
        password_hash=None,
        state=MemberState.WITHDRAWN,
        profile=MemberProfile("山田花子", "ヤマダハナコ", "hanako@example.jp", "03-0000-0000"),
    )


@pytest.mark.parametrize(
    "password_hash",
    [HASH, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("secret")],
    ids=["given", "made"],
)
def test_a_member_can_come_with_the_hash_of_a_password(password_hash: str) -> None:
    member = parse_member(
        changed(MEMBER, "password", GONE) | {"passwordHash": password_hash, "email": None}
    )
    assert (member.password, member.password_hash) == (None, password_hash)


def test_a_password_is_kept_as_typed() -> None:
    typed = " か\u3099 "
    assert parse_member(MEMBER | {"password": typed}).password == typed


def test_a_new_member_shows_no_password() -> None:
    assert "secret" not in repr(parse_member(MEMBER))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  花子\u3000\n", "花子"),
        ("か\u3099", "が"),
        ("x" * 200 + " ", "x" * 200),
        ("a b", "a b"),
        ("\u200d家", "\u200d家"),
    ],
)
def test_texts_are_composed_and_trimmed(typed: str, kept: str) -> None:
    assert parse_member(MEMBER | {"name": typed}).profile.name == kept


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("portal", GONE, "portal must be given, found none"),
        ("portal", None, "portal must be given, found none"),
        ("portal", 1, "portal must be a string, found 1"),
        ("loginId", GONE, "loginId must be given, found none"),
        ("loginId", True, "loginId must be a string, found True"),
        ("name", GONE, "name must be given, found none"),
        ("name", "", "name must have 1 to 200 characters, found 0"),
        ("name", " \u3000", "name must have 1 to 200 characters, found 0"),
        ("name", "x" * 201, "name must have 1 to 200 characters, found 201"),
        ("name", "a\x1b[31m", r"name must have no control characters, found 'a\x1b[31m'"),
        ("name", "a\nb", r"name must have no control characters, found 'a\nb'"),
        ("name", "a\ud800b", r"name must have no control characters, found 'a\ud800b'"),
        ("kana", [], "kana must be a string, found []"),
        ("email", {"a": 1}, "email must be a string, found {...}"),
        ("phone", 312345678, "phone must be a string, found 312345678"),
        ("state", "GONE", "state must be ACTIVE or WITHDRAWN, found 'GONE'"),
        ("state", "active", "state must be ACTIVE or WITHDRAWN, found 'active'"),
        ("state", 0, "state must be ACTIVE or WITHDRAWN, found 0"),
        ("state", [], "state must be ACTIVE or WITHDRAWN, found []"),
        ("password", GONE, "either password or passwordHash must be given, found none"),
        ("passwordHash", HASH, "either password or passwordHash must be given, found both"),
        ("password", "", "password must have 1 to 200 characters, found 0"),
        ("password", "x" * 201, "password must have 1 to 200 characters, found 201"),
    ],
)
def test_a_wrong_member_is_refused(path: str, value: object, reason: str) -> None:
    assert refusal_of(parse_member, changed(MEMBER, path, value)) == reason


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("password", 12345678, "password must be a string, found type int"),
        ("password", "12345678\x00", "password must have no control characters, found some"),
        ("passwordHash", 12345678, "passwordHash must be a string, found type int"),
        (
            "passwordHash",
            "12345678",
            f"passwordHash must be {HASH_WANTED}, found 8 other characters",
        ),
    ],
)
def test_a_reason_shows_no_password(path: str, value: object, reason: str) -> None:
    assert refusal_of(parse_member, MEMBER | {path: value}) == reason


@pytest.mark.parametrize(
    "password_hash",
    [
        "",
        HASH + " ",
        HASH + "\n",
        HASH.replace("argon2id", "argon2i"),
        HASH.replace("v=19$", ""),
        HASH.replace("m=19456", "m=4194304"),
        HASH.replace("t=2", "t=100"),
        HASH.replace("p=1", "p=１"),
        HASH.rpartition("$")[0],
        HASH + "A" * 100,
    ],
)
def test_what_is_no_affordable_argon2id_hash_is_refused(password_hash: str) -> None:
    fields = changed(MEMBER, "password", GONE) | {"passwordHash": password_hash}
    assert refusal_of(parse_member, fields).endswith(f"found {len(password_hash)} other characters")
