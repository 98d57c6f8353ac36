from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from acuse.kernel.clock import now
from acuse.kernel.ids import new_id, new_secret


def test_now_is_aware_and_in_utc() -> None:
    moment = now()
    assert moment.utcoffset() == timedelta(0)
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)


def test_ids_are_uuids_of_version_7_that_sort_by_creation() -> None:
    ids = [new_id() for _ in range(1000)]
    assert {one.version for one in ids} == {7}
    assert ids == sorted(set(ids))


def test_secrets_are_url_safe_and_never_the_same() -> None:
    found = {new_secret() for _ in range(100)}
    assert len(found) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", one) for one in found)
    assert len(new_secret(16)) == 22
