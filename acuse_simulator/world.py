"""The whole state of the simulated platform, in memory."""

import asyncio
import copy
import hashlib
import time
from collections import Counter
from typing import Any

from acuse_simulator import ids
from acuse_simulator.config import Config
from acuse_simulator.dispatch import Dispatcher
from acuse_simulator.entities import (
    TIERS,
    WINDOW,
    Account,
    Chat,
    Media,
    Message,
    Number,
    Subscription,
    Template,
    Token,
    Upload,
)
from acuse_simulator.faults import Faults
from acuse_simulator.ledger import Ledger
from acuse_simulator.limits import Limits


class World:
    """`clock` gives unix seconds; limits, windows and media lives follow it."""

    def __init__(self, config: Config) -> None:
        self.clock = time.time
        self.initial = copy.deepcopy(config)
        self.dispatcher = Dispatcher()
        self.stopping = asyncio.Event()
        self._fill()

    def _fill(self) -> None:
        self.config = config = copy.deepcopy(self.initial)
        self.tokens: dict[str, Token] = {}
        self.accounts: dict[str, Account] = {a["id"]: Account(**a) for a in config.accounts}
        self.uploads: dict[str, Upload] = {}
        self.app_fields: list[str] | None = None  #: what the app's subscription names; None: every field
        self.faults = Faults()
        self.numbers: dict[str, Number] = {}
        self.templates: dict[str, Template] = {}
        self.media: dict[str, Media] = {}
        self.chats: dict[str, Chat] = {}
        self.messages: dict[str, Message] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.overrides: dict[str, str] = {}  #: number or last four digits → outcome
        self.tries: Counter[str] = Counter()
        self.ledger = Ledger()
        self.limits = Limits(config.pair_burst, config.pair_interval)
        for token in config.tokens:
            self.add_token(token if isinstance(token, dict) else {"value": token})
        for number in config.numbers:
            self.add_number(number)
        for template in config.templates:
            self.add_template(template)
        for waba in self.wabas():
            self.subscriptions[waba] = Subscription()
        self.dispatcher.configure(config.hooks, config.app_secret)

    def reset(self) -> None:
        """Back to the configuration it started with; webhooks under way are dropped."""
        self.dispatcher.forget()
        self._fill()

    async def pause(self, seconds: float) -> bool:
        """False when the simulator was told to stop meanwhile."""
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return True
        return False

    def wabas(self) -> list[str]:
        return list(dict.fromkeys([self.config.waba_id, *self.accounts, *(n.waba for n in self.numbers.values())]))

    def account(self, waba: str) -> Account:
        return self.accounts.setdefault(waba, Account(waba))

    def add_token(self, values: dict[str, Any]) -> Token:
        token = Token(**{"app_id": self.config.app_id, **values})
        self.tokens[token.value] = token
        return token

    def add_number(self, values: dict[str, Any]) -> Number:
        number = Number(**{"waba": self.config.waba_id, "id": ids.numeric_id(), **values})
        self.numbers[number.id] = number
        return number

    def add_template(self, values: dict[str, Any]) -> Template:
        template = Template(**{"waba": self.config.waba_id, "id": ids.numeric_id(), **copy.deepcopy(values)})
        if same := self.template(template.waba, template.name, template.language):
            del self.templates[same.id]
        self.templates[template.id] = template
        return template

    def template(self, waba: str, name: str, language: str) -> Template | None:
        wanted = (waba, name, language)
        return next((t for t in self.templates.values() if (t.waba, t.name, t.language) == wanted), None)

    def add_media(self, number: str, mime_type: str, filename: str, content: bytes, *, broken: bool) -> Media:
        media = Media(
            id=ids.numeric_id(),
            number=number,
            mime_type=mime_type,
            filename=filename,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            uploaded_at=self.clock(),
            broken=broken,
        )
        self.media[media.id] = media
        return media

    def chat(self, customer: str) -> Chat:
        if customer not in self.chats:
            user = ids.user_id(self.config.app_id, customer)
            self.chats[customer] = Chat(customer, user, f"Cliente {customer[-4:]}")
        return self.chats[customer]

    def customer_of(self, user_id: str) -> str | None:
        """The number behind a business-scoped user id; only of people that the business has talked to."""
        return next((c.customer for c in self.chats.values() if c.user_id == user_id), None)

    def has_room_in_tier(self, number: Number, to: str) -> bool:
        """Different people written to first, in 24 hours, over the whole portfolio (Meta, messaging limits)."""
        chat, now = self.chats.get(to), self.clock()
        if chat is not None and chat.window_open(number.id, now):
            return True
        written = {m.customer for m in self.messages.values() if not m.inbound and now - m.at < WINDOW}
        return to in written or len(written) < TIERS.get(self.account(number.waba).tier, len(written) + 1)

    def add_message(self, message: Message) -> None:
        chat = self.chat(message.customer)
        chat.messages.append(message)
        chat.revision += 1
        self.messages[message.wamid] = message
        if message.inbound:
            chat.inbound_at[message.number] = message.at
