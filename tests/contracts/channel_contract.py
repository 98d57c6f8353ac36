"""What every channel's adapter must do. A test class inherits it, and brings a rig to make its provider behave."""

from __future__ import annotations

import asyncio
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from acuse.channels.contract import Accepted, ChannelError, OutgoingFile, OutgoingMessage, Sender, Verdict

PDF = b"%PDF-1.7 una factura de prueba"


class Rig(ABC):
    """One adapter with a provider that the test commands."""

    sender: Sender
    #: Recipients by number.
    to: str
    content: Mapping[str, Any]
    uploads: bool

    def __init__(self, folder: Path) -> None:
        self.path = folder / "factura.pdf"
        self.path.write_bytes(PDF)

    @property
    def file(self) -> OutgoingFile:
        digest = hashlib.sha256(PDF).hexdigest()
        return OutgoingFile(digest, self.path, len(PDF), "application/pdf", "Factura A 00003-00000042.pdf")

    def message(self, number: int = 0) -> OutgoingMessage:
        return OutgoingMessage(
            delivery_id=f"018f-{number}",
            to=self.to,
            file=self.file,
            media_id="1037543291543636" if self.uploads else None,
            content=self.content,
        )

    @abstractmethod
    def arrived(self) -> int:
        """How many messages reached the provider, whatever it answered."""

    @abstractmethod
    async def refuse(self) -> None:
        """From now on the provider refuses the content of messages."""

    @abstractmethod
    async def lose_answers(self) -> None:
        """From now on the provider takes messages, and the connection breaks before its answer."""

    @abstractmethod
    async def vanish(self) -> None:
        """From now on nobody listens there."""


class Marks:
    """A `started` that counts, and knows what had left when it was called."""

    def __init__(self, rig: Rig, *, error: Exception | None = None) -> None:
        self.rig = rig
        self.error = error
        self.calls = 0
        self.arrived_before: list[int] = []

    async def __call__(self) -> None:
        await asyncio.sleep(0.01)
        self.calls += 1
        self.arrived_before.append(self.rig.arrived())
        if self.error:
            raise self.error


class LostTheRight(Exception):
    """As the outbox says that another runner holds the row now."""


class ChannelContract:
    async def test_it_answers_the_providers_id(self, rig: Rig) -> None:
        accepted = await rig.sender.send(rig.message(), Marks(rig))
        assert isinstance(accepted, Accepted)
        assert accepted.provider_id
        assert rig.arrived() == 1

    async def test_it_marks_the_start_once_and_before_the_message_leaves(self, rig: Rig) -> None:
        marks = Marks(rig)
        await rig.sender.send(rig.message(), marks)
        assert marks.calls == 1
        assert marks.arrived_before == [0]

    async def test_nothing_leaves_when_the_attempt_lost_its_right(self, rig: Rig) -> None:
        with pytest.raises(LostTheRight):
            await rig.sender.send(rig.message(), Marks(rig, error=LostTheRight()))
        await asyncio.sleep(0.05)
        assert rig.arrived() == 0

    async def test_it_sends_again_after_an_attempt_that_lost_its_right(self, rig: Rig) -> None:
        with pytest.raises(LostTheRight):
            await rig.sender.send(rig.message(), Marks(rig, error=LostTheRight()))
        await rig.sender.send(rig.message(), Marks(rig))
        assert rig.arrived() == 1

    async def test_a_refusal_is_a_channel_error_in_spanish(self, rig: Rig) -> None:
        await rig.refuse()
        with pytest.raises(ChannelError) as caught:
            await rig.sender.send(rig.message(), Marks(rig))
        refusal = caught.value.refusal
        assert refusal.verdict is Verdict.REJECTED
        assert refusal.cause.code
        assert refusal.cause.text.endswith(".")

    async def test_it_retries_when_nobody_listens(self, rig: Rig) -> None:
        await rig.vanish()
        with pytest.raises(ChannelError) as caught:
            await rig.sender.send(rig.message(), Marks(rig))
        assert caught.value.refusal.verdict is Verdict.RETRY
        assert rig.arrived() == 0

    async def test_it_does_not_claim_to_know_after_a_lost_answer(self, rig: Rig) -> None:
        await rig.lose_answers()
        marks = Marks(rig)
        with pytest.raises(ChannelError) as caught:
            await rig.sender.send(rig.message(), marks)
        assert caught.value.refusal.verdict is Verdict.UNKNOWN
        assert marks.calls == 1
        assert rig.arrived() == 1

    async def test_it_sends_many_at_once_and_each_one_once(self, rig: Rig) -> None:
        marks = Marks(rig)
        sent = await asyncio.gather(*(rig.sender.send(rig.message(n), marks) for n in range(20)))
        assert len({accepted.provider_id for accepted in sent}) == 20
        assert rig.arrived() == 20
        assert marks.calls == 20

    async def test_closing_twice_is_closing(self, rig: Rig) -> None:
        await rig.sender.send(rig.message(), Marks(rig))
        await rig.sender.aclose()
        await rig.sender.aclose()

    async def test_it_says_whether_it_uploads(self, rig: Rig) -> None:
        assert rig.sender.uploads is rig.uploads
        if rig.uploads:
            assert await rig.sender.upload(rig.file)
