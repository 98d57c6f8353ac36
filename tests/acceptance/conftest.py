from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.installation import Installation, installation


@pytest.fixture(scope="module")
def office() -> Iterator[Installation]:
    """One company with WhatsApp, its database held; shared by a module's tests, which use other numbers each."""
    with installation() as place:
        place.hold_database()
        place.setup()
        yield place
