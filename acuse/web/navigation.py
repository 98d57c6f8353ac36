"""The modules of the sidebar and of the bottom bar, as far as the actor may see them. A new page adds a line here."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from acuse.companies.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.vouchers.kinds import VoucherKind

#: What each kind's grid is called; a receipt is *cobro* to those who collect.
GRID_NAMES: dict[VoucherKind, str] = {kind: kind.plural for kind in VoucherKind} | {VoucherKind.RECEIPT: "Cobros"}

_SALES = (VoucherKind.SALES_INVOICE, VoucherKind.RECEIPT, VoucherKind.QUOTE, VoucherKind.SALES_ORDER)
_PURCHASES = (VoucherKind.PURCHASE_ORDER, VoucherKind.PAYMENT_ORDER, VoucherKind.WITHHOLDING_CERTIFICATE)


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    icon: str
    items: tuple[Item, ...]
    #: Its only page is itself.
    single: bool = False

    @property
    def url(self) -> str:
        return self.items[0].url

    @property
    def current(self) -> bool:
        return any(item.current for item in self.items)


def modules_for(actor: Actor, path: str) -> list[Module]:
    found = [
        Module("Inicio", "bs_icon/house.svg", (_item("Inicio", reverse("web:home"), path),), single=True),
        Module("Ventas", "bs_icon/receipt.svg", _grids(_SALES, actor, path)),
        Module("Compras", "bs_icon/cart.svg", _grids(_PURCHASES, actor, path)),
    ]
    if actor.may(Page.DELIVERIES, Action.VIEW):
        found.append(
            Module("Envíos", "bs_icon/send.svg", (_item("Envíos", reverse("web:deliveries"), path),), single=True)
        )
    return [module for module in found if module.items]


def _grids(kinds: tuple[VoucherKind, ...], actor: Actor, path: str) -> tuple[Item, ...]:
    seen = [kind for kind in kinds if actor.may(kind, Action.VIEW)]
    return tuple(_item(GRID_NAMES[kind], reverse("web:voucher_grid", args=[kind]), path) for kind in seen)


def _item(name: str, url: str, path: str) -> Item:
    current = path == url if url == "/" else path.startswith(url)
    return Item(name, url, current)
