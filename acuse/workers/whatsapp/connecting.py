"""App, token, account, webhook, and how all of it is."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime

from acuse.channels import notices
from acuse.channels import selectors as channels
from acuse.channels.models import AccountNotice
from acuse.channels.refusals import AccountRefused
from acuse.channels.whatsapp.onboarding import credentials, progress, waba, webhook
from acuse.companies.models import Company
from acuse.deliveries import senders, syncing
from acuse.hooks.checks import running
from acuse.hooks.selectors import last_heard, round_trip
from acuse.intake.trial import was_delivered
from acuse.kernel import clock
from acuse.workers.whatsapp.values import ACTOR, Answer, Given, Step, secret


def _status(company: Company, given: Given) -> Answer:
    places = progress.places(company, heard=last_heard(company) is not None, tried=was_delivered(company))
    return {
        "steps": [{"step": p.step.value, "done": p.done, "text": p.text} for p in places],
        "done": all(p.done for p in places if p.step not in progress.OPTIONAL),
        "checks": [asdict(check) for check in running.of_company(company, now=clock.now())],
        "notices": [_notice(notice) for notice in notices.open_notices(company)],
    }


def _notice(notice: AccountNotice) -> Answer:
    return {
        "id": notice.pk, "grade": notice.grade, "text": notice.text, "next_step": notice.next_step,
        "since": _moment(notice.opened_at), "ends_by_hand": notices.ends_by_hand(notice),
    }  # fmt: skip


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _attend(company: Company, given: Given) -> Answer:
    notice = AccountNotice.objects.filter(company=company, pk=given["notice"]).first()
    if notice is None:
        raise AccountRefused("notice", "No hay un aviso con ese número.", "Miralos con «acuse whatsapp status».")
    if not notices.attend(notice, actor=ACTOR, now=clock.now()):
        raise AccountRefused("notice", "Ese aviso se cierra solo cuando se arregla.", notice.next_step)
    return {"attended": notice.pk}


def _credentials(company: Company, given: Given) -> Answer:
    hidden, token = secret(given["app_secret_env"], "app_secret_env"), secret(given["token_env"], "token_env")
    report = credentials.prove(
        company,
        app_id=given["app_id"],
        app_secret=hidden,
        token=token,
        change=lambda saved: senders.change_whatsapp(company, saved, actor=ACTOR),
    )
    return {"good": report.good, "checks": [asdict(check) for check in report.checks]}


def _accounts(company: Company, given: Given) -> Answer:
    return {"accounts": [asdict(account) for account in waba.accounts_to_choose(company)]}


def _account(company: Company, given: Given) -> Answer:
    facts = waba.choose_account(
        company,
        given["waba_id"],
        change=lambda wanted: senders.change_whatsapp(company, wanted, actor=ACTOR),
        read=lambda: syncing.sync(company, now=clock.now(), actor=ACTOR),
    )
    return {"account": asdict(facts)}


def _webhook(company: Company, given: Given) -> Answer:
    report = webhook.connect(company, actor=ACTOR) if given["connect"] else webhook.report(company)
    seen = {name: _moment(at) for name, at in asdict(round_trip(company)).items()}
    return {"webhook": asdict(report), "round_trip": seen, "last_heard": seen["heard"]}


def _health(company: Company, given: Given) -> Answer:
    account = channels.whatsapp_account(company)
    facts = waba.look_at_account(company, account.waba_id if account is not None else "")
    return {"account": asdict(facts)}


def _sync(company: Company, given: Given) -> Answer:
    """What Meta says now, and what follows."""
    syncing.sync(company, now=clock.now(), actor=ACTOR)
    return {"checks": [asdict(check) for check in running.of_company(company, now=clock.now())]}


def _for_credentials(parser: ArgumentParser) -> None:
    parser.add_argument("--app-id", required=True, metavar="ID")
    parser.add_argument("--app-secret-env", required=True, metavar="VAR", help="la variable que tiene la clave secreta")
    parser.add_argument("--token-env", required=True, metavar="VAR", help="la variable que tiene el token")


def _for_account(parser: ArgumentParser) -> None:
    parser.add_argument("waba_id", metavar="ID", help="el identificador de la cuenta en Meta")


def _for_webhook(parser: ArgumentParser) -> None:
    parser.add_argument("--connect", action="store_true", help="suscribe la app y la cuenta")


def _for_notice(parser: ArgumentParser) -> None:
    parser.add_argument("notice", type=int, metavar="AVISO", help="su número en «status»")


STEPS = (
    Step("status", "qué pasos están hechos, cómo está todo y los avisos", _status),
    Step("credentials", "comprueba y guarda la app y el token", _credentials, _for_credentials),
    Step("accounts", "las cuentas a las que llega el token", _accounts),
    Step("account", "elige la cuenta", _account, _for_account),
    Step("webhook", "mira o conecta los avisos de Meta", _webhook, _for_webhook),
    Step("health", "pago, verificación y salud, en palabras de Meta", _health),
    Step("sync", "lee de nuevo la cuenta, los números y las plantillas", _sync),
    Step("attend", "cierra un aviso del que ya te ocupaste", _attend, _for_notice),
)
