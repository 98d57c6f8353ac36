"""A company on its way through the assistant, against the simulator over real HTTP."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from PIL import Image

from acuse.channels.models import Lane, WhatsAppAccount, WhatsAppApp, WhatsAppNumber, WhatsAppTemplate
from acuse.channels.whatsapp.onboarding import credentials, numbers, profile, templates, waba, webhook
from acuse.channels.whatsapp.onboarding.asking import OnboardingError
from acuse.channels.whatsapp.template_draft import BETTER_BODY, Draft
from acuse.companies.models import AuditEntry, Company
from acuse_simulator.process import SimulatorProcess

NUMBER, WABA, APP = "106540352242922", "102290129340398", "634974688087057"
SECRET, TOKEN = "simulator-app-secret", "simulator-token"
PDF = b"%PDF-1.7\n%%EOF\n"
#: One of the account's, that came by SMS to nobody yet.
FRESH = "206540352242922"
ACTOR = "test"


@dataclass(frozen=True, slots=True)
class Desk:
    company: Company
    meta: SimulatorProcess

    def code(self, number: str = FRESH) -> str:
        return str(next(n["code"] for n in self.meta.get("/control/state")["numbers"] if n["id"] == number))

    def kept(self) -> dict[str, list[dict[str, Any]]]:
        """All that a step may write, as it is in the database."""
        models: tuple[type[Model], ...] = (
            WhatsAppApp, WhatsAppAccount, WhatsAppNumber, Lane, WhatsAppTemplate, AuditEntry,
        )  # fmt: skip
        return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}

    # the steps, each as the page and the command take it

    def credentials(self, *, app_id: str = APP, secret: str = SECRET, token: str = TOKEN) -> None:
        report = credentials.report(app_id=app_id, app_secret=secret, token=token)
        bad = next((check for check in report.checks if check.ok is False), None)
        if bad is not None:
            raise OnboardingError(bad.field, bad.text, bad.next_step)

    def accounts(self) -> None:
        assert [account.id for account in waba.accounts_to_choose(self.company)] == [WABA]

    def account(self, waba_id: str = WABA) -> None:
        assert waba.look_at_account(self.company, waba_id).id == waba_id

    def numbers(self) -> None:
        assert NUMBER in [choice.facts.id for choice in numbers.numbers_to_choose(self.company)]

    def choose(self, number: str = FRESH) -> None:
        numbers.choose_number(self.company, phone_number_id=number, default=False, actor=ACTOR)

    def add(self, typed: str = "0341 15 555-0111") -> str:
        return numbers.add_number(self.company, typed=typed, verified_name="Oeste SA", actor=ACTOR)

    def ask_code(self, number: str = FRESH) -> None:
        numbers.request_code(self.company, phone_number_id=number, method="SMS", actor=ACTOR)

    def verify(self, code: str = "", number: str = FRESH) -> None:
        numbers.verify_code(self.company, phone_number_id=number, code=code or self.code(number), actor=ACTOR)

    def register(self, pin: str | None = None, number: str = NUMBER) -> str:
        return numbers.register(self.company, phone_number_id=number, pin=pin, actor=ACTOR)

    def new_pin(self) -> None:
        numbers.set_pin(self.company, phone_number_id=NUMBER, actor=ACTOR)

    def read_profile(self) -> None:
        profile.read(self.company, phone_number_id=NUMBER)

    def save_profile(self) -> None:
        picture = io.BytesIO()
        Image.new("RGB", (40, 40), "red").save(picture, "PNG")
        given = profile.Profile(about="Comprobantes")
        profile.save(self.company, phone_number_id=NUMBER, given=given, picture=picture.getvalue(), actor=ACTOR)

    def connect(self) -> None:
        assert webhook.connect(self.company, actor=ACTOR).app_ok

    def webhook(self) -> None:
        assert webhook.report(self.company).url

    def submit(self, name: str = "nueva", sample: bytes = PDF) -> None:
        templates.submit(self.company, draft=Draft(BETTER_BODY, "Oeste SA", name=name), sample=sample, actor=ACTOR)

    def templates(self) -> None:
        assert "comprobantes" in [facts.name for facts in templates.read_all(self.company)]

    def unpause(self) -> None:
        template = WhatsAppTemplate.objects.get(name="comprobantes")
        templates.unpause(self.company, template=template, actor=ACTOR)


Step = Callable[[Desk], object]
