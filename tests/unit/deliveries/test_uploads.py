from __future__ import annotations

import asyncio
from pathlib import Path

from acuse.channels.contract import OutgoingFile
from acuse.channels.fake import FakeSender
from acuse.deliveries.lane.uploads import Uploads


def file(sha256: str) -> OutgoingFile:
    return OutgoingFile(sha256, Path("/nowhere"), 10, "application/pdf", "a.pdf")


def test_what_is_remembered_is_bounded() -> None:
    async def scenario() -> int:
        sender, uploads = FakeSender(), Uploads(1000)
        uploads.REMEMBERED = 2
        for name in ("a", "b", "c", "c", "a"):
            await uploads.media_id(file(name), sender)
        return len(sender.uploaded)

    assert asyncio.run(scenario()) == 4


def test_only_the_upload_that_failed_is_forgotten() -> None:
    async def scenario() -> int:
        sender, uploads = FakeSender(), Uploads(1000)
        media_id = await uploads.media_id(file("a"), sender)
        uploads.forget("a", "an older one")
        await uploads.media_id(file("a"), sender)
        uploads.forget("a", media_id)
        await uploads.media_id(file("a"), sender)
        return len(sender.uploaded)

    assert asyncio.run(scenario()) == 2
