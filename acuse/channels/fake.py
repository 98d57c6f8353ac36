"""A sender that sends nothing: outcomes are scripted by recipient, and what it was given is kept."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field

from acuse.channels.contract import (
    Accepted,
    Cause,
    ChannelError,
    MarkStarted,
    OutgoingFile,
    OutgoingMessage,
    Refusal,
    Scope,
    Verdict,
)

NOT_CONNECTED = Refusal(Verdict.RETRY, Scope.DELIVERY, Cause("network.connect", "No se pudo conectar."))
NO_ANSWER = Refusal(Verdict.UNKNOWN, Scope.DELIVERY, Cause("network.timeout", "No hubo respuesta."))


@dataclass(frozen=True, slots=True)
class Script:
    """One outcome. `before` fails without the message leaving; `after`, once it left; neither: accepted."""

    before: Refusal | None = None
    after: Refusal | None = None
    #: Seconds until the answer.
    delay: float = 0.0
    note: str | None = None


ACCEPTED = Script()


@dataclass
class FakeSender:
    """contract.Sender. A recipient's scripts are used one an attempt, in order; then `default`."""

    uploads: bool = True
    default: Script = ACCEPTED
    #: What left, accepted or not, in order.
    sent: list[OutgoingMessage] = field(default_factory=list)
    uploaded: list[OutgoingFile] = field(default_factory=list)
    #: The refusals of the next uploads.
    failing_uploads: deque[Refusal] = field(default_factory=deque)
    closed: bool = False
    #: The most messages that were on their way at once.
    most_in_flight: int = 0
    _scripts: defaultdict[str, deque[Script]] = field(default_factory=lambda: defaultdict(deque), repr=False)
    _in_flight: int = 0

    def script(self, to: str, *outcomes: Script) -> None:
        self._scripts[to].extend(outcomes)

    async def upload(self, file: OutgoingFile) -> str:
        if self.failing_uploads:
            raise ChannelError(self.failing_uploads.popleft())
        self.uploaded.append(file)
        return f"media-{file.sha256[:12]}"

    async def send(self, message: OutgoingMessage, started: MarkStarted) -> Accepted:
        scripts = self._scripts[message.to]
        outcome = scripts.popleft() if scripts else self.default
        if outcome.before:
            raise ChannelError(outcome.before)
        await started()
        self.sent.append(message)
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            await asyncio.sleep(outcome.delay)
        finally:
            self._in_flight -= 1
        if outcome.after:
            raise ChannelError(outcome.after)
        return Accepted(provider_id=f"fake-{message.delivery_id}-{len(self.sent)}", note=outcome.note)

    async def aclose(self) -> None:
        self.closed = True
