"""Files at the provider: one upload a file, shared by the deliveries of a run that need it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from acuse.channels.contract import OutgoingFile, Sender
from acuse.deliveries.lane.byte_budget import ByteBudget


class Uploads:
    #: Files whose upload is remembered; a claim may be older than the row that keeps it.
    REMEMBERED = 2000

    def __init__(self, most_bytes: int) -> None:
        """`most_bytes`: of the files in flight at once."""
        self._bytes = ByteBudget(most_bytes)
        self._found: OrderedDict[str, asyncio.Future[str]] = OrderedDict()

    async def media_id(self, file: OutgoingFile, sender: Sender) -> str:
        """Raises ChannelError: whoever waits for the same upload shares its failure."""
        known = self._found.get(file.sha256)
        if known is not None:
            return await asyncio.shield(known)
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._found[file.sha256] = future
        try:
            async with self._bytes.hold(file.size):
                media_id = await sender.upload(file)
        except BaseException as error:
            self._found.pop(file.sha256, None)
            future.set_exception(error)
            future.exception()  # seen: another waiter may not exist
            raise
        future.set_result(media_id)
        self._trim()
        return media_id

    def forget(self, sha256: str, media_id: str) -> None:
        """The provider can't use it; a newer one of the same file stays."""
        known = self._found.get(sha256)
        if known is not None and known.done() and known.result() == media_id:
            del self._found[sha256]

    def _trim(self) -> None:
        while len(self._found) > self.REMEMBERED:
            oldest, future = next(iter(self._found.items()))
            if not future.done():
                return
            del self._found[oldest]
