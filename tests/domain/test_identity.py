"""IDs, passwords, addresses and profiles: the exact fault of what is handed in (MB-3, 4, 5, 12)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import (
    Fault,
    FaultCode,
    email_fault,
    login_id_fault,
    normalised,
    password_fault,
    profile_faults,
    text_fault,
)
from domain.portal import Portal
from domain.profile_form import Asked
from domain.text_forms import Characters, TextForm
from tests.domain.texts_given import ANY_TEXT, LONG, NASTY, addresses
from tests.policies import PORTALS, SHIPPED

M, H, J, L, K = (SHIPPED[key] for key in ("mirai", "hepco", "denki-jtb", "hokulink", "hapie"))
SKY = PORTALS["aozora"]


def wide(text: str) -> str:
    """ASCII in its full-width forms."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


HALF_HANAKO = "\uff8a\uff85\uff7a"
"ハナコ in half-width kana."


def code(fault: Fault | None) -> str | None:
    return fault.code.value if fault else None


class TestLoginIds:
    @pytest.mark.parametrize(
        ("portal", "text", "expected"),
        [
            (M, "taro_den-ki", None),
            (M, "a" * 8, None),
            (M, "a" * 7, "TOO_SHORT"),
            (M, "a" * 20, None),
            (M, "a" * 21, "TOO_LONG"),
            (M, "a" * 300, "TOO_LONG"),
            (M, "12345678", None),
            (M, "taro.denki", "BAD_CHARACTER"),
            (K, "abc123", None),
            (K, "123456", "NEEDS_LETTER"),
            (K, "abcde", "TOO_SHORT"),
            (K, "abcdefghi", "TOO_LONG"),
            (K, "abc_123", "BAD_CHARACTER"),
            (K, wide("abc123"), "FULL_WIDTH"),
            (K, "abc 12", "STRAY_SPACE"),
            (K, " abc12", "STRAY_SPACE"),
            (K, "abc12\u3000", "STRAY_SPACE"),
            (K, "abc\u200b12", "BAD_CHARACTER"),
            (K, "abc\u202e12", "BAD_CHARACTER"),
            (K, "abc12😀", "BAD_CHARACTER"),
            (K, "abc12\ud83d", "BAD_CHARACTER"),
            (K, "かんでん花子", "BAD_CHARACTER"),
            (K, "", "REQUIRED"),
            (SKY, "1234", None),
            (SKY, "abc", "BAD_CHARACTER"),
        ],
    )
    def test_one_has_the_form_of_its_portal(
        self, portal: Portal, text: str, expected: str | None
    ) -> None:
        assert code(login_id_fault(portal, text)) == expected

    def test_where_it_is_an_address_it_has_the_form_of_one(self) -> None:
        assert login_id_fault(J, "taro@example.jp") is None
        assert login_id_fault(J, "taro\uff20example.jp") == Fault(
            FaultCode.FULL_WIDTH_AT, "has a full-width @", ("loginId",)
        )


class TestPasswords:
    @pytest.mark.parametrize(
        ("portal", "text", "expected"),
        [
            (K, "kx7p2q", None),
            (K, "Kx7P2qKx7P2q9Z", None),
            (K, "kx7p2", "TOO_SHORT"),
            (K, "kx7p2qkx7p2qkx7", "TOO_LONG"),
            (K, "abcdef", "NEEDS_DIGIT"),
            (K, "928374", "NEEDS_LETTER"),
            (K, "abc_123", "BAD_CHARACTER"),
            (K, wide("kx7p2q"), "FULL_WIDTH"),
            (K, "password01", "BREACHED"),
            (K, "PassWord01", "BREACHED"),
            (K, "abcd1234", "SAME_AS_LOGIN_ID"),
            (K, "ABCD1234", "SAME_AS_LOGIN_ID"),
            (M, "tsubame-no-su", None),
            (M, "tsubame", "TOO_SHORT"),
            (H, "つばめのす", "BAD_CHARACTER"),
            (H, "tsubame no su", "STRAY_SPACE"),
            (H, "x" * 65, "TOO_LONG"),
            (SKY, "abcd1234", None),
        ],
    )
    def test_one_has_the_form_of_its_portal(
        self, portal: Portal, text: str, expected: str | None
    ) -> None:
        breached = {"password01"}
        assert code(password_fault(portal.password, text, "abcd1234", breached)) == expected

    def test_a_short_one_that_no_leak_has_is_taken_where_the_policy_allows_it(self) -> None:
        """MB-4."""
        assert password_fault(K.password, "kx7p2q", "hanako1", {"abc123"}) is None
        assert code(password_fault(K.password, "abc123", "hanako1", {"abc123"})) == "BREACHED"

    def test_no_message_repeats_it(self) -> None:
        for text in ("kx7p2", "kx7p2q\u200b", "kx7p2qkx7p2qkx7", "x" * 300):
            fault = password_fault(K.password, text, "hanako1", ())
            assert fault
            assert text not in fault.message


