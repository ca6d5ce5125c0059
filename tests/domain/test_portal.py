"""Portal policies: what the five pages say, and how a wrong policy is refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facilities import PaymentMethod
from domain.policy import (
    ContractFact,
    Course,
    CourseKind,
    Duty,
    Lockout,
    LoginIdSource,
    MailTopic,
    Postcard,
    PostcardSecret,
    RecoveryWay,
    Registrant,
    WithdrawalEffect,
)
from domain.policy_tables import InvalidPolicy
from domain.portal import parse_portal
from domain.text_forms import Characters, MailCharacters, Need
from tests.policies import PORTALS, SHIPPED, changed, document

M, H, J, L, K = (SHIPPED[key] for key in ("mirai", "hepco", "denki-jtb", "hokulink", "hapie"))
Found = list[str]


VALUES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.dates(),
        st.sampled_from(["CHOSEN", "TEXT", "POSTCARD", "a\nb", ""]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
"What a value of a TOML file can be."


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Paths to all values within a document."""
    if isinstance(value, dict):
        steps: list[Any] = list(value.items())
    else:
        steps = list(enumerate(value)) if isinstance(value, list) else []
    below = [found for step, inner in steps for found in paths(inner, (*path, step))]
    return [path, *below] if path else below


PATHS = paths(document())


def wrong(whole: dict[str, Any]) -> Found:
    """What is wrong with a document of the invented portal."""
    with pytest.raises(InvalidPolicy) as refusal:
        parse_portal("aozora", whole)
    return str(refusal.value).splitlines()


