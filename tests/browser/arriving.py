"""A page is used once it has arrived, as by a person, who sees it some time before they click or type.

Playwright acts on what it finds from the first piece of a page on, when the page's scripts may be still on their way: a
select without its search, a field that nobody listens to.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Playwright, Route

#: Finds the page itself while its scripts are on their way. A clock that a test puts there knows nothing of it.
_ENGINE = """{
    queryAll(root) {
        const [arrival] = performance.getEntriesByType("navigation");
        // before its first byte there is nothing to be found, nor used
        const page = document.documentElement;
        return page && arrival && arrival.domContentLoadedEventEnd === 0 ? [page] : [];
    },
    query(root) { return this.queryAll(root)[0] ?? null; },
}"""


def register(playwright: Playwright) -> None:
    playwright.selectors.register("arriving", _ENGINE, content_script=True)


def wait_for_arrivals(page: Page) -> None:
    """From now on, before every act and every expectation."""
    page.add_locator_handler(page.locator("arriving=page"), lambda: page.wait_for_load_state("domcontentloaded"))


def first_of(page: Page, held: list[Route]) -> Route:
    """Of the requests that a test holds back: the page may not have asked yet."""
    for _ in range(200):
        if held:
            return held[0]
        page.wait_for_timeout(100)
    pytest.fail("the page asked for nothing")