class TestAddresses:
    """MB-5."""

    @pytest.mark.parametrize(
        ("portal", "text", "expected"),
        [
            (K, "kanden.taro@kepco.co.jp", None),
            (K, "kanden.taro\uff20kepco.co.jp", "FULL_WIDTH_AT"),
            (K, "kanden.taro@kepco\uff0eco.jp", "FULL_WIDTH_DOT"),
            (K, "kanden。taro@kepco.co.jp", "FULL_WIDTH_DOT"),
            (K, "kanden,taro@kepco.co.jp", "COMMA_FOR_DOT"),
            (K, "kanden.taro@kepco\uff0cco.jp", "COMMA_FOR_DOT"),
            (K, "kanden.taro@kepco、co.jp", "COMMA_FOR_DOT"),
            (K, " kanden.taro@kepco.co.jp", "STRAY_SPACE"),
            (K, "kanden.taro@kepco.co.jp\u3000", "STRAY_SPACE"),
            (K, "kanden taro@kepco.co.jp", "STRAY_SPACE"),
            (K, "kanden.taro@kepco.co.jp\n", "STRAY_SPACE"),
            (K, "kanden.taro@kepco.co.jp\u200b", "BAD_CHARACTER"),
            (K, "\u202ekanden.taro@kepco.co.jp", "BAD_CHARACTER"),
            (K, "kanden.taro@kepco.co.jp\ud800", "BAD_CHARACTER"),
            (K, "kanden😀@kepco.co.jp", "BAD_CHARACTER"),
            (K, f"{wide('kanden')}@kepco.co.jp", "FULL_WIDTH"),
            (K, "関電@kepco.co.jp", "BAD_CHARACTER"),
            (K, "kanden.taro", "NO_AT"),
            (K, "kanden@taro@kepco.co.jp", "SEVERAL_AT"),
            (K, "@kepco.co.jp", "TOO_SHORT"),
            (K, "kanden.taro@", "BAD_DOMAIN"),
            (K, "kanden.taro@kepco", "BAD_DOMAIN"),
            (K, "kanden.taro@-kepco.co.jp", "BAD_DOMAIN"),
            (K, "kanden.taro@kepco..jp", "BAD_DOMAIN"),
            (K, "kanden.taro@192.168.0.1", "BAD_DOMAIN"),
            (H, f"a@{'d' * 63}.jp", None),
            (H, f"a@{'d' * 64}.jp", "BAD_DOMAIN"),
            (H, f"a@d.{'j' * 63}", None),
            (H, f"a@d.{'j' * 64}", "BAD_DOMAIN"),
            (H, "a@d.1j", "BAD_DOMAIN"),
            (K, "kanden..taro@kepco.co.jp", "MISPLACED_DOT"),
            (K, ".kanden@kepco.co.jp", "MISPLACED_DOT"),
            (K, "kanden.@kepco.co.jp", "MISPLACED_DOT"),
            (K, f"{'k' * 38}@kepco.co.jp", None),
            (K, f"{'k' * 39}@kepco.co.jp", "TOO_LONG"),
            (K, "a" * 300, "TOO_LONG"),
            (K, "", "REQUIRED"),
            (L, f"{'k' * 64}@{'example.' * 4}jp", None),
            (L, f"{'k' * 65}@{'example.' * 4}jp", "TOO_LONG"),
            (L, f"{'k' * 60}@{'example.' * 4}ne.jp.jp", "TOO_LONG"),
            (L, "taro_denki-1.x@example.jp", None),
            (L, "taro+denki@example.jp", "BAD_CHARACTER"),
            (H, "-+._!#$%&'*/=?^`{|}~@example.jp", None),
            (H, "taro(denki)@example.jp", "BAD_CHARACTER"),
            (H, '"taro"@example.jp', "BAD_CHARACTER"),
            (H, f"a@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.example.jp", "TOO_LONG"),
        ],
    )
    def test_the_exact_fault_is_named(
        self, portal: Portal, text: str, expected: str | None
    ) -> None:
        assert code(email_fault(portal.email, text)) == expected

    def test_the_character_is_named_by_its_code_point_and_place(self) -> None:
        assert email_fault(L.email, "taro\u200b@example.jp") == Fault(
            FaultCode.BAD_CHARACTER, "has U+200B ZERO WIDTH SPACE at place 5", ("email",)
        )
        assert email_fault(L.email, "\udfff@example.jp") == Fault(
            FaultCode.BAD_CHARACTER, "has U+DFFF at place 1", ("email",)
        )

    def test_the_message_says_which_width_or_form_is_wanted(self) -> None:
        texts = {"name": "花子 K", "familySize": wide("4"), "birthMonth": "1980/04"}
        faults = profile_faults(L.profile, texts)
        messages = {fault.field[-1]: fault.message for fault in faults}
        assert {key: messages[key] for key in texts} == {
            "name": "has U+0020 SPACE at place 3; it must be full-width",
            "familySize": "has U+FF14 FULLWIDTH DIGIT FOUR at place 1; it must be half-width",
            "birthMonth": "must be a year and a month like 1980-04, has U+002F SOLIDUS at place 5",
        }


