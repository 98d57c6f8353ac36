"""Templates: made or chosen, watched, and tried by a voucher to one's own phone."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from acuse.channels.models import WhatsAppTemplate
from acuse.channels.refusals import AccountRefused
from acuse.channels.templates import APPROVED, MARKETING
from acuse.channels.whatsapp import template_draft
from acuse.channels.whatsapp.onboarding import templates
from acuse.channels.whatsapp.template_draft import Draft
from acuse.companies.models import Company
from acuse.deliveries import consequences, syncing
from acuse.deliveries.models import Delivery
from acuse.deliveries.policies import templates as uses
from acuse.deliveries.policies.services import PolicyError
from acuse.deliveries.presenting import delivery_json
from acuse.deliveries.states import Origin, State
from acuse.intake.services import EVERY_PARTY, Bringer
from acuse.intake.trial import SOURCE, request_trial, sample_pdf
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.workers.command import Exit
from acuse.workers.management.commands.send import exit_of, settle
from acuse.workers.whatsapp.values import (
    ACTOR,
    Answer,
    Given,
    Step,
    content_of,
    for_waiting,
    own_template,
    text_of,
)

#: Seconds between looks at a review.
LOOK_EVERY = 5.0
PENDING = "PENDING"


def _templates(company: Company, given: Given) -> Answer:
    """Read again from Meta: that imports those which exist."""
    syncing.sync_templates(company, now=clock.now())
    used = uses.used_by(company)
    return {
        "templates": [
            {
                **_shown(row), "kinds": [kind.value for kind in used.get((row.name, row.language), ())],
                "why_not": uses.why_not(row),
            }
            for row in templates.of_account(company)
        ]
    }  # fmt: skip


def _shown(row: WhatsAppTemplate) -> Answer:
    return {
        "name": row.name, "language": row.language, "status": row.status, "category": row.category,
        "quality": row.quality, "rejected_reason": row.rejected_reason,
    }  # fmt: skip


def _template(company: Company, given: Given) -> Answer:
    body = text_of(given["body_file"], "body_file") if given["body_file"] else template_draft.BETTER_BODY
    draft = Draft(
        body=body,
        footer=template_draft.footer_for(company.legal_name) if given["footer"] is None else given["footer"],
        name=given["name"],
        examples=tuple(given["example"] or template_draft.examples_for(body)),
    )
    warnings = [asdict(finding) for finding in template_draft.findings(draft) if finding.warning]
    sample = content_of(given["sample"], "sample") if given["sample"] is not None else sample_pdf(company)
    row = templates.submit(company, draft=draft, sample=sample, actor=ACTOR)
    return {**_shown(_reviewed(company, row, given["wait"])), "warnings": warnings}


def _reviewed(company: Company, row: WhatsAppTemplate, seconds: float) -> WhatsAppTemplate:
    """As it is when the review ends, or the time."""
    until = time.monotonic() + seconds
    while row.status == PENDING and (left := until - time.monotonic()) > 0:
        time.sleep(min(LOOK_EVERY, left))
        syncing.sync_templates(company, now=clock.now())
        row.refresh_from_db()
    return row


def _code_of_review(answer: Answer, given: Given) -> int:
    if not given["wait"] or answer["status"] == APPROVED:
        return Exit.DONE
    return Exit.OPEN if answer["status"] == PENDING else Exit.REFUSED


def _use(company: Company, given: Given) -> Answer:
    row = own_template(company, given["name"], given["language"])
    kinds = [VoucherKind(kind) for kind in given["kind"] or [kind.value for kind in VoucherKind]]
    parameters = given["parameter"] if given["parameter"] is not None else list(uses.filling_of(company, row))
    try:
        changed = uses.use(company=company, template=row, kinds=kinds, parameters=parameters, actor=ACTOR)
    except PolicyError as error:
        raise AccountRefused("name", str(error.problems[0].text), "Mirala con «acuse whatsapp templates».") from error
    return {"template": _shown(row), "parameters": parameters, "changed": [kind.value for kind in changed]}


def _unpause(company: Company, given: Given) -> Answer:
    row = own_template(company, given["name"], given["language"])
    templates.unpause(company, template=row, actor=ACTOR)
    syncing.sync_templates(company, now=clock.now())
    row.refresh_from_db()
    return _shown(row)


def _accept_cost(company: Company, given: Given) -> Answer:
    row = own_template(company, given["name"], given["language"])
    if row.category != MARKETING or row.category_accepted_at is not None:
        raise AccountRefused("name", "Esa plantilla no espera que nadie acepte un costo.")
    consequences.accept_category(row, actor=ACTOR, now=clock.now())
    return {**_shown(row), "accepted": True}


def _trial(company: Company, given: Given) -> Answer:
    bringer = Bringer(label=ACTOR, origin=Origin.COMMAND, source=SOURCE, may_edit=EVERY_PARTY)
    delivery = request_trial(company, mobile=given["phone"], bringer=bringer)
    if given["wait"]:
        delivery = settle(delivery, given["wait"])
    return {"voucher": str(delivery.voucher_id), "delivery": delivery_json(delivery)}


def _code_of_trial(answer: Answer, given: Given) -> int:
    if not given["wait"]:
        return Exit.DONE
    return exit_of(State(Delivery.objects.get(pk=answer["delivery"]["id"]).state))


def _for_template(parser: ArgumentParser) -> None:
    parser.add_argument("--name", default=template_draft.DEFAULT_NAME, metavar="NOMBRE")
    parser.add_argument("--body-file", type=Path, metavar="ARCHIVO", help="sin esto va el texto que propone Acuse")
    parser.add_argument("--footer", metavar="TEXTO", help="sin esto va el nombre de la empresa")
    parser.add_argument("--example", action="append", metavar="TEXTO", help="uno por variable, en orden")
    parser.add_argument("--sample", type=Path, metavar="PDF", help="sin esto va uno neutro, sin datos de nadie")
    for_waiting(parser, "espera a que Meta la revise")


def _for_named(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="PLANTILLA")
    parser.add_argument("--language", default=template_draft.DEFAULT_LANGUAGE, metavar="IDIOMA")


def _for_use(parser: ArgumentParser) -> None:
    _for_named(parser)
    kinds = [kind.value for kind in VoucherKind]
    parser.add_argument(
        "--kind", action="append", choices=kinds, metavar="TIPO", help=f"sin esto, todos: {', '.join(kinds)}"
    )
    parser.add_argument("--parameter", action="append", metavar="TEXTO", help="lo que va en cada variable, en orden")


def _for_trial(parser: ArgumentParser) -> None:
    parser.add_argument("phone", metavar="CELULAR", help="el tuyo")
    for_waiting(parser, "espera a que salga")


STEPS = (
    Step("templates", "lee las plantillas de Meta y dice para qué se usan", _templates),
    Step("template", "manda una plantilla a revisar", _template, _for_template, _code_of_review),
    Step("use-template", "elige una plantilla aprobada para tipos de comprobante", _use, _for_use),
    Step("unpause", "le pide a Meta que quite la pausa de una plantilla", _unpause, _for_named),
    Step("accept-cost", "acepta que una plantilla se cobre como marketing", _accept_cost, _for_named),
    Step("trial", "manda un comprobante de prueba", _trial, _for_trial, _code_of_trial),
)
