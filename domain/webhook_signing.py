"""Signatures of webhook requests: the scheme of Standard Webhooks (https://www.standardwebhooks.com).

A receiver checks who sent a request, and by its timestamp that nobody sends an old one again.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

KEY_BYTES: Final = 32
_PREFIX: Final = "whsec_"


def secret_text(key: bytes) -> str:
    """A key as its owner keeps it."""
    return _PREFIX + base64.b64encode(key).decode()


def signed_headers(
    event: str, body: bytes, keys: Iterable[bytes], now: datetime
) -> Mapping[str, str]:
    """Headers of a request that carries an event: one signature for each key that may be in use."""
    seconds = str(int(now.timestamp()))
    content = b".".join((event.encode(), seconds.encode(), body))
    return {
        "webhook-id": event,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(_signature(key, content) for key in keys),
    }


def _signature(key: bytes, content: bytes) -> str:
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
