"""An installation of the first release, with data, brought up to date. In a process of its own: it migrates it all."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import tests.environment  # noqa: F401  (points ACUSE_DATA_DIR to a temporary folder)

#: The migrations of the first release.
FIRST = (("companies", "0002_fold"), ("channels", "0001_initial"), ("directory", "0001_initial"),
         ("vouchers", "0001_initial"), ("deliveries", "0001_initial"), ("hooks", "0001_initial"))  # fmt: skip
#: The furthest delivery of each voucher, by the voucher's number.
STATES = {1: ("queued",), 2: ("sent", "failed"), 3: ("read",), 4: ("cancelled",), 5: ()}


def main() -> None:
    from acuse.config import database

    database.ensure()
    import django

    django.setup()
    from acuse.workers.preparing import prepare

    _fill(_first_release())
    prepare()
    _check()


def _first_release() -> Any:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return executor.migrate(list(FIRST)).apps


def _fill(apps: Any) -> None:
    def make(model: str, /, **fields: Any) -> Any:
        return apps.get_model(model).objects.create(**fields)

    from django.utils import timezone

    now = timezone.now()
    company = make("companies.Company", legal_name="Ferretería Oeste SA", cuit="30000000007")
    ana = make("companies.User", email="ana@oeste.example", password="!")
    role = make("companies.Role", company=company, name="Administrador")
    for page, action in (("parties", "view"), ("parties", "edit"), ("deliveries", "send"), ("sales_invoice", "send")):
        make("companies.RoleGrant", role=role, page=page, action=action)
    member = make("companies.Membership", user=ana, company=company)
    member.roles.set([role])
    make("companies.Invitation", company=company, user=ana, token_digest="d", expires_at=now + timedelta(days=3))
    make("companies.AuditEntry", company=company, actor="system", event="sign_in.done")
    lane = make("channels.Lane", company=company, channel="whatsapp", name="WhatsApp")
    party = make("directory.Party", company=company, kind="customer", name="Almacén Ñandú")
    contact = make("directory.Contact", company=company, party=party, name="Compras", mobile="+5493415550199")
    for name, given in (("Sin BAJA", {"mobile": "+5493415550188", "email": "ana@norte.example"}),
                        ("BAJA", {"email": "Ana@Norte.example", "suppressed_at": now, "suppressed_reason": "Llamó"}),
                        ("BAJA", {"mobile": "+5493415550111", "suppressed_at": now})):  # fmt: skip
        make("directory.Contact", company=company, party=party, name=name, **given)
    stored = make("vouchers.StoredFile", sha256="a" * 64, size=1)
    delivery = None
    for number, states in STATES.items():
        voucher = make(
            "vouchers.Voucher", company=company, party=party, kind="sales_invoice", title=f"Factura A {number}",
            arca_type=1, letter="A", point_of_sale=3, number=number, issued_on=date(2026, 11, 20), total=Decimal(100),
            electronic=True, cae="70417054367476", authorization="approved", file=stored,
        )  # fmt: skip
        for place, state in enumerate(states):
            delivery = make(
                "deliveries.Delivery", company=company, voucher=voucher, version=1, contact=contact, channel="whatsapp",
                lane=lane, account_key="k", to=f"+549341555{number:03}{place}", state=state, origin="manual",
                requested_by="user:ana@oeste.example", due_at=now, content={}, file=stored, file_name="F.pdf",
                created_at=now, updated_at=now, sent_at=now if state in ("sent", "read") else None,
            )  # fmt: skip
            make("deliveries.DeliveryEvent", delivery=delivery, at=now, kind="requested")
    make(
        "deliveries.InboundMessage", company=company, lane=lane, provider_id="in.1", sender="5493415550199",
        type="text", text="¿Cuándo viene el camión?", contact=contact, delivery=delivery, at=now, raw={},
    )  # fmt: skip


def _check() -> None:
    from acuse.companies.models import Invitation, Role, RoleGrant
    from acuse.companies.permissions.pages import EVERYTHING, READY_ROLES
    from acuse.deliveries.figures import counting
    from acuse.deliveries.figures.daily import DayCount
    from acuse.deliveries.figures.reach import NEVER_ASKED, REACHES, Reach
    from acuse.deliveries.models import Delivery
    from acuse.directory.models import OptOut
    from acuse.vouchers.models import Voucher
    from acuse.web.inbox.searching import search
    from tests.integration.truth import assert_nothing_drifted

    ranks = dict(Reach.objects.values_list("voucher__number", "rank"))
    furthest = {n: max((REACHES[s] for s in states), default=NEVER_ASKED) for n, states in STATES.items()}
    assert ranks == furthest, ranks
    assert_nothing_drifted()
    assert set(Voucher.objects.values_list("party_name", flat=True)) == {"almacen nandu"}
    assert set(Delivery.objects.filter(batch=None).values_list("kind", "held")) == {("sales_invoice", False)}
    # a delivery that moves on is followed, as those that come after are
    Delivery.objects.filter(voucher__number=1).update(state="delivered")
    assert Reach.objects.get(voucher__number=1).rank == REACHES["delivered"]
    assert_nothing_drifted()
    counting.refresh()
    states = DayCount.objects.filter(measure="state").values_list("bucket", "count")
    assert dict(states) == {"delivered": 1, "sent": 1, "failed": 1, "read": 1, "cancelled": 1}, list(states)
    company = Delivery.objects.latest("created_at").company
    assert search(company.inbound.all(), company, "camion").count() == 1
    out = dict(OptOut.objects.values_list("address", "reason"))
    assert out == {"ana@norte.example": "Llamó", "+5493415550111": ""}, out
    invitation = Invitation.objects.get()
    assert (invitation.email, [role.name for role in invitation.roles.all()]) == (
        "ana@oeste.example",
        ["Administrador"],
    )
    assert set(READY_ROLES) <= set(Role.objects.values_list("name", flat=True))
    grants = set(RoleGrant.objects.filter(role__name="Administrador").values_list("page", "action"))
    assert grants == {(page.value, action.value) for page, action in EVERYTHING}, grants


if __name__ == "__main__":
    main()
