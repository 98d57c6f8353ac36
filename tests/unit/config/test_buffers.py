from __future__ import annotations

import pytest

from acuse.config.embedded.server import buffers_mb

_GB = 2**30


@pytest.mark.parametrize(
    ("memory", "expected"),
    [(_GB // 2, 128), (_GB, 128), (2 * _GB, 256), (3 * _GB, 384), (8 * _GB, 512), (64 * _GB, 512)],
)
def test_the_server_keeps_an_eighth_of_the_memory_within_bounds(memory: int, expected: int) -> None:
    assert buffers_mb(memory) == expected
