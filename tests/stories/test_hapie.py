"""Seed page K: becoming a member of はぴeみる電, for which no contract is needed."""

from tests.api import Api
from tests.changing import (
    added,
    confirm_email,
    emails_of,
    entered,
    newest_link,
    prefer,
    remove_email,
    update,
)
from tests.logging_in import code_of, log_in
from tests.recovering import NEW, recover_id, recover_password, reset
from tests.registering import TEST_MAIL, codes, complete, faults, link_token, messages

PORTAL = "hapie"
EMAIL = "kanden.taro@example.jp"
PASSWORD = "tulip88field"
FIELDS = {
    "name": "関西\u3000太郎",
    "postalCode": "5370001",
    "address1": "大阪府大阪市北区",
    "address2": "中ノ島1-2-22",
    "phone": "06-6441-8821",
    "nickname": "かんでん太郎",
}
PROFILE = """{ viewer {
  state loginId profile { name email phone fields { key value } } facilities(first: 1) { totalCount }
} }"""
TERMS = "{ viewer { terms { document version { version } acceptedAt acceptance } } }"


async def test_anyone_registers_and_has_a_profile_but_no_facility(api: Api) -> None:
    """MB-1, MB-2, MB-3, MB-12."""
    token = await link_token(api, PORTAL, EMAIL)

    done = await complete(api, PORTAL, token, FIELDS, loginId="taro88", password=PASSWORD)

    assert done == {"state": "ACTIVE", "loginId": "taro88", "userErrors": []}
    session = (await log_in(api, portal=PORTAL, loginId="taro88", password=PASSWORD))["session"]
    assert (await api.data(PROFILE, session["accessToken"]))["viewer"] == {
        "state": "ACTIVE",
        "loginId": "taro88",
        "profile": {
            "name": FIELDS["name"],
            "email": EMAIL,
            "phone": FIELDS["phone"],
            "fields": [{"key": key, "value": value} for key, value in FIELDS.items()],
        },
        "facilities": {"totalCount": 0},
    }
    assert len(await messages(api.sources, "REGISTERED", EMAIL)) == 1


async def test_the_terms_in_force_are_accepted_with_the_form(api: Api) -> None:
    """MB-19."""
    token = await link_token(api, PORTAL, EMAIL)
    given = {"loginId": "taro88", "password": PASSWORD}
    for terms, expected in (
        ([], ("REQUIRED", "input.acceptedTerms.membership")),
        ([("membership", "2016-04")], ("OTHER_TERMS", "input.acceptedTerms.membership")),
    ):
        accepted = [{"document": document, "version": version} for document, version in terms]
        done = await complete(api, PORTAL, token, FIELDS, **given, acceptedTerms=accepted)
        assert faults(done) == [expected]

    assert codes(await complete(api, PORTAL, token, FIELDS, **given)) == []

    session = (await log_in(api, portal=PORTAL, loginId="taro88", password=PASSWORD))["session"]
    assert (await api.data(TERMS, session["accessToken"]))["viewer"]["terms"] == [
        {
            "document": "membership",
            "version": {"version": "2017-02"},
            "acceptedAt": "2040-06-15T12:10:00+09:00",
            "acceptance": "EXPLICIT",
        }
    ]


async def test_a_test_mail_goes_to_the_address_before_the_registration_is_finished(
    api: Api,
) -> None:
    """MB-6."""
    token = await link_token(api, PORTAL, EMAIL)

    for given, expected in ((token, []), ("wrong", ["WRONG_LINK"])):
        data = await api.data(TEST_MAIL, input={"portal": PORTAL, "token": given})
        assert codes(data["sendTestMail"]) == expected

    assert len(await messages(api.sources, "EMAIL_TEST", EMAIL)) == 1


async def test_every_wrong_entry_is_named_at_once(api: Api) -> None:
    """MB-3, MB-4, MB-12."""
    token = await link_token(api, PORTAL, EMAIL)
    fields = FIELDS | {"name": "Taro", "postalCode": "537\u20100001", "phone": ""}

    done = await complete(
        api, PORTAL, token, fields, loginId="1234567", password="passwords", course=None
    )

    assert faults(done) == [
        ("NEEDS_LETTER", "input.loginId"),
        ("NEEDS_DIGIT", "input.password"),
        ("HALF_WIDTH", "input.fields.name"),
        ("BAD_CHARACTER", "input.fields.postalCode"),
        ("REQUIRED", "input.fields.phone"),
    ]
    assert await code_of(api, portal=PORTAL, loginId="1234567") == "WRONG_LOGIN"


async def test_a_course_is_not_taken_where_there_is_none(api: Api) -> None:
    """MB-7."""
    token = await link_token(api, PORTAL, EMAIL)

    done = await complete(
        api, PORTAL, token, FIELDS, loginId="taro88", password=PASSWORD, course="INSTANT"
    )

    assert faults(done) == [("NO_SUCH_COURSE", "input.course")]


