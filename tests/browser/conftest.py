"""A real Chromium on a real server. Without one the tests are skipped, unless ACUSE_REQUIRE_BROWSER=1."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.browser import arriving
from tests.conftest import Cast
from tests.data.cast import PASSWORD

#: What hangs from the address bar, that nobody sees: each new window would load it in a process of its own, which takes
#: more than most pages that a test opens.
_UNSEEN = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup"]
#: What Playwright turns off by itself (`chromiumSwitches`): only the last switch of a name counts.
_TURNED_OFF = [
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints", "NetworkTimeServiceQuerying",
    "AimEnabled", "PreconnectToSearch", "msForceBrowserSignIn", "msEdgeUpdateLaunchServicesPreferredVersion",
]  # fmt: skip
#: As a container's root, and without anything that asks the network by itself.
_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", f"--disable-features={','.join(_TURNED_OFF + _UNSEEN)}",
]  # fmt: skip
# the machine may have other tests to run meanwhile; what is there already is waited for no longer
expect.set_options(timeout=20_000)


def _browser_path() -> str:
    names = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        if os.environ.get("ACUSE_REQUIRE_BROWSER") == "1":
            pytest.fail("ACUSE_REQUIRE_BROWSER=1 and there is no Chromium or Chrome in the PATH")
        pytest.skip("there is no Chromium or Chrome in the PATH")
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a failed test had before it: its picture stays on the machine that ran it."""
    report = yield
    shown: Page | None = getattr(item, "funcargs", {}).get("page")
    if report.when == "call" and report.failed and shown is not None and not shown.is_closed():
        try:
            text = shown.locator("body").inner_text(timeout=5_000)
        except PlaywrightError as error:
            text = f"It could not be read: {error}"
        report.sections.append((f"The page, {shown.url}", text))
    return report


# a module, no longer: Playwright keeps an event loop running in this thread, and other tests run their own
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = _browser_path()
    # Playwright's loop runs in this thread while the tests use the ORM beside it, which is no danger here
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        arriving.register(playwright)
        # its own words and dates (file fields, calendars) in the language of who uses it; Debian's are in chromium-l10n
        spoken: dict[str, str | float | bool] = {**os.environ, "LANGUAGE": "es_AR"}
        opened = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS, env=spoken)
        yield opened
        opened.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def _plain_static(settings: Any) -> None:
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    from tests.data import kept

    return Cast(**kept.cast())


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    # what turns for as long as something is on its way would be drawn sixty times a second
    context = browser.new_context(
        base_url=live_server.url, locale="es-AR", viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
    )
    opened = context.new_page()
    arriving.wait_for_arrivals(opened)
    faults: list[str] = []
    # what the policy blocks shows up here
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    context.close()
    assert [fault for fault in faults if "status of 4" not in fault] == []


def sign_in(page: Page, email: str = "ana@oeste.example") -> None:
    """On *Inicio*. The form is posted as the browser would, without waiting for its page: most tests begin after it."""
    page.request.get("/ingresar/")
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    form: dict[str, str | float | bool] = {"csrfmiddlewaretoken": token, "username": email, "password": PASSWORD}
    answer = page.request.post("/ingresar/", form=form, max_redirects=0)
    assert answer.status == 302, answer.text()
    page.goto("/")


def sign_in_by_form(page: Page, email: str = "ana@oeste.example") -> None:
    page.goto("/ingresar/")
    page.get_by_label("Correo").fill(email)
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Ingresar").click()
    expect(page.get_by_label("Tu usuario")).to_be_visible()
