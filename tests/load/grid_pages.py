"""What `bench_grids` asks for: every list, each order at its beginning, its middle and its end, and the filters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from acuse.companies.models import AuditEntry, Company, SavedFilter, User
from acuse.deliveries.models import Batch, Delivery
from acuse.directory.models import CustomerClass, Party
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.deliveries.tables import DELIVERIES
from acuse.web.directory.sections import SECTIONS
from acuse.web.directory.tables import grid_of as parties_of
from acuse.web.grids.grid import Grid
from acuse.web.grids.keyset import Order, in_order, page_of
from acuse.web.security.audit import ENTRIES
from acuse.web.vouchers.filters import with_reach
from acuse.web.vouchers.tables import grid_of

INVOICES = "/comprobantes/sales_invoice/"

_OF_INVOICES: dict[str, str] = {
    "this month": "period=this_month",
    "last month": "period=last_month",
    "a year": "since={year}-01-01&until={year}-12-31",
    "number": "number=3-4242",
    "number alone": "number=150000",
    "party": "party=00000000-0000-0000-0000-00000000002a",
    "class, large": "customer_class={class_0}",
    "class, small": "customer_class={class_4}",
    **{f"state {state}": f"state={state}" for state in
       ("none", "queued", "sent", "delivered", "read", "failed", "uncertain", "cancelled")},
    **{f"CAE {choice}": f"cae={choice}" for choice in ("with", "no_cae", "refused", "expiring", "expired")},
    **{f"ready {choice}": f"ready={choice}" for choice in ("ready", "no_pdf", "no_contact")},
    "not voided": "voided=no",
    "voided": "voided=only",
    "search a number": "q=4242",
    "search 3-4242": "q=3-4242",
    "search a CUIT": "q=30-00000042-7",
    "search the first digits": "q=3000000",
    "search a common word": "q=sa",
    "search a name": "q=libreria+nandu",
    "search one name": "q=libreria+nandu+2522",
    "search a word of titles": "q=nota+credito",
    "search what is not there": "q=xilofonos",
    "search a name and a number": "q=almacen+4242",
    "empty: a year without any": "since=1990-01-01&until=1990-12-31",
    "failed last month": "state=failed&period=last_month",
    "read, of a class": "state=read&customer_class={class_4}",
    "sent, CAE missing": "state=sent&cae=no_cae",
    "voided, by party": "voided=only&sort=party",
    "a month, by total": "period=last_month&sort=-total",
    "failed, by total": "state=failed&sort=-total",
    "failed, by party": "state=failed&sort=party",
    "search a name, by total": "q=libreria+nandu&sort=-total",
    "CAE missing, oldest first": "cae=no_cae&sort=issued_on",
    "class, small, by total": "customer_class={class_4}&sort=-total",
    "no contact, oldest first": "ready=no_contact&sort=issued_on",
}  # fmt: skip

_OF_DELIVERIES: dict[str, str] = {
    **{f"state {state}": f"state={state}" for state in
       ("queued", "sending", "sent", "delivered", "read", "failed", "uncertain", "cancelled")},
    "two states": "state=failed&state=uncertain",
    "failed, by state": "state=failed&sort=state",
    **{f"waiting {choice}": f"waiting={choice}" for choice in ("failed", "uncertain", "undelivered")},
    "kind": "kind=quote",
    "kind, large": "kind=sales_invoice",
    "cause": "cause_code=whatsapp.131026",
    "cause, by state": "cause_code=whatsapp.131026&sort=state",
    "channel, small": "channel=email",
    "channel, large": "channel=whatsapp",
    "lane": "lane={lane}",
    "this month": "period=this_month",
    "last month": "period=last_month",
    "today": "period=today",
    "a month, failed": "period=last_month&state=failed",
    "origin": "origin=automatic",
    "origin, none": "origin=command",
    "person": "requested_by=user%3Aana%40oeste.example",
    "not asked again": "unresolved=on&state=failed",
    "search a number": "q=4242",
    "search a name": "q=libreria+nandu+2522",
    "search a common name": "q=libreria",
    "search a mobile": "q=341+15+000-0042",
    "search what is not there": "q=xilofonos",
    "mail, failed": "channel=email&state=failed",
    "quotes, failed": "kind=quote&state=failed",
}  # fmt: skip

_OF_CUSTOMERS: dict[str, str] = {
    "search a name": "q=libreria+nandu",
    "search a CUIT": "q=30000000042",
    "search a mobile": "q=341+15+000-0042",
    "search what is not there": "q=xilofonos",
    **{f"contacts {choice}": f"contacts={choice}" for choice in ("with", "without", "problem", "suppressed")},
    "class, large": "customer_class={class_0}",
    "class, small": "customer_class={class_4}",
    "no class": "customer_class=none",
    "duplicates": "duplicates=on",
    "class, small, by class": "customer_class={class_4}&sort=customer_class",
}

_OF_AUDIT: dict[str, str] = {
    "who": "author=user%3Aana%40oeste.example",
    "commands": "author=command",
    "what": "group=Comprobantes",
    "what else": "group=otros",
    "days": "since={year}-11-01&until={year}-11-10",
    "a voucher": "q=4242",
    "a customer": "q=libreria+nandu+2522",
    "a mail": "q=ana%40oeste",
    "what is not there": "q=xilofonos",
    "who did what": "author=key%3Abench&group=Comprobantes",
}

_OTHERS: dict[str, str] = {
    "Inicio": "/",
    "Inicio, today": "/?periodo=today",
    "Inicio, last month": "/?periodo=last_month",
    "answers": "/envios/mensajes/",
    "answers, handled": "/envios/mensajes/?ver=resueltos",
    "answers, BAJA": "/envios/mensajes/?ver=bajas",
    "answers, all": "/envios/mensajes/?ver=todos",
    "answers, in the middle": "/envios/mensajes/?ver=todos&antes=50000",
    "answers, searched": "/envios/mensajes/?ver=todos&q=mayo",
    "answers, a common word": "/envios/mensajes/?q=gracias",
    "answers, not there": "/envios/mensajes/?ver=todos&q=xilofonos",
    "batches": "/envios/tandas/",
    "batch": "/envios/tandas/{batch}/",
    "batch, its vouchers": "/envios/tandas/{batch}/filas/?que=van",
    "batch, last of its vouchers": "/envios/tandas/{batch}/filas/?que=van&page=1800",
    "batch, refused": "/envios/tandas/{batch}/filas/?que=no-van&motivo=no_contact",
    "batch, sent": "/envios/tandas/{batch}/filas/?que=enviados",
    "batch, last of those sent": "/envios/tandas/{batch}/filas/?que=enviados&page=1500",
    "batch, failed": "/envios/tandas/{batch}/filas/?que=failed",
    "customer classes": "/tablas/clases-de-cliente/",
    "a customer": "/tablas/clientes/00000000-0000-0000-0000-00000000002a/",
    "a customer's contacts": "/tablas/clientes/00000000-0000-0000-0000-00000000002a/contactos/",
    "users": "/seguridad/usuarios/",
}


@dataclass(frozen=True, slots=True)
class Pages:
    """Of one company, as its administrator sees them."""

    client: Any
    #: As one sees them whose role has a few of the kinds.
    of_some_kinds: Any
    user: User
    company: Company

    def every(self) -> Iterator[tuple[str, str]]:
        """(name, address). Each is found when it is asked for: some are links of the page before."""
        yield from self.orders()
        names = self._names()
        yield from _filtered("invoices", INVOICES, _OF_INVOICES, names)
        yield from _filtered("deliveries", "/envios/", _OF_DELIVERIES, names)
        yield from _filtered("customers", "/tablas/clientes/", _OF_CUSTOMERS, names)
        yield from _filtered("audit", "/seguridad/auditoria/", _OF_AUDIT, names)
        yield from self._saved()
        yield from ((name, url.format(**names)) for name, url in _OTHERS.items())

    def of_a_role(self) -> Iterator[tuple[str, str]]:
        for order in _orders(DELIVERIES):
            yield f"deliveries of some kinds by {order.text}", f"/envios/?sort={order.text}"
            yield f"deliveries of some kinds by {order.text}, last page", f"/envios/?sort={order.text}&page=last"
        for name in ("state failed", "cause", "this month", "search a number", "search a common name"):
            yield f"deliveries of some kinds, {name}", f"/envios/?{_OF_DELIVERIES[name]}"
        yield "Inicio of some kinds", "/"

    def orders(self) -> Iterator[tuple[str, str]]:
        """Each grid, up and down by each of its columns; those that are another's twin, their first pages."""
        kind = VoucherKind.SALES_INVOICE
        for order in _orders(grid_of(kind, by_state=False)):
            grid = grid_of(kind, by_state=order.sort.name == "state")
            rows = Voucher.objects.filter(company=self.company, kind=kind.value)
            rows = with_reach(rows, self.company, kind) if order.sort.name == "state" else rows
            yield from self._four(kind.value, INVOICES, rows, grid.order(order.text))
        for order in _orders(DELIVERIES):
            yield from self._four("deliveries", "/envios/", Delivery.objects.filter(company=self.company), order)
        customers, *others = SECTIONS
        parties = Party.objects.filter(company=self.company, kind=customers.kind.value, merged_into=None)
        for order in _orders(parties_of(customers)):
            yield from self._four(customers.slug, f"/tablas/{customers.slug}/", parties, order)
        for twin, url, grid in (
            *((kind.value, f"/comprobantes/{kind}/", grid_of(kind, by_state=False)) for kind in list(VoucherKind)[1:]),
            *((section.slug, f"/tablas/{section.slug}/", parties_of(section)) for section in others),
        ):
            yield from ((f"{twin} by {sort.name}", f"{url}?sort={sort.name}") for sort in grid.sorts)
        for order in _orders(ENTRIES):
            entries = AuditEntry.objects.filter(company=self.company)
            yield from self._four("audit", "/seguridad/auditoria/", entries, order)

    def _four(self, name: str, url: str, rows: Any, order: Order) -> Iterator[tuple[str, str]]:
        """First, second, in the middle, last."""
        asked = f"{url}?sort={order.text}"
        yield f"{name} by {order.text}", asked
        following = self._link(asked, "next")
        if following is None:
            return
        yield f"{name} by {order.text}, second page", following
        half = rows.count() // 2
        pair = rows.filter(pk__in=[row.pk for row in in_order(rows, order)[half : half + 2]])
        yield f"{name} by {order.text}, in the middle", f"{asked}&page={page_of(pair, order, '', 1).next}"
        yield f"{name} by {order.text}, last page", f"{asked}&page=last"

    def _link(self, url: str, rel: str) -> str | None:
        found = re.search(rf'href="([^"]+)" rel="{rel}"', self.client.get(url).content.decode())
        return found[1].replace("&amp;", "&") if found else None

    def _saved(self) -> Iterator[tuple[str, str]]:
        for name, query in (("Fallidos", "state=failed"), ("Sin CAE", "cae=no_cae"), ("Clase chica", "voided=only")):
            SavedFilter.objects.get_or_create(
                company=self.company, user=self.user, grid=INVOICES, name=name, defaults={"query": query}
            )
        yield "invoices, a saved filter", f"{INVOICES}?state=failed"

    def _names(self) -> dict[str, Any]:
        classes = CustomerClass.objects.filter(company=self.company).order_by("pk").values_list("pk", flat=True)
        newest = Voucher.objects.filter(company=self.company).latest("issued_on").issued_on
        batch = Batch.objects.filter(company=self.company).first()
        return {
            **{f"class_{place}": pk for place, pk in enumerate(classes)},
            "lane": self.company.lanes.filter(channel="whatsapp").get().pk,
            "batch": batch.pk if batch else None,
            "year": newest.year,
        }


def _orders(grid: Grid) -> list[Order]:
    return [Order(sort, descending) for sort in grid.sorts for descending in (False, True)]


def _filtered(grid: str, url: str, filters: dict[str, str], names: dict[str, Any]) -> Iterator[tuple[str, str]]:
    return ((f"{grid}, {name}", f"{url}?{query.format(**names)}") for name, query in filters.items())
