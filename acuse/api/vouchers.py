"""`/vouchers`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from acuse.api import batch as batches
from acuse.api import sending
from acuse.api.access import actor_of, own
from acuse.api.arriving import bringer_of, register
from acuse.api.bodies import Filters, Json, pdf_of_base64, pdf_of_request
from acuse.api.fields import IsoDate, KindName, Text40, Text120, Text254
from acuse.api.paging import MAX_LIMIT, Order, page
from acuse.api.presenting import voucher_json, vouchers_json
from acuse.api.problems import one
from acuse.api.schemas import AuthorizeIn, BatchOut, Given, SendIn, VoucherIn, VoucherOut, VouchersOut
from acuse.companies.permissions.pages import VOUCHER_PAGES, Action
from acuse.companies.scope import Actor, NotAllowed, scoped
from acuse.deliveries import voiding
from acuse.intake import services as intake
from acuse.kernel import taxid
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import Authorization

router = Router(tags=["Comprobantes"])
_ORDER = Order("vouchers", "issued_on", date.fromisoformat)
_OF_BATCH = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "array",
                    "maxItems": batches.MAX_ITEMS,
                    "items": {"$ref": "#/components/schemas/VoucherIn"},
                }
            }
        },
    }
}
_OF_PDF = {
    "requestBody": {
        "required": True,
        "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class VoucherFilters(Given):
    """`party_tax_id` as people write it, with or without dashes."""

    kind: list[KindName] = Field(default_factory=list)
    external_id: Text120 | None = None
    party_external_id: Text120 | None = None
    party_tax_id: Text40 | None = None
    issued_from: IsoDate | None = None
    issued_to: IsoDate | None = None
    state: Literal["active", "voided"] | None = None
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    cursor: Text254 | None = None
    count: Literal["exact"] | None = None


@router.post("/vouchers", response={201: VoucherOut, 200: VoucherOut}, summary="Registrar un comprobante")
def post_voucher(request: HttpRequest, payload: Annotated[VoucherIn, Json(...)]) -> Status[dict[str, Any]]:
    """201 cuando es nuevo; 200 con el mismo comprobante si ya estaba con el mismo contenido, o si se reemplazó."""
    posted = register(payload, actor_of(request))
    return Status(posted.status, voucher_json(_whole(posted.voucher)))


@router.post("/vouchers/batch", response=BatchOut, summary="Registrar hasta 500", openapi_extra=_OF_BATCH)
def post_batch(request: HttpRequest, payload: Annotated[Any, Json(...)]) -> dict[str, Any]:
    """Cada uno se guarda o se rechaza por separado."""
    if not isinstance(payload, list):
        raise one(422, "invalid_type", "El cuerpo tiene que ser una lista de comprobantes.")
    if len(payload) > batches.MAX_ITEMS:
        raise one(422, "too_many", f"Van hasta {batches.MAX_ITEMS} comprobantes por pedido.")
    actor = actor_of(request)
    return {"outcomes": [batches.outcome_of(item, actor) for item in payload]}


@router.get("/vouchers", response=VouchersOut, summary="Listar comprobantes")
def list_vouchers(request: HttpRequest, filters: Annotated[VoucherFilters, Filters(...)]) -> dict[str, Any]:
    """Del más nuevo al más viejo, por fecha de emisión."""
    actor = actor_of(request)
    rows = _filtered(scoped(Voucher.objects.filter(kind__in=_kinds(filters, actor)), actor), filters)
    found = page(
        rows.select_related("company", "party"), _ORDER,
        limit=filters.limit, cursor=filters.cursor, count=filters.count,
    )  # fmt: skip
    return {"items": vouchers_json(found.items), "next": found.next, "count": found.count}


def _kinds(filters: VoucherFilters, actor: Actor) -> list[str]:
    """Those asked for, else all that the key may see."""
    for kind in filters.kind:
        actor.require(kind, Action.VIEW)
    allowed = [page_.value for page_ in VOUCHER_PAGES if actor.may(page_, Action.VIEW)]
    if not allowed:
        raise NotAllowed(VOUCHER_PAGES[0], Action.VIEW)
    return list(filters.kind) or allowed


def _filtered(rows: QuerySet[Voucher], filters: VoucherFilters) -> QuerySet[Voucher]:
    given: dict[str, object | None] = {
        "external_id": filters.external_id,
        "party__external_id": filters.party_external_id,
        "party__tax_id": _tax_id(filters.party_tax_id),
        "issued_on__gte": filters.issued_from,
        "issued_on__lte": filters.issued_to,
        "voided_at__isnull": filters.state == "active" if filters.state else None,
    }
    return rows.filter(**{lookup: value for lookup, value in given.items() if value is not None})


def _tax_id(text: str | None) -> str | None:
    """As it is kept. What can't be one finds nothing, as any other that we don't have."""
    if text is None:
        return None
    try:
        return taxid.parse(text).value or text
    except taxid.TaxIdError:
        return text


@router.get("/vouchers/{voucher_id}", response=VoucherOut, summary="Ver un comprobante")
def get_voucher(request: HttpRequest, voucher_id: str) -> dict[str, Any]:
    return voucher_json(_own(request, voucher_id, Action.VIEW))


@router.post("/vouchers/{voucher_id}/send", response=VoucherOut, summary="Enviar")
def send_voucher(request: HttpRequest, voucher_id: str, payload: Annotated[SendIn, Json(...)]) -> dict[str, Any]:
    """Pedirlo dos veces lo envía una. Si no se puede enviar: 422 con todos los motivos.

    500 con el motivo `fault` si Acuse no puede preparar el envío por un error propio: no se guardó nada, y cuando quien
    administra la instalación lo resuelva se puede pedir de nuevo.
    """
    voucher = _own(request, voucher_id, Action.SEND)
    sending.send(voucher, payload, actor_of(request))
    return voucher_json(_whole(voucher))


@router.post("/vouchers/{voucher_id}/authorize", response=VoucherOut, summary="Registrar la respuesta de ARCA")
def authorize_voucher(
    request: HttpRequest, voucher_id: str, payload: Annotated[AuthorizeIn, Json(...)]
) -> dict[str, Any]:
    """Lo que esperaba el CAE sale solo."""
    voucher = _own(request, voucher_id, Action.EDIT)
    changed = intake.authorize(
        voucher,
        pdf_=pdf_of_base64(payload.pdf_base64),
        bringer=bringer_of(actor_of(request)),
        result=Authorization(payload.result),
        cae=payload.cae or "",
        cae_type=payload.cae_type or "cae",
        cae_due_on=payload.cae_due_on,
        observations=payload.observations,
    )
    return voucher_json(changed)


@router.post("/vouchers/{voucher_id}/pdf", response=VoucherOut, summary="Adjuntar el PDF", openapi_extra=_OF_PDF)
def attach_pdf(request: HttpRequest, voucher_id: str) -> dict[str, Any]:
    """El cuerpo es el PDF tal cual, hasta 100 MB. Otro PDF es otra versión del comprobante."""
    voucher = _own(request, voucher_id, Action.EDIT)
    return voucher_json(intake.attach_pdf(voucher, pdf_of_request(request), bringer_of(actor_of(request))))


@router.post("/vouchers/{voucher_id}/void", response=VoucherOut, summary="Anular")
def void_voucher(request: HttpRequest, voucher_id: str) -> dict[str, Any]:
    """Lo que todavía está en cola se cancela."""
    voucher = _own(request, voucher_id, Action.VOID)
    voiding.void(voucher, actor=actor_of(request).label)
    return voucher_json(_whole(voucher))


def _own(request: HttpRequest, voucher_id: str, action: Action) -> Voucher:
    actor = actor_of(request)
    voucher = own(Voucher.objects.select_related("company", "party"), actor, voucher_id)
    actor.require(voucher.kind, action)
    return voucher


def _whole(voucher: Voucher) -> Voucher:
    """As it is now, with what its JSON needs."""
    return Voucher.objects.select_related("company", "party").get(pk=voucher.pk)
