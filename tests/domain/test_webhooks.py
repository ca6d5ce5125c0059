"""Webhooks as rules: signatures, where requests may go, when they are tried again."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from domain.readings import Direction, Quality
from domain.stored import stored_reading
from domain.stream_cursor import decode_positions
from domain.webhook_addresses import address_fault, is_public
from domain.webhook_events import readings_received
from domain.webhook_signing import secret_text, signed_headers
from domain.webhooks import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    OLD_KEY_LASTS,
    PATIENCE,
    Delivery,
    EventKind,
    SigningKey,
    Trouble,
    Webhook,
    is_hopeless,
    pause_after,
)
from schema.nodes import node_id

NOW = datetime(2040, 6, 15, 3, 10, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32
HOOK = Webhook("w", "a", "https://app.example", frozenset(EventKind), (SigningKey(OLD),), NOW)


def test_a_receiver_verifies_requests_with_the_library_of_the_scheme() -> None:
    body = '{"type":"webhook.test","data":"検針"}'.encode()
    headers = dict(signed_headers("evt_1", body, [NEW, OLD], datetime.now(UTC)))

    for key in (NEW, OLD):
        assert Verifier(secret_text(key)).verify(body, headers) == orjson.loads(body)
    for wrong in ({"webhook-id": "evt_2"}, {"webhook-timestamp": "1"}):
        with pytest.raises(WebhookVerificationError):
            Verifier(secret_text(NEW)).verify(body, headers | wrong)
    with pytest.raises(WebhookVerificationError):
        Verifier(secret_text(b"x" * 32)).verify(body, headers)


def test_the_documented_code_takes_what_is_signed() -> None:
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    known: dict[str, Any] = {}
    exec(code, known)

    body = b'{"type":"webhook.test"}'
    headers = dict(signed_headers("evt_1", body, [NEW], datetime.now(UTC)))
    assert known["taken"](headers, body) == {"type": "webhook.test"}
    with pytest.raises(WebhookVerificationError):
        known["taken"](headers, body + b" ")


def test_the_old_key_signs_beside_the_new_one_for_a_day() -> None:
    keys = HOOK.with_key(NEW, NOW)
    changed = Webhook("w", "a", "https://app.example", frozenset(EventKind), keys, NOW)

    assert HOOK.keys_at(NOW) == [OLD]
    assert changed.keys_at(NOW + OLD_KEY_LASTS - timedelta(seconds=1)) == [NEW, OLD]
    assert changed.keys_at(NOW + OLD_KEY_LASTS) == [NEW]
    assert b"ooo" not in repr(changed).encode()


def test_pauses_double_up_to_the_longest_and_are_spread() -> None:
    pauses = [pause_after(attempts, 0) for attempts in range(1, 30)]

    assert pauses[:4] == [FIRST_PAUSE * factor for factor in (1, 2, 4, 8)]
    assert pauses[-1] == LONGEST_PAUSE
    assert pause_after(3, 1) == pauses[2] / 2


def test_a_delivery_is_hopeless_when_it_failed_for_72_hours_however_often() -> None:
    first = Delivery("w", "c").failed(NOW, 0)
    later = NOW + PATIENCE - timedelta(seconds=1)
    second = Delivery("w", "c", trouble=first).failed(later, 0)

    assert first == Trouble(NOW, 1, NOW + FIRST_PAUSE)
    assert (second.since, second.attempts) == (NOW, 2)
    assert not is_hopeless(second, later)
    assert is_hopeless(second, NOW + PATIENCE)
    assert not Delivery("w", "c", trouble=first).is_due(NOW)
    assert Delivery("w", "c", trouble=first).is_due(NOW + FIRST_PAUSE)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::ffff:127.0.0.1", "::7f00:1", "fe80::1", "fe80::1%eth0", "fc00::1"),
        *("ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2001:db8::1", "2001:0:1::1"),
        *("2002:7f00:1::", "app.example", ""),
    ],
)
def test_what_is_not_of_the_internet_is_not_called(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "203.0.114.1", "2606:4700:4700::1111"])
def test_what_is_of_the_internet_is_called(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("", "app.example", "//app.example", "http://app.example", "ftp://app.example"),
        *(
            "https://",
            "https:///path",
            "https://:443/",
            "https://app.example:0",
            "https:app.example",
        ),
        *("https://app.example:65536", "https://app.example:x", "https://me@app.example"),
        *("https://app.example@127.0.0.1", "https://app.example/#part", "https://app.example/#"),
        *("https://127.0.0.1", "https://[::1]", "https://169.254.169.254/latest", "https://[::"),
        *("https://app.example/a b", "https://app.example\r\nx: y", "https://例え.example"),
        *("https://app_1.example\\@10.0.0.1", "javascript:alert(1)", "https://a" + "a" * 2000),
        *("HTTP://app.example", "https://app.example\0"),
    ],
)
def test_an_address_that_must_not_be_called_is_refused(address: str) -> None:
    assert address_fault(address, ()) is not None


def test_addresses_of_the_internet_are_taken_and_named_hosts_by_http_too() -> None:
    for address in ("https://app.example", "HTTPS://app.example:8443/hooks?a=b", "https://1.1.1.1"):
        assert address_fault(address, ()) is None
    private = {"127.0.0.1", "localhost", "::1"}
    for address in ("http://127.0.0.1:8000/x", "https://localhost", "http://[::1]:1/"):
        assert address_fault(address, private) is None
    assert address_fault("http://127.0.0.2/", private) is not None


def test_an_event_names_readings_and_is_the_same_whenever_it_is_made() -> None:
    reading = stored_reading(
        7, Direction.EXPORT, 1_234_567, 250, 1 << 2 | Quality.SETTLED, 5, 9_000
    )
    delivery = Delivery("w", "c", places={7: 4, 8: 1})

    event = readings_received(delivery, [reading], {7: 5})

    assert event.data["consentId"] == node_id("Consent", "c")
    assert event.data["readings"] == [
        {
            "facilityId": node_id("Facility", 7),
            "direction": "EXPORT",
            "startAt": "2040-06-02T12:30:00+09:00",
            "revision": 1,
        }
    ]
    assert decode_positions(event.data["after"]) == {7: 4}
    assert b"250" not in event.body()
    assert event == readings_received(delivery, [reading], {7: 5})
    assert event.id != readings_received(delivery, [reading], {7: 6}).id
