"""`acuse send FILE.pdf… --to PHONE|EMAIL`: one JSON object, or one line, a file."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser
from django.db import connection

from acuse.deliveries.models import Delivery
from acuse.deliveries.presenting import delivery_json
from acuse.deliveries.selectors import holding
from acuse.deliveries.states import LEFT, OPEN, Origin, State
from acuse.intake.by_hand import Refused, Sent, Wanted, send_file
from acuse.intake.services import EVERY_PARTY, Bringer
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.workers import lanes
from acuse.workers.command import AcuseCommand, Exit

BRINGER = Bringer(label="command:send", origin=Origin.COMMAND, source="command", may_edit=EVERY_PARTY)
#: Seconds between looks at a delivery that a worker has.
LOOK_EVERY = 0.2

_WORDS = {
    State.QUEUED: "en cola",
    State.SENDING: "enviando",
    State.SENT: "enviado",
    State.DELIVERED: "entregado",
    State.READ: "leído",
    State.FAILED: "no se entregó",
    State.UNCERTAIN: "sin confirmar",
    State.CANCELLED: "cancelado",
}


class Command(AcuseCommand):
    help = "Envía comprobantes en PDF a un celular o a un correo"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="ARCHIVO.pdf", help="uno o varios")
        parser.add_argument("--to", required=True, metavar="CELULAR|CORREO", help="como lo escribe la gente")
        parser.add_argument("--name", default="", metavar="NOMBRE", help="nombre de quien recibe")
        parser.add_argument("--company", default="", metavar="CUIT", help="de quién es, si hay más de una empresa")
        kinds = [kind.value for kind in VoucherKind]
        kind_help = f"qué es, si no lo dice un QR: {', '.join(kinds)}"
        parser.add_argument("--kind", choices=kinds, metavar="TIPO", help=kind_help)
        parser.add_argument("--not-electronic", action="store_true", help="factura que no es electrónica")
        parser.add_argument("--wait", type=_seconds, default=30.0, metavar="SEGUNDOS", help="espera la respuesta (30)")
        parser.add_argument("--again", action="store_true", help="vuelve a enviar lo que ya se envió")
        parser.add_argument("--any-issuer", action="store_true", help="aunque lo haya emitido otro")

    def handle(self, **given: Any) -> None:
        wanted = Wanted(
            to=given["to"],
            name=given["name"],
            company_cuit=given["company"],
            kind=VoucherKind(given["kind"]) if given["kind"] else None,
            electronic=not given["not_electronic"],
            again=given["again"],
            any_issuer=given["any_issuer"],
        )
        codes = [self._one(path, wanted, given["wait"], given["as_json"]) for path in given["files"]]
        sys.exit(next((code for code in (Exit.REFUSED, Exit.OPEN) if code in codes), Exit.DONE))

    def _one(self, path: Path, wanted: Wanted, wait: float, as_json: bool) -> Exit:
        try:
            sent = send_file(path, wanted, BRINGER)
        except Refused as refused:
            self._tell_refusal(path, refused, as_json)
            return Exit.REFUSED
        delivery = settle(sent.delivery, wait)
        if as_json:
            self.print_json(_line(path, sent, delivery))
        else:
            self._tell(path, sent, delivery)
        return exit_of(State(delivery.state))

    def _tell_refusal(self, path: Path, refused: Refused, as_json: bool) -> None:
        if as_json:
            reason = {"code": refused.code, "text": str(refused)}
            self.print_json({"file": str(path), "voucher": None, "delivery": None, "reason": reason})
        else:
            self.stderr.write(f"{path}: no se envió. {refused}")

    def _tell(self, path: Path, sent: Sent, delivery: Delivery) -> None:
        word = _WORDS[State(delivery.state)]
        again = " (ya estaba pedido)" if sent.repeated else ""
        self.say(f"{path}: {sent.voucher.title} a {delivery.to}: {word}{again}")
        for text in (*sent.warnings, _why(delivery)):
            if text:
                self.say(f"  {text}")


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError(text)
    return value


def settle(delivery: Delivery, wait: float) -> Delivery:
    """Wait for the provider's answer; do the work here when no worker does."""
    until = time.monotonic() + wait
    while not _is_settled(delivery, until):
        _run_here(delivery.lane_id, delivery.pk)
        if _is_settled(delivery, until):
            break
        time.sleep(LOOK_EVERY)
    return delivery


def _is_settled(delivery: Delivery, until: float) -> bool:
    """As far as waiting goes."""
    delivery.refresh_from_db()
    return State(delivery.state) not in OPEN or time.monotonic() >= until or _waits_beyond(delivery, until)


def _waits_beyond(delivery: Delivery, until: float) -> bool:
    """Whether nothing can change while we wait: it is suspended, or its next try comes later."""
    if delivery.state != State.QUEUED:
        return False
    held_by = holding(delivery)
    next_try = max(delivery.due_at, held_by.probe_at) if held_by else delivery.due_at
    return (next_try - clock.now()).total_seconds() > until - time.monotonic()


def _run_here(lane_id: int, delivery_id: UUID) -> None:
    """Unless another process holds the lane. It runs until the attempt is settled: an answer is never abandoned."""
    connection.close()
    asyncio.run(lanes.run(lane_id, only=[delivery_id]))


def exit_of(state: State) -> Exit:
    if state in LEFT:
        return Exit.DONE
    if state in (State.FAILED, State.CANCELLED):
        return Exit.REFUSED
    return Exit.OPEN


def _why(delivery: Delivery) -> str:
    held_by = holding(delivery)
    if held_by is not None:
        return f"{held_by.cause_text} {held_by.cause_next_step}".strip()
    return f"{delivery.cause_text} {delivery.cause_next_step}".strip()


def _line(path: Path, sent: Sent, delivery: Delivery) -> dict[str, Any]:
    voucher = sent.voucher
    return {
        "file": str(path),
        "voucher": {
            "id": str(voucher.pk),
            "kind": voucher.kind,
            "title": voucher.title,
            "qr": _qr_fields(voucher.qr),
        },
        "delivery": delivery_json(delivery),
        "warnings": list(sent.warnings),
        "repeated": sent.repeated,
    }


def _qr_fields(qr: dict[str, Any] | None) -> dict[str, Any] | None:
    """ARCA's names; amounts as numbers, whole ones as integers."""
    if qr is None:
        return None
    return {name: _number(value) if name in ("importe", "ctz") else value for name, value in qr["fields"].items()}


def _number(value: Any) -> Any:
    number = float(value)
    return int(number) if number.is_integer() else number