class TestPages:
    """The facts of the five pages; what a page leaves open is not looked at here."""

    def test_there_are_five_portals(self) -> None:
        assert {key: (portal.name, portal.company) for key, portal in SHIPPED.items()} == {
            "denki-jtb": ("でんきJTB お客さまポータルサイト", "JTBコミュニケーションデザイン"),
            "hapie": ("はぴeみる電", "関西電力"),
            "hepco": ("Web請求サービス", "北海道電力"),
            "hokulink": ("ほくリンク", "北陸電力"),
            "mirai": ("みらいサイト", "九電ネクスト"),
        }

    def test_each_shows_24_months(self) -> None:
        """US-1, BI-1."""
        for key, portal in SHIPPED.items():
            assert portal.key == key
            assert portal.history_months == 24
            assert portal.reading_due == timedelta(minutes=90)

    def test_who_may_register(self) -> None:
        """MB-2."""
        by = {portal.key: portal.registration.by for portal in SHIPPED.values()}
        assert by == {
            "mirai": Registrant.CONTRACT_HOLDER,
            "denki-jtb": Registrant.CONTRACT_HOLDER,
            "hokulink": Registrant.CONTRACT_HOLDER,
            "hepco": Registrant.UTILITY_ISSUED,
            "hapie": Registrant.ANYONE,
        }
        low_voltage = {
            portal.key for portal in PORTALS.values() if portal.registration.low_voltage_only
        }
        assert low_voltage == {"mirai", "aozora"}
        for portal in (M, L, J):
            assert ContractFact.CUSTOMER_NUMBER in portal.proof.matches

    def test_registration_begins_with_an_address(self) -> None:
        """MB-1."""
        assert [portal.registration.email_first for portal in (L, M, K)] == [True] * 3

    def test_login_ids(self) -> None:
        """MB-3."""
        assert {portal.key: portal.login_id.source for portal in SHIPPED.values()} == {
            "mirai": LoginIdSource.CHOSEN,
            "hepco": LoginIdSource.ISSUED_BY_POSTCARD,
            "denki-jtb": LoginIdSource.EMAIL,
            "hokulink": LoginIdSource.ISSUED_BY_MAIL,
            "hapie": LoginIdSource.CHOSEN,
        }
        chosen, six = M.login_id.form, K.login_id.form
        assert chosen
        assert (chosen.min_length, chosen.max_length) == (8, 20)
        assert six
        assert (six.min_length, six.max_length) == (6, 8)
        assert six.characters is Characters.HALF_WIDTH_ALPHANUMERIC
        assert six.needs == (Need.LETTER,)
        assert M.login_id.case_sensitive
        assert not H.login_id.case_sensitive
        assert H.login_id.changeable

    def test_passwords(self) -> None:
        """MB-4."""
        assert (M.password.form.min_length, M.password.form.max_length) == (8, 20)
        form = K.password.form
        assert (form.min_length, form.max_length) == (6, 14)
        assert form.characters is Characters.HALF_WIDTH_ALPHANUMERIC
        assert set(form.needs) == {Need.LETTER, Need.DIGIT}
        assert not K.password.may_equal_login_id

    def test_addresses(self) -> None:
        """MB-5."""
        assert M.email.one_member_each
        assert H.email.characters is MailCharacters.ATOM
        assert L.email.characters is MailCharacters.LETTERS_DIGITS_DOT_HYPHEN_UNDERSCORE
        assert L.email.max_length == 100
        assert (K.email.max_length, K.email.max_addresses) == (50, 2)
        assert H.email.max_addresses > 1

    def test_proof_of_identity(self) -> None:
        """MB-7."""
        assert {*M.proof.matches} == {
            ContractFact.CUSTOMER_NUMBER,
            ContractFact.NAME,
            ContractFact.PHONE,
        }
        assert [course.kind for course in L.proof.courses] == [
            CourseKind.INSTANT,
            CourseKind.POSTCARD,
        ]
        instant, postcard = L.proof.courses
        assert instant.last_four
        assert {*instant.payment_methods} == {PaymentMethod.CARD, PaymentMethod.DIRECT_DEBIT}
        assert secret_of(postcard) is PostcardSecret.PASSWORD
        (card,) = H.proof.courses
        assert secret_of(card) is PostcardSecret.LOGIN_ID_AND_PASSWORD
        assert H.proof.matches == (ContractFact.PHONE,)
        by_slip = [
            course
            for course in M.proof.courses
            if PaymentMethod.PAYMENT_SLIP in course.payment_methods
        ]
        assert [secret_of(course) for course in by_slip] == [PostcardSecret.CODE]
        assert (K.proof.matches, K.proof.courses) == ((), ())

    def test_lockout(self) -> None:
        """MB-9; where a page is silent it is as Hokkaido Electric has it."""
        assert {portal.lockout for portal in SHIPPED.values()} == {Lockout(10, 6)}

    def test_keywords_on_a_new_device(self) -> None:
        """MB-10."""
        assert {key for key, portal in SHIPPED.items() if portal.second_factor} == {"hokulink"}
        assert L.second_factor
        assert L.second_factor.keywords == 3

    def test_outside_accounts(self) -> None:
        """MB-18."""
        assert {key for key, portal in SHIPPED.items() if portal.external_log_in} == {"hapie"}

    def test_recovery(self) -> None:
        """MB-11."""
        special = {
            key: {*portal.recovery.ways} - {RecoveryWay.EMAIL_LINK}
            for key, portal in SHIPPED.items()
        }
        assert special == {
            "mirai": {RecoveryWay.SECRET_QUESTION},
            "hokulink": {RecoveryWay.CUSTOMER_NUMBER},
            "hapie": {RecoveryWay.KEYWORD_AND_NICKNAME},
            "hepco": set(),
            "denki-jtb": set(),
        }

    def test_profiles(self) -> None:
        """MB-12."""
        lengths = {field.key: field.length for field in J.profile.fields}
        assert lengths["name"] == 20
        assert lengths["kana"] == 12
        assert lengths["address1"] == lengths["address2"] == 50
        assert K.profile.one_of == ("phone", "mobile")
        first = {field.key for field in L.profile.fields if field.asked == "FIRST_LOGIN"}
        assert first == {"nickname", "birthMonth", "sex"}
        assert {"familySize", "contractUse"} <= {field.key for field in L.profile.fields}

    def test_first_logins(self) -> None:
        """MB-4, MB-7, MB-10."""
        assert {portal.key: portal.first_login.duties for portal in SHIPPED.values()} == {
            "mirai": (),
            "hepco": (Duty.CONTRACT_PHONE,),
            "denki-jtb": (),
            "hokulink": (Duty.NEW_PASSWORD, Duty.KEYWORDS, Duty.PROFILE),
            "hapie": (),
        }

    def test_leaving(self) -> None:
        """MB-15."""
        assert M.withdrawal.effect is WithdrawalEffect.AT_ONCE
        assert K.withdrawal.effect is WithdrawalEffect.WITHIN_MONTH
        assert K.withdrawal.last_notice
        assert not K.withdrawal.contract_end_withdraws
        assert H.withdrawal.access_after_contract_months == 24

    def test_mails(self) -> None:
        """NO-1, NO-3."""
        topics = {key: {kind.topic for kind in one.mail_kinds} for key, one in SHIPPED.items()}
        assert {key for key, found in topics.items() if MailTopic.READING in found} == {"hapie"}
        assert MailTopic.BILL in topics["hepco"]
        for portal in SHIPPED.values():
            for kind in portal.mail_kinds:
                assert not kind.at_first or kind.topic is MailTopic.READING

    def test_when_bills_and_contracts_are_seen(self) -> None:
        """BI-3, FA-4."""
        assert H.billing.available_business_days == 6
        assert H.billing.debit_result_business_days == 5
        assert {key for key, one in SHIPPED.items() if one.billing.available_business_days} == {
            "hepco"
        }
        assert [one.billing.details_open for one in (M, H)] == ["CONTRACT_START", "AT_ONCE"]
        assert [one.billing.contracts_open for one in (M, H)] == ["AT_ONCE", "FIRST_BILL"]

    def test_who_gets_a_payment_certificate(self) -> None:
        """BI-6."""
        assert {key for key, one in SHIPPED.items() if one.billing.certificate} == {"hapie"}
        rule = K.billing.certificate
        assert rule
        assert (rule.months, rule.excluded_methods) == (12, (PaymentMethod.CARD,))


