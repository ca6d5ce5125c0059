"""Providers of outside accounts as the settings name them: `key=https://client-id:secret@issuer`.

No message shows what was found: it may be a secret.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from domain.settings import SettingsError

_VARIABLE: Final = "KENSHIN_EXTERNAL_PROVIDERS"
_KEY: Final = re.compile("[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class ProviderClient:
    """What we are to a provider; without a secret a public client, which PKCE alone protects."""

    key: str
    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)


def read_providers(text: str) -> Mapping[str, ProviderClient]:
    """Providers by their keys; raises SettingsError."""
    found: dict[str, ProviderClient] = {}
    for place, entry in enumerate(text.split(), 1):
        client = _provider(entry)
        if client is None or client.key in found:
            raise SettingsError(
                f"{_VARIABLE} must be key=https://client-id:client-secret@issuer, each key once, with "
                f"spaces between: wrong is number {place}"
            )
        found[client.key] = client
    return found


def read_redirects(text: str) -> frozenset[str]:
    """Addresses that people may be sent back to, exactly as they are; raises SettingsError."""
    addresses = text.split()
    for address in addresses:
        if not re.match("[A-Za-z][A-Za-z0-9+.-]*:.", address) or "#" in address:
            raise SettingsError(
                "KENSHIN_EXTERNAL_REDIRECTS must be addresses without #, with spaces between, "
                f"found {address!r}"
            )
    return frozenset(addresses)


def is_safe(address: str) -> bool:
    """Whether what goes there is safe on its way: by https, or within this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host))


def _provider(entry: str) -> ProviderClient | None:
    key, _, url = entry.partition("=")
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if not _KEY.fullmatch(key) or not parts.username or parts.query or parts.fragment:
        return None
    issuer = _issuer(parts)
    if not is_safe(issuer):
        return None
    secret = unquote(parts.password) if parts.password else None
    return ProviderClient(key, issuer, unquote(parts.username), secret)


def _issuer(parts: SplitResult) -> str:
    """The URL without who comes; the rest stays as it is, since issuers are compared exactly."""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
