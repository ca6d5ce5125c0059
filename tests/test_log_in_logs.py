"""What is written down while members log in: no password, token, keyword, address or ID."""

import logging

import pytest
import structlog

from domain.members import MemberProfile, MemberState
from tests.api import Api
from tests.logging_in import code_in, confirm, fail, log_in, refresh
from tests.test_own_login import NEW, change
from tests.test_second_factor import ERIN, KEYWORDS, answer, challenged, set_keywords
from tests.world import PASSWORD, World, password_hash


async def test_no_secret_and_no_address_is_logged(
    api: Api, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    erin = await world.person("hokulink", "erin", facilities=0)
    profile = MemberProfile("山田花子", None, "hanako@example.jp", "03-0000-0000")
    await api.sources.members.put("hokulink", "erin", password_hash(), MemberState.ACTIVE, profile)
    with caplog.at_level(logging.INFO), structlog.testing.capture_logs() as logs:
        await confirm(api, erin.token)
        device = (await set_keywords(api, erin.token))["deviceToken"]
        session = (await log_in(api, **ERIN, deviceToken=device))["session"]
        fresh = (await refresh(api, session["refreshToken"]))["session"]
        assert code_in(await refresh(api, session["refreshToken"])) == "WRONG_TOKEN"
        challenge = await challenged(api)
        await answer(api, challenge["token"], "wrong answer")
        await change(api, erin.token, NEW)
        await fail(api, 12, **ERIN)
        await api.sources.afterwards.close()

    said = [record.getMessage() for record in caplog.records if record.name != "httpx"]
    written = repr((logs, said))
    assert "a used refresh token came back" in written
    secrets = [PASSWORD, NEW, "wrong horse 1", "wrong answer", *KEYWORDS, password_hash()]
    tokens = [device, challenge["token"], erin.token]
    tokens += [one[name] for one in (session, fresh) for name in ("accessToken", "refreshToken")]
    personal = ["hanako@example.jp", "山田花子", "03-0000-0000", "127.0.0.1", "erin"]
    found = [text for text in (*secrets, *tokens, *personal) if text in written]
    assert found == []
