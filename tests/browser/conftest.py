"""A live server and a real Chromium; a page that fails on any console error, broken rule or foreign request."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from tests.paths import CHECKOUT

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
)
WIDTHS = {390: 844, 1440: 900}
LANGUAGES = {"zh": "zh_Hans", "en": "en"}
AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium() -> str | None:
    """The Chromium to drive: EVENHAND_CHROMIUM, the system's, else None for Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("EVENHAND_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The address of the application, served by threads on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Visit:
    """A browser context whose pages note everything that must not happen."""

    site: str
    context: BrowserContext
    faults: list[str] = field(default_factory=list)

    def page(self, width: int = 1440) -> Page:
        """A page of one of the two `WIDTHS`."""
        opened = self.context.new_page()
        opened.set_viewport_size({"width": width, "height": WIDTHS[width]})
        opened.on("console", self._console)
        opened.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        opened.on("request", lambda request: self._request(request.url))
        return opened

    def go(self, page: Page, path: str, language: str = "zh") -> Page:
        """Open a path of the site in a language (`zh` or `en`)."""
        join = "&" if "?" in path else "?"
        page.goto(f"{self.site}{path}{join}lang={LANGUAGES[language]}", wait_until="load")
        return page

    def _console(self, message: Any) -> None:
        # A page answered with 4xx on purpose is reported by the browser as a failed resource.
        expected = message.text.startswith("Failed to load resource") and message.location.get("url") in self._refused
        expected = expected or "GPU stall due to ReadPixels" in message.text  # a screenshot of a software-drawn map
        if message.type in ("error", "warning") and not expected:
            self.faults.append(f"console {message.type}: {message.text}")

    def _request(self, url: str) -> None:
        if not url.startswith((self.site, "data:", "file:")):
            self.faults.append(f"foreign request: {url}")

    @property
    def _refused(self) -> set[str]:
        return {page.url for page in self.context.pages}


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    """Somebody who comes to the site; the test fails if a page broke a rule."""
    context = browser.new_context(reduced_motion="reduce", locale="zh-CN")
    visitor = Visit(site, context)
    yield visitor
    context.close()
    assert visitor.faults == []


@pytest.fixture
def shoot(tmp_path: Path) -> Callable[..., Path]:
    """`shoot(page, "lookup", "zh")` writes <name>-<language>-<width>.png: to docs/images if EVENHAND_IMAGES=1."""
    folder = CHECKOUT / "docs" / "images" if os.environ.get("EVENHAND_IMAGES") == "1" else tmp_path

    def take(page: Page, name: str, language: str) -> Path:
        width = (page.viewport_size or {"width": 0})["width"]
        path = folder / f"{name}-{language}-{width}.png"
        page.screenshot(path=path, full_page=True)
        return path

    return take


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA: one line a rule, with the first element."""
    # Evaluated by the debugger, not as a script of the page, so that the strict policy stays on.
    page.evaluate(AXE.read_text(encoding="utf-8") + "\n;undefined")
    result = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in result["violations"]]


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window: 0 on a page that needs no sideways scrolling."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide
