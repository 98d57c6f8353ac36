"""One claimed delivery, and the words for what can become of it without a provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from acuse.channels.contract import AGAIN, Cause, OutgoingFile, OutgoingMessage
from acuse.channels.templates import misfit, shape_of
from acuse.deliveries import policy
from acuse.deliveries.planning import MARKETING_REFUSED
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.qr import Contradiction
from acuse.vouchers.sendability import Authorization, Facts, assess

RUNNER_LOST = Cause(
    "runner_lost",
    "El envío se cortó en el momento de salir. Puede que haya llegado.",
    "Si el cliente lo tiene, marcá «Ya llegó»; si no, «Volver a enviar».",
)
INTERNAL = Cause(
    "internal",
    "Acuse tuvo un error propio al enviarlo.",
    f"{AGAIN} Si sigue, mirá el registro del servidor.",
)
SENDER_UNAVAILABLE = Cause(
    "sender_unavailable",
    "Los parámetros guardados de esta línea no se pueden usar.",
    "Cargá de nuevo el token o la dirección del correo con «acuse setup». Si cambiaste la clave, agregá la anterior.",
)
FILE_MISSING = Cause(
    "file_missing",
    "El archivo del comprobante no está en el servidor.",
    "Revisá la carpeta de datos de Acuse, o cargá de nuevo el PDF.",
)

MEND_TEMPLATE = "Corregila en Configuraciones de envío y volvé a enviarlo."


PEOPLE_LIMIT = Cause(
    policy.PEOPLE_LIMIT,
    "Ya se le escribió a toda la gente que Meta deja por día.",
    "Sale solo cuando se libera lugar. Meta sube el límite con el uso y la calidad.",
)


@dataclass(frozen=True, slots=True)
class Attempt:
    id: UUID
    #: The fence.
    number: int
    #: Tries before this one.
    tries: int
    first_tried_at: datetime | None
    to: str
    template_key: str
    message: OutgoingMessage
    #: The first reason why it may not be sent any more, None = it may.
    unsendable: Cause | None
    #: The voucher has a newer version.
    replaced: bool


def attempt_of(row: Mapping[str, Any], *, path_of: Callable[[str], Path], today: date) -> Attempt:
    """From a row of claim.sql."""
    file = OutgoingFile(
        sha256=row["sha256"],
        path=path_of(row["sha256"]),
        size=row["size"],
        media_type=row["media_type"],
        name=row["file_name"],
    )
    message = OutgoingMessage(
        delivery_id=str(row["id"]), to=row["to"], file=file, media_id=row["media_id"], content=row["content"]
    )
    return Attempt(
        id=row["id"],
        number=row["attempt"],
        tries=row["tries"],
        first_tried_at=row["first_tried_at"],
        to=row["to"],
        template_key=row["template_key"],
        message=message,
        unsendable=_unsendable(row, today) or _misfit(row),
        replaced=row["replaced"],
    )


def _misfit(row: Mapping[str, Any]) -> Cause | None:
    """The template changed since it was asked: what was frozen doesn't fit it any more, and Meta would refuse it."""
    if not row["template_components"]:
        return None
    shape = shape_of(row["template_components"], row["template_format"])
    wrong = misfit(shape, len(row["content"]["template"]["parameters"]))
    return Cause("template_misfit", wrong, MEND_TEMPLATE) if wrong else None


def _unsendable(row: Mapping[str, Any], today: date) -> Cause | None:
    allowed = 0 if row["suppressed"] else 1
    found = assess(
        Facts(
            kind=VoucherKind(row["kind"]),
            today=today,
            voided=row["voided"],
            electronic=row["electronic"],
            authorization=Authorization(row["authorization"]) if row["authorization"] else None,
            code=row["cae"],
            cae_due_on=row["cae_due_on"],
            has_file=True,
            has_qr=row["has_qr"],
            qr_contradictions=tuple(Contradiction(**found) for found in row["qr_contradictions"]),
            kind_enabled=row["kind_enabled"],
            contacts_count=1,
            contacts_for_kind=1,
            contacts_with_address=1,
            contacts_allowed=allowed,
        )
    )
    reasons = (*found.reasons, MARKETING_REFUSED) if row["marketing_refused"] else found.reasons
    return Cause(reasons[0].code, reasons[0].text) if reasons else None
