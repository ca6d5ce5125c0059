"""Every view of a facility, as an address leads to it, and what axe says of what is seen."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.browser import DESKTOP, PHONE, Screen, flaws

if TYPE_CHECKING:
    from playwright.async_api import Page

_GO: Final = """
view => {
  const asked = new URLSearchParams(view);
  const portal = new URLSearchParams(location.search).get("portal");
  if (portal !== null) asked.set("portal", portal);
  history.pushState(null, "", `?${asked}`);
  dispatchEvent(new PopStateEvent("popstate"));
}
"""


@dataclass(frozen=True, slots=True)
class View:
    """What one looks at; `ready` is seen as soon as all of it is there."""

    name: str
    address: str
    ready: str

    async def show(self, page: "Page", facility: str) -> None:
        """Lead a page that is open already to this view of a facility, as its links do."""
        from playwright.async_api import expect  # noqa: PLC0415

        await page.evaluate(_GO, f"facility={facility}&{self.address}")
        await expect(page.locator(self.ready).first).to_be_visible()
        await expect(page.locator("[aria-busy=true]")).to_have_count(0)


VIEWS: Final = (
    View("today", "view=today", "k-today [data-testid=period]"),
    View("today-table", "view=today&table=1", "k-today k-table tbody tr"),
    View("day", "view=day", "k-usage k-chart[data-bars]"),
    View("month", "view=month&compare=year", "k-usage [data-testid=before]"),
    View("month-table", "view=month&table=1", "k-usage k-table tbody tr"),
    View("fed-in", "view=month&direction=EXPORT", "k-usage k-chart[data-bars]"),
    View("period", "view=period", "k-usage k-chart[data-bars]"),
    View("year", "view=year", "k-usage k-chart[data-bars]"),
    View("all", "view=all", "k-usage k-chart[data-bars]"),
    View("profile", "view=profile", "k-profile k-chart[data-bars]"),
    View("bills", "view=bills", "k-bills summary"),
)


@dataclass
class Looks:
    """Looks at a page, light on a wide screen and dark on a narrow one, with axe."""

    page: "Page"
    found: list[str] = field(default_factory=list)
    "What is wrong."
    papers: set[str] = field(default_factory=set)
    "Colours of the background."

    async def at(self, name: str) -> None:
        """Note what is wrong with what the page shows."""
        for scheme, screen in (("light", DESKTOP), ("dark", PHONE)):
            await see(self.page, scheme, screen)
            self.papers.add(
                await self.page.evaluate(
                    "getComputedStyle(document.documentElement).backgroundColor"
                )
            )
            self.found.extend(f"{name}, {scheme}, {flaw}" for flaw in await flaws(self.page))


async def see(page: "Page", scheme: str, screen: Screen) -> None:
    """Look at an open page in another way."""
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.set_viewport_size({"width": screen.width, "height": screen.height})
