"""What this tab keeps of what was typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

#: How many forms it holds.
KEPT = "Object.keys(sessionStorage).filter((key) => key.startsWith('acuse-draft:')).length"


def wait_for_a_draft(page: Page) -> None:
    """It is kept after a pause."""
    # wait_for_function would evaluate a text in the page, which its policy forbids
    for _ in range(200):
        if page.evaluate(KEPT) == 1:
            return
        page.wait_for_timeout(100)
    pytest.fail("nothing was kept of what was typed")
