"""A browser, and sites to open in it: built by the command, from lakes that really ran."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from generator.cli.main import main
from generator.sample import write_sample

ROOT = Path(__file__).parents[2]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser(need: Callable[[object, str], None]) -> Iterator[Any]:
    need(find_spec("playwright"), "playwright isn't installed: pip install -e '.[dev]'")
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    need(found, "Chromium isn't installed: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


class Watched:
    """A page that remembers what a reader must never see: errors, and requests to anywhere."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("console", lambda message: self.problems.append(message.text) if message.type != "log" else None)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", self._asked)

    def _asked(self, request: Any) -> None:
        if not request.is_navigation_request() and not request.url.startswith("data:"):
            self.problems.append(f"asked for {request.url}")


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """A function that opens a site and returns the page; in the end nothing may have gone wrong on any of them."""
    opened: list[Watched] = []

    def open_site(site: Path, where: str = "#/", **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        context.set_default_timeout(10_000)
        watched = Watched(context.new_page())
        opened.append(watched)
        watched.page.goto(site.as_uri() + where)
        watched.page.wait_for_selector("main h1")
        return watched.page

    yield open_site
    problems = [problem for watched in opened for problem in watched.problems]
    for watched in opened:
        watched.page.context.close()
    assert problems == []


def make_site(folder: Path, spec: Path, data: Path | None = None, *flags: str, code: int = 0) -> Path:
    """Runs the lake, if there is data, and makes its site; returns the page."""
    lake, output = folder / "lake", folder / "docs"
    if data is not None:
        assert main(["run", "--spec", str(spec), "--data", str(data), "--lake", str(lake), "--json"]) == code
    assert main(["docs", "--spec", str(spec), "--lake", str(lake), "--output", str(output), *flags]) == 0
    return output / "index.html"


@pytest.fixture(scope="session")
def stedi_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stedi")
    write_sample(folder / "data")
    return make_site(folder, ROOT / "pipeline.yaml", folder / "data")


@pytest.fixture(scope="session")
def dirty_shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The shop's spec, and its data with some lines that are no rows."""
    folder = tmp_path_factory.mktemp("shop")
    example = ROOT / "docs" / "examples" / "shop"
    data = folder / "data"
    shutil.copytree(example / "landing", data)
    with open(data / "customers" / "customers.json", "a", encoding="utf-8") as file:
        file.write('{"customerId": "private-seven"}\nnot json\n')
    spec = folder / "pipeline.yaml"
    text = (example / "pipeline.yaml").read_text(encoding="utf-8")
    spec.write_text(
        text.replace("    path: customers/\n", "    path: customers/\n    max_bad_rows: 2\n"), encoding="utf-8"
    )
    return spec, data
