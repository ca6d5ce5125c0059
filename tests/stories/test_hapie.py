"""Seed page K: becoming a member of はぴeみる電, for which no contract is needed."""

from tests.api import Api
from tests.logging_in import code_of, log_in
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
