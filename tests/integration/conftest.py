from __future__ import annotations

from collections.abc import Iterator

import pytest

#: Fixtures with companies and their vouchers.
_STAGES = ("people", "office", "cast")


@pytest.fixture(autouse=True)
def _nothing_drifts(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test does to deliveries and parties, what triggers keep of them is right at its end."""
    stages = [name for name in _STAGES if name in request.fixturenames]
    for name in stages:
        request.getfixturevalue(name)
    yield
    if stages:
        from tests.integration.truth import assert_nothing_drifted

        assert_nothing_drifted()
