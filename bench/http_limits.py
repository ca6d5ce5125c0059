"""How long httpx keeps connections, which a server closes too."""

from typing import Final

import httpx

SHORT_LIVED: Final = httpx.Limits(
    max_connections=100, max_keepalive_connections=20, keepalive_expiry=1.0
)
"Else one would be used again in the very moment in which the server, after 5 s, closes it."
