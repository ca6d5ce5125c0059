"""Seed page H: nobody registers with Web請求サービス, the company makes the accounts."""

from tests.api import Api
from tests.registering import complete, everything, faults, link_token, start
from tests.stories.test_hapie import FIELDS


async def test_nobody_registers(api: Api) -> None:
    """MB-2."""
    assert faults(await start(api, "hepco", "hanako@example.jp")) == [
        ("NO_REGISTRATION", "input.portal")
    ]

    token = await link_token(api, "hapie", "hanako@example.jp")
    before = await everything(api.sources)
    done = await complete(api, "hepco", token, FIELDS, loginId="taro88", password="tulip88field")
    assert faults(done) == [("NO_REGISTRATION", "input.portal")]
    assert await everything(api.sources) == before
