"""Addresses of files, asked for as clients do, and what is behind them."""

from typing import Any

import httpx

from tests.api import Api
from tests.world import Person

FROM, TO = "2040-06-01T00:00:00+09:00", "2040-06-16T00:00:00+09:00"

USAGE = """
query ($id: ID!, $from: DateTime!, $to: DateTime!, $format: DownloadFormat!,
       $resolution: Resolution! = HALF_HOUR, $direction: Direction! = IMPORT) {
  facility(id: $id) {
    usage(from: $from, to: $to, resolution: $resolution, direction: $direction) {
      download(format: $format) { url expiresAt }
    }
  }
}
"""


async def usage_url(api: Api, person: Person, file_format: str = "CSV", **variables: Any) -> str:
    """Address of a file of a person's usage."""
    given = {"id": person.facility_id, "from": FROM, "to": TO, "format": file_format} | variables
    data = await api.data(USAGE, person.token, **given)
    url: str = data["facility"]["usage"]["download"]["url"]
    return url


async def fetched(api: Api, url: str, **headers: str) -> httpx.Response:
    """The file at an address."""
    response = await api.client.get(url, headers=headers)
    assert response.status_code == 200, response.text
    return response


async def refused(api: Api, url: str, **headers: str) -> tuple[int, str]:
    """Status and code of a refusal."""
    response = await api.client.get(url, headers=headers)
    assert response.headers["content-type"] == "application/json"
    return response.status_code, response.json()["error"]["code"]