HANAKO = {
    "name": "関西\u3000花子",
    "postalCode": "537-0001",
    "address1": "大阪府大阪市東成区深江北",
    "address2": "1-2-22 関電ビル301号",
    "phone": "06-6441-8821",
    "nickname": "はなちゃん",
}


class TestProfiles:
    """MB-12."""

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, []),
            ({"name": "関西 花子"}, [("HALF_WIDTH", "name")]),
            ({"name": "花" * 21}, [("TOO_LONG", "name")]),
            ({"name": "𠮷" * 20}, []),
            ({"name": ""}, [("REQUIRED", "name")]),
            ({"name": "花子\u200b"}, [("BAD_CHARACTER", "name")]),
            ({"name": "花子😀"}, [("BAD_CHARACTER", "name")]),
            ({"name": "\u202e花子"}, [("BAD_CHARACTER", "name")]),
            ({"name": "花子\u3000"}, [("STRAY_SPACE", "name")]),
            ({"name": HALF_HANAKO}, [("HALF_WIDTH", "name")]),
            ({"postalCode": "5370001"}, []),
            ({"postalCode": wide("537-0001")}, [("FULL_WIDTH", "postalCode")]),
            ({"postalCode": "53-70001"}, [("BAD_FORM", "postalCode")]),
            ({"phone": "0664418821"}, [("BAD_FORM", "phone")]),
            ({"phone": "06ー6441ー8821"}, [("BAD_CHARACTER", "phone")]),
            ({"phone": "06−6441−8821"}, [("BAD_CHARACTER", "phone")]),
            ({"phone": "06-6441-882"}, [("BAD_FORM", "phone")]),
            ({"phone": "", "mobile": "090-1234-5678"}, []),
            ({"phone": ""}, [("REQUIRED", "phone")]),
            ({"phone": "", "mobile": "x"}, [("BAD_CHARACTER", "mobile")]),
            ({"name": "", "phone": ""}, [("REQUIRED", "name"), ("REQUIRED", "phone")]),
        ],
    )
    def test_each_value_has_its_own_fault(
        self, changes: dict[str, str], expected: list[tuple[str, str]]
    ) -> None:
        faults = profile_faults(K.profile, HANAKO | changes)
        assert [(fault.code.value, *fault.field) for fault in faults] == [
            (found, "profile", key) for found, key in expected
        ]

    @pytest.mark.parametrize(
        ("key", "text", "expected"),
        [
            ("kana", "カンサイハナコ", []),
            ("kana", f"カンサイ{HALF_HANAKO}", ["HALF_WIDTH"]),
            ("kana", "かんさいはなこ", ["BAD_CHARACTER"]),
            ("kana", "カ" * 13, ["TOO_LONG"]),
            ("phone", "0664418821", []),
            ("phone", "06-6441-8821", []),
            ("familySize", "4", []),
            ("familySize", "0", ["BAD_FORM"]),
            ("familySize", wide("4"), ["FULL_WIDTH"]),
            ("familySize", "100", ["TOO_LONG"]),
            ("contractUse", "HOME", []),
            ("contractUse", "home", ["UNKNOWN_CHOICE"]),
            ("contractUse", "\ud800", ["UNKNOWN_CHOICE"]),
        ],
    )
    def test_each_form_has_its_faults(self, key: str, text: str, expected: list[str]) -> None:
        faults = profile_faults(L.profile, {key: text})
        assert [fault.code for fault in faults if fault.field == ("profile", key)] == expected

    @pytest.mark.parametrize("key", ["fax", "", "\ud800", "x" * 300])
    def test_a_field_that_the_form_lacks_is_refused(self, key: str) -> None:
        (fault,) = profile_faults(K.profile, HANAKO | {key: "06-6441-8821"})
        assert (fault.code, fault.field) == ("UNKNOWN_FIELD", ("profile",))
        assert fault.message.startswith("expected fields among name, postalCode, ")

    def test_only_what_is_asked_for_now_must_be_there(self) -> None:
        first = L.profile.asked_at(Asked.FIRST_LOGIN)
        values = {"nickname": "リン", "birthMonth": "1980-04", "sex": "NOT_TOLD"}
        assert profile_faults(first, values) == ()
        missing = profile_faults(first, {"birthMonth": "1980-4"})
        assert [(fault.code, fault.field[-1]) for fault in missing] == [
            ("REQUIRED", "nickname"),
            ("BAD_FORM", "birthMonth"),
            ("REQUIRED", "sex"),
        ]


