from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from acuse.channels.contract import Cause, ChannelError, Refusal, Scope, Verdict
from acuse.channels.fake import NO_ANSWER, NOT_CONNECTED, FakeSender, Script
from tests.contracts.channel_contract import ChannelContract, Marks, Rig

REJECTED = Refusal(Verdict.REJECTED, Scope.DELIVERY, Cause("fake.refused", "No se aceptó."))


class FakeRig(Rig):
    to = "+5491123456789"
    content = {}
    uploads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.fake = FakeSender()
        self.sender = self.fake

    def arrived(self) -> int:
        return len(self.fake.sent)

    async def refuse(self) -> None:
        self.fake.default = Script(after=REJECTED)

    async def lose_answers(self) -> None:
        self.fake.default = Script(after=NO_ANSWER)

    async def vanish(self) -> None:
        self.fake.default = Script(before=NOT_CONNECTED)


class TestFakeSender(ChannelContract):
    @pytest.fixture
    async def rig(self, tmp_path: Path) -> AsyncIterator[FakeRig]:
        rig = FakeRig(tmp_path)
        yield rig
        await rig.sender.aclose()

    async def test_scripts_are_used_one_an_attempt(self, rig: FakeRig) -> None:
        rig.fake.script(rig.to, Script(before=NOT_CONNECTED), Script(note="held"))
        with pytest.raises(ChannelError):
            await rig.sender.send(rig.message(), Marks(rig))
        assert (await rig.sender.send(rig.message(), Marks(rig))).note == "held"
        assert (await rig.sender.send(rig.message(), Marks(rig))).note is None

    async def test_an_upload_may_fail(self, rig: FakeRig) -> None:
        rig.fake.failing_uploads.append(NOT_CONNECTED)
        with pytest.raises(ChannelError):
            await rig.sender.upload(rig.file)
        assert rig.fake.uploaded == []
        assert await rig.sender.upload(rig.file)
