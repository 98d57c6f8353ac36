"""What every page is looked at for: pictures, axe, and nothing wider than the screen."""

from __future__ import annotations

import os
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.folders import MANUAL, SHOTS

#: Both schemes and both widths, in two looks: axe takes most of the time of these tests.
AXE_AT = {("light", 1280), ("dark", 390)}
#: A frame is drawn, in which the page follows the scheme and hears how wide it is.
DRAWN = "async () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
#: What is only moving has arrived, as in a picture, and what moves for ever stands still.
STILL = """() => {
    for (const moving of document.getAnimations()) {
        if (moving.effect.getComputedTiming().endTime === Infinity) moving.cancel();
        else moving.finish();
    }
}"""
#: Only what it found leaves the page: telling all that was fine takes longer than looking.
VIOLATIONS = """async () => {
    const found = await axe.run({ resultTypes: ["violations"] });
    return found.violations.map(({ id, impact, nodes }) => (
        { id, impact, targets: nodes.slice(0, 3).map((node) => node.target) }
    ));
}"""


def resize(page: Page, width: int, height: int) -> None:
    """And wait until the page has heard of it: its scripts are told later than the browser."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(DRAWN)


def grave(page: Page) -> list[str]:
    page.evaluate(DRAWN)
    page.evaluate(STILL)
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(Axe().axe_script)
    found: list[dict[str, Any]] = page.evaluate(VIOLATIONS)
    return [f"{v['id']}: {v['targets']}" for v in found if v["impact"] in ("serious", "critical", "moderate")]


def look(page: Page, name: str) -> None:
    """Pictures light and dark, wide and narrow; axe in each scheme and each width; nothing wider than the screen; and a
    title without marks, which a browser shows as they are."""
    # whoever clicked a link is on its page, which may have come in half
    page.wait_for_load_state()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width, height in ((1280, 800), (390, 844)):
            resize(page, width, height)
            picture(page, f"{name}-{scheme}-{width}")
            if (scheme, width) in AXE_AT:
                found = grave(page)
                assert not found, f"{name} {scheme} {width}: {found}"
            fits(page, name, width)
    # the smallest phone that pages are made for
    resize(page, 360, 740)
    fits(page, name, 360)
    page.emulate_media(color_scheme="light")
    resize(page, 1280, 800)
    assert "<" not in page.title(), page.title()


def fits(page: Page, name: str, width: int) -> None:
    # what follows the width by script has heard of it
    page.evaluate(DRAWN)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} is {wide}px wider than {width}"


def pictures_are_wanted() -> bool:
    """Somebody looks at them, unless ACUSE_TEST_PICTURES=0 says that nobody does, as in CI."""
    return os.environ.get("ACUSE_TEST_PICTURES") != "0"


def picture(page: Page, name: str) -> None:
    """Of the whole page."""
    if pictures_are_wanted():
        SHOTS.mkdir(parents=True, exist_ok=True)
        # what is sticky stays where a scrolled page has it, in the middle of a picture of all of it
        page.evaluate("window.scrollTo({ top: 0, behavior: 'instant' })")
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True, animations="disabled")


def manual(page: Page, name: str) -> None:
    """A picture of the manual: `docs/pictures/manual/<name>.png`, put there by `make pictures`."""
    if not pictures_are_wanted():
        return
    MANUAL.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state()
    resize(page, 1120, 760)
    if page.locator("iframe").count():
        # the browser's own viewer draws the PDF when it likes, and tells nobody
        page.wait_for_timeout(2000)
    page.screenshot(path=MANUAL / f"{name}.png", animations="disabled")
    resize(page, 1280, 800)
