"""Going about by keyboard alone: every stop of the Tab key is looked at."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

#: What has the focus: in sight, marked, and under nothing else. A blank answer is a good one.
STOP = """() => {
    // the ring of a button grows
    document.getAnimations().forEach((one) => one.effect.getComputedTiming().endTime !== Infinity && one.finish());
    const here = document.activeElement;
    if (!here || here === document.body) return "";
    const name = (here.getAttribute("aria-label") ?? here.textContent.trim()) || here.name || here.tagName;
    // a control made of several shows the focus of its field; the calendar of a date has the browser's own mark
    const seen = (here.matches("input") && here.closest(".ts-control, .find")) || here;
    const native = here.type === "date" && !here.matches(":focus");
    const box = seen.getBoundingClientRect();
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    if (right - left < 1 || bottom - top < 1) return `${name}: out of sight`;
    const style = getComputedStyle(seen);
    const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    if (!outline && style.boxShadow === "none" && here.tagName !== "IFRAME" && !native) return `${name}: not marked`;
    const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (over && !seen.contains(over) && !over.contains(seen) && !over.closest("label")?.contains(seen))
        return `${name}: under ${over.className || over.tagName}`;
    return "";
}"""


def focused(target: Locator) -> bool:
    return bool(target.evaluate("node => node === document.activeElement"))


def tab_to(page: Page, target: Locator, *, key: str = "Tab", most: int = 90) -> None:
    """By so many stops at most."""
    target.wait_for()
    passed = []
    for _ in range(most):
        page.keyboard.press(key)
        fault = page.evaluate(STOP)
        assert not fault, fault
        passed.append(page.evaluate("document.activeElement.textContent.trim().slice(0, 30)"))
        if focused(target):
            return
    raise AssertionError(f"not reached by {most} presses of {key}: {passed}")


def wait_for_the_viewer(page: Page) -> None:
    """It takes the focus once, when its PDF is there, and the page gives it back: the next key would be anybody's."""
    page.locator(".voucher-pdf iframe[data-settled]").wait_for()


def to_content(page: Page) -> None:
    """By the first link of every page."""
    tab_to(page, page.get_by_role("link", name="Ir al contenido"), most=1)
    page.keyboard.press("Enter")
    page.locator("main:focus").wait_for()


def tab_and_press(page: Page, target: Locator, key: str = "Enter") -> None:
    tab_to(page, target)
    page.keyboard.press(key)
