"""Shared by the tests of the assistant's steps: the simulator's ids, and a company that is connected to it."""

from __future__ import annotations

import re
from typing import Any

from acuse.channels import accounts
from acuse.channels.accounts import WhatsAppParameters
from acuse.channels.models import WhatsAppAccount, WhatsAppNumber
from acuse.channels.whatsapp.syncing import sync
from acuse.companies.models import Company, Role, RoleGrant
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries.senders import change_whatsapp

NUMBER, WABA, APP = "106540352242922", "102290129340398", "634974688087057"
SECRET, TOKEN = "simulator-app-secret", "simulator-token"
BASE = "/administracion/whatsapp/"


def connect(company: Company, *, read: bool = False) -> WhatsAppNumber:
    """As after steps 2 and 3; `read`: and the account was read once."""
    given = WhatsAppParameters(app_id=APP, app_secret=SECRET, access_token=TOKEN, waba_id=WABA, phone_number_id=NUMBER)
    change_whatsapp(company, given, actor="test")
    if read:
        sync(company)
    return WhatsAppNumber.objects.get(phone_number_id=NUMBER)


def further_number(company: Company, phone_number_id: str) -> WhatsAppNumber:
    account = WhatsAppAccount.objects.get(company=company)
    return accounts.add_number(account, phone_number_id=phone_number_id, default=False, actor="test")


def grant(company: Company, *allowed: tuple[Page, Action]) -> None:
    """The role of Beto may do this and no more."""
    role = Role.objects.get(company=company, name="Consulta")
    RoleGrant.objects.filter(role=role).delete()
    RoleGrant.objects.bulk_create(
        [RoleGrant(role=role, page=page.value, action=action.value) for page, action in allowed]
    )


def words(answer: Any) -> str:
    """What a person reads of the page, without the menus."""
    html = answer.content.decode()
    body = html.split("<main", 1)[-1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def trouble(answer: Any) -> str:
    html = answer.content.decode()
    assert 'class="trouble"' in html, words(answer)
    part = html.split('class="trouble"', 1)[1].split("</div>", 1)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part.split(">", 1)[1]).split())