async def test_one_address_may_have_several_members(api: Api) -> None:
    """MB-5: the page asks for nothing else."""
    for name in ("taro88", "jiro88"):
        token = await link_token(api, PORTAL, EMAIL)
        done = await complete(api, PORTAL, token, FIELDS, loginId=name, password=PASSWORD)
        assert codes(done) == []


async def test_id_and_password_come_back_by_keyword_and_nickname(api: Api) -> None:
    """MB-11."""
    token = await link_token(api, PORTAL, EMAIL)
    given = {"loginId": "taro88", "password": PASSWORD}
    for answer, fault in (
        (None, ("REQUIRED", "input.recovery")),
        ({"question": "PET", "answer": "なにわばし"}, ("NOT_ASKED", "input.recovery.question")),
        ({"answer": "naniwa"}, ("HALF_WIDTH", "input.recovery.answer")),
        ({"answer": "なにわばし" * 3}, ("TOO_LONG", "input.recovery.answer")),
    ):
        form = given | {"recovery": answer}
        assert faults(await complete(api, PORTAL, token, FIELDS, **form)) == [fault]
    form = given | {"recovery": {"answer": "ナニワバシ"}}
    assert codes(await complete(api, PORTAL, token, FIELDS, **form)) == []

    known = {
        "portal": PORTAL,
        "way": "KEYWORD_AND_NICKNAME",
        "email": EMAIL,
        "nickname": "かんでん 太郎",
        "answer": "ﾅﾆﾜﾊﾞｼ",
    }
    for wrong in ({"nickname": "かんでん"}, {"answer": "なにわばし"}, {"email": "b@example.jp"}):
        assert codes(await recover_id(api, **known | wrong)) == ["WRONG_PROOF"]
    assert await recover_id(api, **known) == {"loginId": "taro88", "userErrors": []}

    may = await recover_password(api, **known, loginId="taro88")
    assert codes(await reset(api, may["token"], portal=PORTAL)) == []
    assert await code_of(api, portal=PORTAL, loginId="taro88", password=PASSWORD) == "WRONG_LOGIN"
    assert await code_of(api, portal=PORTAL, loginId="taro88", password=NEW) is None


async def test_a_member_changes_addresses_nickname_and_mails(api: Api) -> None:
    """MB-5, MB-12, MB-14."""
    link = await link_token(api, PORTAL, EMAIL)
    second = "kanden.hanako@example.jp"
    form = {"loginId": "taro88", "password": PASSWORD, "recovery": {"answer": "なにわばし"}}
    wrong = await complete(
        api, PORTAL, link, FIELDS, **form, moreEmails=[EMAIL.upper(), "a@example,jp", second]
    )
    assert faults(wrong) == [
        ("REPEATED", "input.moreEmails.0"),
        ("COMMA_FOR_DOT", "input.moreEmails.1"),
        ("TOO_MANY", "input.moreEmails.2"),
    ]
    done = await complete(api, PORTAL, link, FIELDS, **form, moreEmails=[second])
    assert codes(done) == []
    token = await entered(api, PORTAL, "taro88", PASSWORD)
    place = await api.data(
        '{ postalCode(code: "553-0003") { prefecture { kanji } city { kanji } town { kanji } } }'
    )
    assert place["postalCode"] == [
        {
            "prefecture": {"kanji": "大阪府"},
            "city": {"kanji": "大阪市福島区"},
            "town": {"kanji": "福島"},
        }
    ]

    assert await emails_of(api, token) == [EMAIL]
    assert codes(await confirm_email(api, await newest_link(api, second), PORTAL)) == []
    assert await emails_of(api, token) == [EMAIL, second]
    gone = await remove_email(api, token, second)
    assert gone["member"]["emails"] == [EMAIL]
    await added(api, token, PORTAL, second)

    changed = await update(api, token, ("nickname", "ふくしまの太郎"), ("mobile", "090-1234-5678"))
    assert codes(changed) == []
    values = {each["key"]: each["value"] for each in changed["member"]["profile"]["fields"]}
    assert values == FIELDS | {"nickname": "ふくしまの太郎", "mobile": "090-1234-5678"}
    assert faults(await update(api, token, ("phone", ""), ("mobile", ""))) == [
        ("REQUIRED", "input.fields.phone")
    ]

    switched = await prefer(api, token, ("READING", False), ("ADVERTISING", True))
    assert switched["member"]["mailPreferences"] == [
        {"topic": "READING", "wanted": False},
        {"topic": "BILL", "wanted": False},
        {"topic": "ADVERTISING", "wanted": True},
    ]
