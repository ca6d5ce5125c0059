"""Whether a partner's app may be registered as it was described."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from domain.consents import App, AppGrant

LONGEST: Final = 200
"Characters of any text of an app."
MOST_ADDRESSES: Final = 20
"Redirect addresses, and origins, of an app."
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_SCHEME_OF_AN_APP: Final = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
"A domain turned round (RFC 8252): no other app has it by accident."


def app_faults(app: App) -> Iterator[str]:
    """All that is wrong with an app, each in a line for the operator."""
    if not app.name.strip() or not app.name.isprintable():
        yield "the name must be one line of text"
    for text in (app.name, app.website, app.contact, *app.redirect_uris, *app.origins):
        if len(text) > LONGEST:
            yield f"{text[:40]}… is longer than {LONGEST} characters"
    if not app.scopes:
        yield "an app needs at least one scope"
    if max(len(app.redirect_uris), len(app.origins)) > MOST_ADDRESSES:
        yield f"an app has at most {MOST_ADDRESSES} redirect addresses and origins"
    if AppGrant.AUTHORIZATION_CODE in app.grants and not app.redirect_uris:
        yield "members can only be sent back to an app with a redirect address"
    if AppGrant.CLIENT_CREDENTIALS in app.grants and app.public:
        yield "a public app has no secret, and so no token of its own"
    yield from (
        f"{uri} must be https://…, http:// on this machine, or an app's own scheme, "
        "without a fragment, a name and a password"
        for uri in app.redirect_uris
        if not is_redirect(uri)
    )
    yield from (
        f"{origin} must be an origin as browsers write it, like https://app.example.jp"
        for origin in app.origins
        if not _is_origin(origin)
    )


def is_redirect(uri: str) -> bool:
    """Whether an address is one that a code may be sent to (RFC 8252, RFC 9700)."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    if not (uri.isascii() and uri.isprintable()) or " " in uri or "#" in uri or "\\" in uri:
        return False
    if parts.username is not None or parts.password is not None or port == 0:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname) and "*" not in parts.netloc
    if parts.scheme == "http":
        return parts.hostname in _LOOPBACK
    return _SCHEME_OF_AN_APP.fullmatch(parts.scheme) is not None


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    bare = f"{parts.scheme}://{parts.netloc}" == text == text.lower()
    return secure and bare and "@" not in text and "*" not in text and bool(parts.hostname)