class TestNormalised:
    """MB-7: matching forgives width, spacing and hyphens, not content."""

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("関西 花子", "関西\u3000花子"),
            ("カンサイ ハナコ", "カンサイ\u3000ハナコ"),
            ("ガス", "\uff76\uff9e\uff7d"),
            ("06-6441-8821", wide("06-6441-8821")),
            ("06-6441-8821", "06−6441−8821"),
            ("06-6441-8821", "0664418821"),
            ("090ー1234ー5678", "09012345678"),
            ("537-0001", "537‐0001"),
            ("㈱関電", "(株)関電"),
            ("か\u3099す", "がす"),
        ],
    )
    def test_what_differs_only_so_is_the_same(self, one: str, other: str) -> None:
        assert normalised(one) == normalised(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("関西花子", "関西華子"),
            ("センター", "センタ"),
            ("カンサイ", "かんさい"),
            ("06-6441-8821", "06-6441-8822"),
            ("はは", "ばば"),
            ("Kanden", "kanden"),
        ],
    )
    def test_what_says_something_else_is_not(self, one: str, other: str) -> None:
        assert normalised(one) != normalised(other)

    @given(ANY_TEXT)
    def test_twice_is_the_same_as_once(self, text: str) -> None:
        once = normalised(text)
        assert normalised(once) == once
        assert not any(character.isspace() for character in once)


class TestAnything:
    """Whatever is handed in, the answer is a fault or none, and it can be sent."""

    @given(text=st.one_of(ANY_TEXT, addresses()), portal=st.sampled_from(sorted(PORTALS)))
    def test_no_text_breaks_a_check(self, text: str, portal: str) -> None:
        rules = PORTALS[portal]
        values = {field.key: text for field in rules.profile.fields} | {text: text}
        faults = [
            login_id_fault(rules, text),
            password_fault(rules.password, text, text, ()),
            email_fault(rules.email, text),
            *profile_faults(rules.profile, values),
        ]
        for fault in filter(None, faults):
            assert fault.message.isprintable()
            fault.message.encode()

    @pytest.mark.parametrize("text", LONG)
    def test_nothing_of_300_characters_is_taken(self, text: str) -> None:
        for portal in PORTALS.values():
            assert login_id_fault(portal, text)
            assert password_fault(portal.password, text, "", ())
            assert email_fault(portal.email, text)
            assert len(profile_faults(portal.profile, dict.fromkeys(HANAKO, text))) >= 1

    @pytest.mark.parametrize(
        "character",
        [
            character
            for character in NASTY
            if any(unicodedata.category(each)[0] == "C" for each in character)
        ]
        + ["\u3164", "\U000e0100", "\u2028", "\u00a0"],
    )
    @pytest.mark.parametrize("characters", Characters)
    def test_nothing_invisible_is_in_any_set(self, character: str, characters: Characters) -> None:
        form = TextForm(1, 20, characters)
        assert text_fault(form, f"アア{character}アア", ("name",))
        assert text_fault(form, f"11{character}11", ("name",))