def secret_of(course: Course) -> PostcardSecret | None:
    return course.postcard.secret if course.postcard else None


def test_a_registration_asks_for_what_is_due_then_and_for_what_is_proof() -> None:
    """MB-7, MB-12."""
    keys = {
        key: [field.key for field in one.registration_form.fields] for key, one in PORTALS.items()
    }
    assert keys["mirai"] == ["customerNumber", "name", "phone"]
    assert set(keys["hokulink"]).isdisjoint({"nickname", "birthMonth", "sex"})
    assert "customerNumber" in keys["aozora"]
    assert "sky" not in keys["aozora"]
    assert K.registration_form == K.profile


class TestRefusals:
    def test_the_invented_portal_is_a_portal(self) -> None:
        portal = parse_portal("aozora", document())
        assert portal == PORTALS["aozora"]
        assert portal.proof.courses[0].postcard == Postcard(PostcardSecret.CODE, 6, 14)

    @pytest.mark.parametrize("key", ["", "Aozora", "sora_1", "1sora", "a" * 41, "空"])
    def test_a_key_that_no_address_could_hold(self, key: str) -> None:
        with pytest.raises(InvalidPolicy, match=r"^expected a file named like my-portal\.toml"):
            parse_portal(key, document())

    def test_every_fault_is_told_at_once(self) -> None:
        whole = changed(("lockout", "attempts"), 2) | {"colour": "red"}
        del whole["email"]["label"]
        assert sorted(wrong(whole)) == [
            (
                "colour: unknown key; known are name, company, zone, history_months, "
                "reading_due_minutes, registration, login_id, password, email, proof, lockout, "
                "recovery, profile, first_login, withdrawal, billing, mail_kinds, second_factor, "
                "external_log_in, terms"
            ),
            "email.label: expected a table, found nothing",
            "lockout.attempts: expected a whole number 3 to 100, found 2",
        ]

    @pytest.mark.parametrize(
        ("path", "value", "message"),
        [
            (("name",), "", "name: expected a text, found ''"),
            (("name",), " \t", r"name: expected a text, found ' \t'"),
            (("name",), 7, "name: expected a text, found 7"),
            (("zone",), "UTC", "zone: expected Asia/Tokyo, found 'UTC'"),
            (("history_months",), 0, "history_months: expected a whole number 1 to 120, found 0"),
            (
                ("history_months",),
                True,
                "history_months: expected a whole number 1 to 120, found True",
            ),
            (
                ("reading_due_minutes",),
                90.0,
                "reading_due_minutes: expected a whole number 0 to 1440, found 90.0",
            ),
            (("lockout",), 5, "lockout: expected a table, found 5"),
            (("lockout",), None, "lockout: expected a table, found nothing"),
            (
                ("lockout", "until_hour"),
                24,
                "lockout.until_hour: expected a whole number 0 to 23, found 24",
            ),
            (
                ("registration", "low_voltage_only"),
                1,
                "registration.low_voltage_only: expected true or false, found 1",
            ),
            (
                ("registration", "by"),
                "EVERYBODY",
                (
                    "registration.by: expected one of CONTRACT_HOLDER, UTILITY_ISSUED, ANYONE, "
                    "found 'EVERYBODY'"
                ),
            ),
            (("mail_kinds",), {}, "mail_kinds: expected a list, found {}"),
            (("mail_kinds",), None, "mail_kinds: expected a list, found nothing"),
            (
                ("mail_kinds", 0, "topic"),
                ["BILL"],
                "mail_kinds[0].topic: expected one of BILL, READING, ADVERTISING, found ['BILL']",
            ),
            (
                ("profile", "fields", 2, "key"),
                "Customer number",
                "profile.fields[2].key: expected a name like postalCode, found 'Customer number'",
            ),
        ],
    )
    def test_a_wrong_value_is_named_with_what_was_expected_and_found(
        self, path: tuple[str | int, ...], value: object, message: str
    ) -> None:
        assert wrong(changed(path, value)) == [message]

    @pytest.mark.parametrize(
        ("path", "value", "message"),
        [
            (
                ("password", "form", "max_length"),
                4,
                "password.form.max_length: expected at least min_length 5, found 4",
            ),
            (
                ("login_id", "form", "needs"),
                ["DIGIT", "LETTER"],
                "login_id.form.needs[1]: no character of DIGITS is a LETTER",
            ),
            (
                ("login_id", "form"),
                None,
                "login_id.form: expected a form, found nothing",
            ),
            (
                ("login_id", "source"),
                "EMAIL",
                "login_id.form: expected no form, as the ID is an address, found one",
            ),
            (
                ("login_id", "source"),
                "ISSUED_BY_POSTCARD",
                (
                    "login_id.source: expected ISSUED_BY_POSTCARD if and only if a postcard brings "
                    "LOGIN_ID_AND_PASSWORD, found ISSUED_BY_POSTCARD\n"
                    "registration.by: expected UTILITY_ISSUED if and only if login_id.source is "
                    "ISSUED_BY_POSTCARD, found CONTRACT_HOLDER"
                ),
            ),
            (
                ("registration", "by"),
                "UTILITY_ISSUED",
                (
                    "registration.by: expected UTILITY_ISSUED if and only if login_id.source is "
                    "ISSUED_BY_POSTCARD, found UTILITY_ISSUED"
                ),
            ),
            (
                ("registration", "by"),
                "ANYONE",
                (
                    "proof.matches: expected none, as anyone may register\n"
                    "proof.courses: expected none, as anyone may register"
                ),
            ),
            (("proof", "courses"), [], "proof.courses: expected one or more"),
            (
                ("proof", "matches", 0),
                "name",
                "proof.matches[0]: expected a required profile field name that is not asked LATER",
            ),
            (
                ("proof", "matches", 0),
                "postalCode",
                "proof.matches[1]: postalCode stands there already",
            ),
            (
                ("proof", "courses", 0, "postcard"),
                None,
                "proof.courses[0].postcard: expected with kind POSTCARD and with no other",
            ),
            (
                ("proof", "courses", 1, "payment_methods"),
                [],
                "proof.courses[1].payment_methods: expected one or more, found none",
            ),
            (
                ("proof", "courses", 1, "payment_methods"),
                ["PAYMENT_SLIP"],
                "proof.courses[1].last_four: a payment slip has neither card nor account",
            ),
            (
                ("proof", "courses", 0, "last_four"),
                True,
                (
                    "proof.courses[0].last_four: expected false unless kind is INSTANT, found true\n"
                    "proof.courses[0].last_four: a payment slip has neither card nor account"
                ),
            ),
            (
                ("second_factor",),
                None,
                "first_login.duties: expected KEYWORDS if and only if there is a second_factor",
            ),
            (
                ("first_login", "duties"),
                ["PROFILE", "KEYWORDS", "CONTRACT_PHONE"],
                (
                    "first_login.duties: expected CONTRACT_PHONE if and only if proof matches a "
                    "profile field phone that is asked FIRST_LOGIN"
                ),
            ),
            (
                ("first_login", "duties"),
                ["KEYWORDS", "KEYWORDS"],
                "first_login.duties[1]: KEYWORDS stands there already",
            ),
            (
                ("recovery", "ways"),
                ["SECRET_QUESTION"],
                "recovery.ways: expected EMAIL_LINK among them",
            ),
            (
                ("recovery", "questions"),
                None,
                "recovery.questions: expected with SECRET_QUESTION and not without it",
            ),
            (
                ("recovery", "questions"),
                [{"key": "STAR", "label": {"ja": "星", "en": "Star"}}] * 2,
                "recovery.questions[1]: STAR stands there already",
            ),
            (
                ("external_log_in", "providers"),
                [],
                "external_log_in.providers: expected one or more, found none",
            ),
            (
                ("external_log_in", "providers"),
                [{"key": "sun", "label": {"ja": "日", "en": "Sun"}}] * 2,
                "external_log_in.providers[1]: sun stands there already",
            ),
            (
                ("external_log_in", "providers", 0, "key"),
                "The Sun",
                "external_log_in.providers[0].key: expected a key like my-provider, found 'The Sun'",
            ),
            (
                ("recovery", "answer"),
                None,
                (
                    "recovery.answer: expected with KEYWORD_AND_NICKNAME or SECRET_QUESTION "
                    "and not without"
                ),
            ),
            (
                ("profile", "fields", 5, "required"),
                False,
                (
                    "recovery.ways: expected a required profile field nickname for "
                    "KEYWORD_AND_NICKNAME"
                ),
            ),
            (
                ("proof", "matches"),
                ["kana"],
                (
                    "proof.matches: expected customerNumber among them, which finds the contract\n"
                    "recovery.ways: expected proof to match customerNumber for CUSTOMER_NUMBER"
                ),
            ),
            (
                ("billing", "issuer_number"),
                "T123",
                "billing.issuer_number: expected T and 13 digits, found 'T123'",
            ),
            (
                ("billing", "closed"),
                ["12-29", "12-29"],
                "billing.closed[1]: 12-29 stands there already",
            ),
            (
                ("billing", "closed"),
                ["02-30"],
                "billing.closed[0]: expected a day of the year like 12-31, found '02-30'",
            ),
            (
                ("billing", "closed"),
                [f"{month:02}-{day:02}" for month in (1, 3, 5) for day in range(1, 22)],
                "billing.closed: expected at most 60 days",
            ),
            (
                ("billing", "no_bill_mail"),
                ["sky-high"],
                "billing.no_bill_mail[0]: expected one of plans, found 'sky-high'",
            ),
            (
                ("billing", "certificate", "excluded_methods"),
                ["CARD", "CARD"],
                "billing.certificate.excluded_methods[1]: CARD stands there already",
            ),
            (
                ("profile", "one_of"),
                ["phone", "fax"],
                "profile.one_of[1]: expected the key of a field, found 'fax'",
            ),
            (
                ("profile", "one_of"),
                ["phone"],
                "profile.one_of: expected two fields or more, found one",
            ),
            (
                ("profile", "fields", 4, "key"),
                "kana",
                (
                    "profile.fields[4]: kana stands there already\n"
                    "profile.one_of[1]: expected the key of a field, found 'mobile'"
                ),
            ),
            (
                ("profile", "fields", 0, "max_length"),
                None,
                "profile.fields[0].max_length: expected with form TEXT",
            ),
            (
                ("profile", "fields", 1, "max_length"),
                8,
                "profile.fields[1].max_length: only a field of form TEXT has it",
            ),
            (
                ("profile", "fields", 6, "choices"),
                [],
                "profile.fields[6].choices: expected with form CHOICE",
            ),
            (
                ("mail_kinds",),
                [document()["mail_kinds"][0]] * 2,
                "mail_kinds[1]: ADVERTISING stands there already",
            ),
        ],
    )
    def test_values_that_do_not_fit_each_other_are_named(
        self, path: tuple[str | int, ...], value: object, message: str
    ) -> None:
        assert "\n".join(wrong(changed(path, value))) == message

    @given(path=st.sampled_from(PATHS), value=VALUES)
    def test_whatever_stands_somewhere_is_taken_or_refused_by_its_path(
        self, path: tuple[str | int, ...], value: object
    ) -> None:
        try:
            parse_portal("aozora", changed(path, value))
        except InvalidPolicy as error:
            lines = str(error).splitlines()
            wrong_values = len(error.wrong)
        else:
            return
        assert len(lines) == wrong_values > 0

    def test_a_password_by_postcard_has_the_length_of_a_password(self) -> None:
        whole = changed(("proof", "courses", 0, "postcard", "secret"), "PASSWORD")
        whole["password"]["form"]["min_length"] = 7
        assert wrong(whole) == [
            "proof.courses[0].postcard.length: expected the length of a password, 7 to 100, found 6"
        ]


class TestHistory:
    @pytest.mark.parametrize(
        ("now", "months", "opens_on"),
        [
            pytest.param(
                datetime(2026, 11, 22, 1, tzinfo=UTC), 24, date(2024, 11, 22), id="same day"
            ),
            pytest.param(
                datetime(2026, 11, 22, 14, 59, tzinfo=UTC),
                24,
                date(2024, 11, 22),
                id="before midnight",
            ),
            pytest.param(
                datetime(2026, 11, 22, 15, tzinfo=UTC), 24, date(2024, 11, 23), id="Tokyo midnight"
            ),
            pytest.param(
                datetime(2024, 2, 29, 1, tzinfo=UTC), 24, date(2022, 2, 28), id="leap day"
            ),
            pytest.param(
                datetime(2026, 3, 31, 1, tzinfo=UTC), 1, date(2026, 2, 28), id="short month"
            ),
        ],
    )
    def test_it_opens_so_many_months_before_the_tokyo_date(
        self, now: datetime, months: int, opens_on: date
    ) -> None:
        """US-1."""
        portal = parse_portal("aozora", changed(("history_months",), months))
        assert portal.history_from(now) == opens_on
