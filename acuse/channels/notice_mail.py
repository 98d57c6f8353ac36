"""Notices mailed to the people of the company who can do something about them: one mail for all that is new.

At least once: a notice is noted as mailed after the mail server took it. A crash between the two, or a database that
goes away there, mails it again; nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import connection, transaction

from acuse.channels import notices
from acuse.channels.contract import Grade
from acuse.channels.models import AccountNotice
from acuse.companies.membership.holders import holders
from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action, Page
from acuse.kernel import clock

log = structlog.get_logger(__name__)

#: (to, subject, text): the mail server took it, or OSError.
Send = Callable[[Sequence[str], str, str], None]

#: One teller in the whole installation: two would mail the same twice.
_LOCK = 0x41434D54


@dataclass(frozen=True, slots=True)
class Pages:
    """Addresses of the pages that show what is told."""

    whatsapp: str
    mailbox: str


class NotTold(Exception):
    """It waits: the cause says why the mail couldn't go; without one, nobody in the company is to be told."""

    def __init__(self, company_id: UUID) -> None:
        super().__init__(str(company_id))
        self.company_id = company_id


def tell(send: Send, pages: Pages, *, but: frozenset[UUID] = frozenset()) -> UUID | None:
    """Mail what is new of one company that isn't in `but`; that company, or None with nothing to do. Raises NotTold."""
    with transaction.atomic():
        if not _alone():
            return None
        first = notices.unmailed().exclude(company_id__in=but).first()
        if first is None:
            return None
        company = first.company
        # read without a lock: what tells of an account never waits for a mail server
        found = list(notices.unmailed(company.pk))
        people = [user.email for user in holders(company, Page.PARAMETERS, Action.CONFIGURE)]
        if not people:
            raise NotTold(company.pk)
        try:
            send(people, _subject(company, found), _text(found, pages))
        except OSError as error:
            raise NotTold(company.pk) from error
        now = clock.now()
        for notice in found:
            notices.note_mailed(notice, now=now)
        log.info("notices_mailed", company=str(company.pk), notices=len(found), people=len(people))
        return company.pk


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [_LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])


def _subject(company: Company, found: Sequence[AccountNotice]) -> str:
    kinds = {notices.of_mailbox(notice) for notice in found}
    about = "Envíos" if len(kinds) == 2 else "Correo" if True in kinds else "WhatsApp"
    if len(found) == 1:
        text = found[0].text if found[0].cleared_at is None else f"Se resolvió: {found[0].text}"
        return f"{about} de {company}: {text}"[:200]
    over = sum(notice.cleared_at is not None for notice in found)
    parts = [_count(len(found) - over, "aviso", "avisos"), _count(over, "se resolvió", "se resolvieron")]
    return f"{about} de {company}: {' y '.join(part for part in parts if part)}"


def _count(count: int, one: str, many: str) -> str:
    if not count:
        return ""
    return f"{count} {one if count == 1 else many}"


def _text(found: Sequence[AccountNotice], pages: Pages) -> str:
    lines: list[str] = []
    # what doesn't work comes first, what is over last
    for notice in sorted(found, key=lambda one: (one.cleared_at is not None, one.grade != Grade.ERROR)):
        if notice.cleared_at is not None:
            lines += [f"Se resolvió: {notice.text}", notice.cleared_text, ""]
        else:
            lines += [notice.text, notice.next_step, ""]
    kinds = sorted({notices.of_mailbox(notice) for notice in found})
    lines += [f"Verlo en Acuse: {pages.mailbox if of_mailbox else pages.whatsapp}" for of_mailbox in kinds]
    lines += ["", "Te llega porque podés configurar los parámetros de la empresa."]
    return "\n".join(line for i, line in enumerate(lines) if line or (i and lines[i - 1]))
