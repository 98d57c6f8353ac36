"""What is wrong, said once: a check with its mend, or a notice that no check speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from acuse.channels import notices
from acuse.channels.contract import Grade, Scope
from acuse.channels.models import AccountNotice, WhatsAppNumber
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.deliveries import stopped_sending
from acuse.hooks.checks import account as of_account
from acuse.hooks.checks import credentials, sending, templates
from acuse.hooks.checks.values import Check, Place
from acuse.vouchers.kinds import VoucherKind
from acuse.web.whatsapp.status_words import WORDS

#: Where WhatsApp is connected.
ASSISTANT = "web:whatsapp"
#: The step that mends it, by how what it is about begins.
_STEPS = {
    credentials.TOKEN: "web:whatsapp_credentials",
    credentials.SECRET: "web:whatsapp_credentials",
    credentials.READING: "web:whatsapp_number",
    credentials.SUBSCRIPTIONS: "web:whatsapp_webhook",
    credentials.HEARD: "web:whatsapp_webhook",
    of_account.number_about(""): "web:whatsapp_number",
    templates.template_about(""): "web:whatsapp_template",
}
_PLACES = {
    Place.ASSISTANT: (ASSISTANT, "Ir al asistente", Page.PARAMETERS),
    Place.PARAMETERS: ("web:parameters", "Ir a Parámetros", Page.PARAMETERS),
    Place.POLICIES: ("web:policies", "Ir a Configuraciones", Page.POLICIES),
    Place.DELIVERIES: ("web:deliveries", "Ver los envíos", Page.DELIVERIES),
}
#: Of what no check looks at.
MISC = "Aviso de Meta"
_GRAVER = {Grade.ERROR: 0, Grade.WARNING: 1, Grade.OK: 2}
#: Of what the topics of an account speak, as the checks call it, and where each is mended.
_OF_ACCOUNT = {
    "token": (credentials.TOKEN, Place.ASSISTANT),
    "reading": (credentials.READING, Place.STATUS),
    "webhook": (credentials.SUBSCRIPTIONS, Place.ASSISTANT),
    "status": (of_account.ACCOUNT, Place.NOWHERE),
    "restriction": (of_account.ACCOUNT, Place.NOWHERE),
    "review": (of_account.ACCOUNT, Place.NOWHERE),
    "health": (of_account.HEALTH, Place.NOWHERE),
    "limit": (of_account.VERIFICATION, Place.NOWHERE),
}
_OF_NUMBER = {
    "connection": (of_account.number_about, Place.ASSISTANT),
    "quality": (of_account.quality_about, Place.NOWHERE),
    "name": (of_account.name_about, Place.NOWHERE),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    grade: Grade
    about: str
    text: str
    mend: str
    url: str = ""
    link: str = ""
    #: The same mend on the server.
    command: str = ""
    #: When people were to know of it.
    since: datetime | None = None
    #: The notice that a person ends; None: it ends by itself.
    attend: int | None = None

    @property
    def word(self) -> str:
        return WORDS[self.grade]


def troubles(actor: Actor, found: Sequence[Check], raised: Sequence[AccountNotice]) -> list[Trouble]:
    """The graver first. A notice of what a check says too lends it its moment."""
    spoken = {check.about for check in found if check.grade is not Grade.OK}
    numbers = {str(number.lane_id): number for number in of_account.numbers_of(actor.company)}
    since: dict[str, datetime] = {}
    alone: list[Trouble] = []
    for notice in raised:
        about, place = _subject(notice, numbers)
        if about in spoken:
            since[about] = min(notice.opened_at, since.get(about, notice.opened_at))
        else:
            alone.append(_of_notice(actor, notice, about, place))
    wrong = [_of_check(actor, check, since.get(check.about)) for check in found if check.grade is not Grade.OK]
    return sorted([*alone, *wrong], key=lambda trouble: _GRAVER[trouble.grade])


def _of_notice(actor: Actor, notice: AccountNotice, about: str, place: Place) -> Trouble:
    url, link = _where(actor, place, about)
    attend = notice.pk if notices.ends_by_hand(notice) else None
    return Trouble(
        Grade(notice.grade), about, notice.text, notice.next_step, url, link, since=notice.opened_at, attend=attend
    )


def _of_check(actor: Actor, check: Check, since: datetime | None) -> Trouble:
    url, link = _where(actor, check.place, check.about)
    return Trouble(check.grade, check.about, check.text, check.mend, url, link, check.command, since)


def _where(actor: Actor, place: Place, about: str) -> tuple[str, str]:
    """Nowhere for who may not open that page."""
    name, link, page = _PLACES.get(place, ("", "", None))
    if page is None or not actor.may(page, Action.VIEW):
        return "", ""
    if place is Place.ASSISTANT:
        name = next((step for start, step in _STEPS.items() if about.startswith(start)), name)
    return reverse(name), link


def _subject(notice: AccountNotice, numbers: dict[str, WhatsAppNumber]) -> tuple[str, Place]:
    """As the checks call it; `MISC` for what none of them looks at. Keys: see `AccountNotice`."""
    scope, _, rest = notice.key.partition(":")
    thing, _, topic = rest.partition(":")
    if scope == "mapping":
        kind = next((kind for kind in VoucherKind if kind.value == thing), None)
        return templates.mapping_about(kind) if kind else MISC, Place.POLICIES
    if topic == stopped_sending.TOPIC:
        return sending.SUSPENDED, Place.DELIVERIES
    if scope == Scope.TEMPLATE:
        name = thing.split("/")[1] if thing.count("/") > 1 else thing
        cost = topic in ("category", "category_due")
        return templates.cost_about(name) if cost else templates.template_about(name), Place.STATUS
    if scope == Scope.LANE and topic in _OF_NUMBER and thing in numbers:
        about, place = _OF_NUMBER[topic]
        return about(of_account.name_of(numbers[thing])), place
    return _OF_ACCOUNT.get(topic, (MISC, Place.NOWHERE)) if scope == Scope.ACCOUNT else (MISC, Place.NOWHERE)
