"""`/deliveries`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Header, Router
from ninja.responses import Status
from pydantic import Field

from acuse.api.access import actor_of, own
from acuse.api.bodies import Filters, Json
from acuse.api.fields import StateName, Text80, Text254
from acuse.api.ids import parse_id
from acuse.api.paging import MAX_LIMIT, Order, page
from acuse.api.schemas import DeliveriesOut, DeliveryDetailOut, DeliveryOut, Given, ResolveIn
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries import repeating, services
from acuse.deliveries.models import Delivery
from acuse.deliveries.presenting import deliveries_json, delivery_json
from acuse.deliveries.selectors import seen_by
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin

router = Router(tags=["Envíos"])
#: Visible ASCII, as headers carry it.
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=100,
        pattern=r"^[!-~]+$",
        description="Un texto tuyo, distinto para cada reenvío que quieras. Vale 30 días, en tu empresa.",
    ),
]
_ORDER = Order("deliveries", "created_at", datetime.fromisoformat)


class DeliveryFilters(Given):
    """`state` may be repeated."""

    state: list[StateName] = Field(default_factory=list)
    voucher: Text80 | None = None
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    cursor: Text254 | None = None
    count: Literal["exact"] | None = None


@router.get("/deliveries", response=DeliveriesOut, summary="Listar envíos")
def list_deliveries(request: HttpRequest, filters: Annotated[DeliveryFilters, Filters(...)]) -> dict[str, Any]:
    """Del más nuevo al más viejo, de los tipos de comprobante que la clave puede ver."""
    actor = actor_of(request)
    actor.require(Page.DELIVERIES, Action.VIEW)
    rows = _filtered(seen_by(actor).defer("content"), filters)
    found = page(rows, _ORDER, limit=filters.limit, cursor=filters.cursor, count=filters.count)
    return {"items": deliveries_json(found.items), "next": found.next, "count": found.count}


def _filtered(rows: QuerySet[Delivery], filters: DeliveryFilters) -> QuerySet[Delivery]:
    if filters.state:
        rows = rows.filter(state__in=filters.state)
    if filters.voucher is not None:
        key = parse_id(filters.voucher)
        rows = rows.filter(voucher_id=key) if key is not None else rows.none()
    return rows


@router.get("/deliveries/{delivery_id}", response=DeliveryDetailOut, summary="Ver un envío, con su historia")
def get_delivery(request: HttpRequest, delivery_id: str) -> dict[str, Any]:
    actor_of(request).require(Page.DELIVERIES, Action.VIEW)
    delivery = _own(request, delivery_id)
    actor_of(request).require(delivery.voucher.kind, Action.VIEW)
    timeline = [
        {"at": event.at.isoformat().replace("+00:00", "Z"), "kind": event.kind, "detail": event.detail}
        for event in delivery.events.order_by("at", "id")
    ]
    return {**delivery_json(delivery), "timeline": timeline}


@router.post("/deliveries/{delivery_id}/cancel", response=DeliveryOut, summary="Cancelar antes de que salga")
def cancel_delivery(request: HttpRequest, delivery_id: str) -> dict[str, Any]:
    """409 si ya salió."""
    delivery = _to_act_on(request, delivery_id)
    return delivery_json(services.cancel(delivery, actor=actor_of(request).label))


@router.post(
    "/deliveries/{delivery_id}/resend", response={201: DeliveryOut, 200: DeliveryOut}, summary="Enviar de nuevo"
)
def resend_delivery(
    request: HttpRequest, delivery_id: str, idempotency_key: IdempotencyKey = None
) -> Status[dict[str, Any]]:
    """201 con un envío nuevo, enlazado; 200 con el que ya estaba esperando. 409 si todavía está en cola.

    Con `Idempotency-Key`, repetir el pedido responde 200 con el mismo envío, aunque ya haya salido.

    500 con el motivo `fault` si Acuse no puede preparar el envío por un error propio: no se guardó nada, y cuando quien
    administra la instalación lo resuelva se puede pedir de nuevo, con la misma clave.
    """
    delivery, asker = _to_act_on(request, delivery_id), Asker(actor_of(request).label, Origin.API)
    if idempotency_key is None:
        answer, is_new = services.repeat(delivery, asker)
    else:
        answer, is_new = repeating.resend_once(delivery, asker, key=idempotency_key)
    return Status(201 if is_new else 200, delivery_json(answer))


@router.post("/deliveries/{delivery_id}/resolve", response=DeliveryOut, summary="Decidir un envío sin confirmar")
def resolve_delivery(
    request: HttpRequest, delivery_id: str, payload: Annotated[ResolveIn, Json(...)]
) -> dict[str, Any]:
    """409 si no está sin confirmar."""
    delivery = _to_act_on(request, delivery_id)
    return delivery_json(services.resolve(delivery, sent=payload.outcome == "sent", actor=actor_of(request).label))


def _own(request: HttpRequest, delivery_id: str) -> Delivery:
    return own(Delivery.objects.select_related("company", "voucher"), actor_of(request), delivery_id)


def _to_act_on(request: HttpRequest, delivery_id: str) -> Delivery:
    """As in the pages: who may send that kind of voucher decides about its deliveries."""
    delivery = _own(request, delivery_id)
    actor_of(request).require(delivery.voucher.kind, Action.SEND)
    return delivery
