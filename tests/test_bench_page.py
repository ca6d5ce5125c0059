"""The benchmark of the page: what is counted as its code, and one short run; never how fast."""

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.page import Looking, sizes
from bench.page_homes import PageHomes
from bench.page_size import compressed_kb, scripts_of
from tests.api import Api
from tests.browser import origin_of, tell_time

if TYPE_CHECKING:
    from playwright.async_api import Browser


def test_a_page_has_the_scripts_that_it_loads_now_or_later_each_once(tmp_path: Path) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    (assets / "app-1.js").write_text('import "./both-2.js"; import("./later-3.js"); "none.js"')
    (assets / "both-2.js").write_text('import "./app-1.js"')
    (assets / "later-3.js").write_text('import "./both-2.js"')
    (assets / "graphiql-4.js").write_text('import "./both-2.js"')
    page = tmp_path / "index.html"
    page.write_text('<script type="module" src="./assets/app-1.js"></script>')
    names = {file.name for file in scripts_of(page, assets)}
    assert names == {"app-1.js", "both-2.js", "later-3.js"}


def test_sizes_are_those_of_what_travels(tmp_path: Path) -> None:
    plain, dense = tmp_path / "plain.js", tmp_path / "dense.js"
    plain.write_bytes(b"a" * 100_000)
    dense.write_bytes(random.Random(1).randbytes(10_000))
    assert compressed_kb(plain) < 1
    assert 10 < compressed_kb(dense) < 10.1
    assert compressed_kb(plain, dense) == pytest.approx(compressed_kb(plain) + compressed_kb(dense))


async def test_a_short_run_over_small_homes_has_every_figure(api: Api, browser: "Browser") -> None:
    tell_time(api)
    homes = await PageHomes.put(api.sources, count=3, days=4, kept_free=2)
    looking = Looking(browser, homes, origin_of(api), visits=1)
    found = await looking.figures(idle_seconds=0.2)
    assert [(figure.figure, figure.unit, figure.better) for figure in found] == [
        ("page_first_chart_ms", "ms", "lower"),
        ("page_24m_draw_ms", "ms", "lower"),
        ("page_heap_growth_mb", "MB", "lower"),
        ("page_idle_cpu_pct", "%", "lower"),
    ]
    assert all(figure.value > 0 for figure in found if figure.unit == "ms")


def test_the_page_and_the_widget_keep_within_their_budgets() -> None:
    page, widget = sizes()
    assert (page.figure, page.unit, widget.figure, widget.unit) == (
        *("page_js_kb", "kB"),
        *("widget_js_kb", "kB"),
    )
    assert 20 < page.value < 150
    assert 10 < widget.value < 45
