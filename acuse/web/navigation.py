"""The menu, as far as the actor may see it: modules, and the pages in each. A new page adds a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.urls import reverse

from acuse.channels import notices
from acuse.companies.models import User
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.deliveries.selectors import unhandled_answers
from acuse.vouchers.kinds import VoucherKind

#: Modules that the bottom bar of a phone holds; the others are behind *Más*.
IN_BOTTOM_BAR = 4
#: With as many, the menu says `99+`.
_COUNTED = 100
_DAILY = ("inicio", "ventas", "compras", "envios")


@dataclass(frozen=True, slots=True)
class Line:
    """One page of the menu."""

    name: str
    #: Its address: the name in the urls (without `web:`) and its argument.
    url_name: str
    #: Whose *Ver* it needs; None: whoever is in the office.
    page: str | None = None
    arg: str | None = None
    #: What waits there for a person.
    count: Callable[[Actor], int] | None = None
    #: For who administers the installation.
    installation: bool = False
    #: For who may send some kind of voucher.
    sends: bool = False
    #: How else people call it: what they knew before, and what they look for there.
    also: str = ""


def _grid(kind: VoucherKind) -> Line:
    return Line(kind.plural, "voucher_grid", kind.value, kind.value)


def _unhandled_answers(actor: Actor) -> int:
    return unhandled_answers(actor)[:_COUNTED].count()


def _whatsapp_errors(actor: Actor) -> int:
    return notices.open_errors(actor.company)[:_COUNTED].count()


#: Module, its icon, whether its group is open until a person closes it, and its pages.
MENU: tuple[tuple[str, str, str, bool, tuple[Line, ...]], ...] = (
    ("inicio", "Inicio", "bs_icon/house.svg", True, (Line("Inicio", "home"),)),
    ("ventas", "Ventas", "bs_icon/receipt.svg", True, (
        _grid(VoucherKind.SALES_INVOICE),
        _grid(VoucherKind.RECEIPT),
        _grid(VoucherKind.QUOTE),
        _grid(VoucherKind.SALES_ORDER),
    )),
    ("compras", "Compras", "bs_icon/cart.svg", True, (
        _grid(VoucherKind.PURCHASE_ORDER),
        _grid(VoucherKind.PAYMENT_ORDER),
        _grid(VoucherKind.WITHHOLDING_CERTIFICATE),
    )),
    ("tablas", "Tablas", "bs_icon/table.svg", False, (
        Line("Clientes", "party_grid", Page.CUSTOMERS, "clientes"),
        Line("Proveedores", "party_grid", Page.SUPPLIERS, "proveedores"),
        Line("Bancos", "party_grid", Page.BANKS, "bancos"),
        Line("Clases de cliente", "customer_classes", Page.CUSTOMER_CLASSES),
    )),
    ("envios", "Envíos", "bs_icon/send.svg", True, (
        Line("Envíos", "deliveries", Page.DELIVERIES),
        Line("Tandas", "batches", sends=True),
        Line("Mensajes recibidos", "inbound", Page.DELIVERIES, count=_unhandled_answers),
    )),
    ("administracion", "Administración", "bs_icon/sliders.svg", False, (
        Line("Parámetros", "parameters", Page.PARAMETERS, also="WhatsApp token seguridad número teléfono correo"),
        Line("Asistente de WhatsApp", "whatsapp", Page.PARAMETERS),
        Line("Estado de WhatsApp", "whatsapp_status", Page.PARAMETERS, count=_whatsapp_errors),
        Line("Configuraciones de envío de comprobantes", "policies", Page.POLICIES, also="e-mails asunto cuerpo"),
        Line("Tarifas", "rates", Page.RATES),
        Line("Empresa", "company", Page.COMPANY),
        Line("Servicio de envío automático", "automatic_service", Page.POLICIES),
    )),
    ("seguridad", "Seguridad", "bs_icon/shield-lock.svg", False, (
        Line("Usuarios", "users", Page.USERS),
        Line("Roles", "roles", Page.ROLES),
        Line("Acciones por páginas por rol", "grants", Page.ROLES, also="permisos"),
        Line("Claves de API", "api_keys", Page.API_KEYS),
        Line("Auditoría", "audit", Page.AUDIT),
    )),
    ("instalacion", "Instalación", "bs_icon/hdd-stack.svg", False, (
        Line("Instalación", "installation", installation=True),
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    url: str
    current: bool = False
    count: int = 0
    also: str = ""

    @property
    def count_text(self) -> str:
        return "" if not self.count else str(self.count) if self.count < _COUNTED else "99+"


@dataclass(frozen=True, slots=True)
class Module:
    key: str
    name: str
    icon: str
    items: tuple[Item, ...]
    #: Open until a person closes it.
    open_first: bool
    is_open: bool = False

    @property
    def single(self) -> bool:
        """Its only page is itself."""
        return len(self.items) == 1 and self.items[0].name == self.name

    @property
    def url(self) -> str:
        return self.items[0].url

    @property
    def current(self) -> bool:
        return any(item.current for item in self.items)

    @property
    def waiting(self) -> bool:
        return any(item.count for item in self.items)


def modules_for(actor: Actor | None, user: User, path: str) -> list[Module]:
    found = [Module(key, name, icon, _items(lines, actor, user), first) for key, name, icon, first, lines in MENU]
    return _with_current([module for module in found if module.items], path)


def _items(lines: tuple[Line, ...], actor: Actor | None, user: User) -> tuple[Item, ...]:
    seen = [line for line in lines if _sees(line, actor, user)]
    return tuple(_item(line, actor) for line in seen)


def _item(line: Line, actor: Actor | None) -> Item:
    return Item(line.name, _url(line), count=line.count(actor) if line.count and actor else 0, also=line.also)


def _sees(line: Line, actor: Actor | None, user: User) -> bool:
    if line.installation:
        return user.is_installation_admin
    if actor is None:
        return False
    if line.sends:
        return may_send_any(actor)
    return line.page is None or actor.may(line.page, Action.VIEW)


def may_send_any(actor: Actor) -> bool:
    return any(actor.may(kind, Action.SEND) for kind in VoucherKind)


def _url(line: Line) -> str:
    return reverse(f"web:{line.url_name}", args=[line.arg] if line.arg else [])


def _with_current(modules: list[Module], path: str) -> list[Module]:
    """The page one is on, or the one that holds it: the longest address that begins the path."""
    urls = [item.url for module in modules for item in module.items]
    here = max((url for url in urls if path == url or (url != "/" and path.startswith(url))), key=len, default=None)
    return [
        replace(module, items=tuple(replace(item, current=item.url == here) for item in module.items))
        for module in modules
    ]


#: The cookie in which the browser keeps what a person opened and closed: `ventas-0.seguridad-1`; `nav-1`: narrow.
MENU_COOKIE = "acuse_menu"


@dataclass(frozen=True, slots=True)
class Menu:
    """The modules, and how the person left them."""

    modules: list[Module]
    narrow: bool

    @property
    def bottom(self) -> list[Module]:
        """The bottom bar of a phone."""
        return self.modules if len(self.modules) <= IN_BOTTOM_BAR + 1 else self._first

    @property
    def more(self) -> list[Module]:
        """Behind *Más*."""
        return [module for module in self.modules if module not in self.bottom]

    @property
    def current(self) -> Module | None:
        return next((module for module in self.modules if module.current), None)

    @property
    def _first(self) -> list[Module]:
        return sorted(self.modules, key=lambda module: module.key not in _DAILY)[:IN_BOTTOM_BAR]


def menu_for(actor: Actor | None, user: User, path: str, cookie: str) -> Menu:
    marks = dict(mark.split("-", 1) for mark in cookie.split(".") if "-" in mark)
    narrow = marks.get("nav") == "1"
    return Menu([_shaped(module, marks, narrow) for module in modules_for(actor, user, path)], narrow)


def _shaped(module: Module, marks: dict[str, str], narrow: bool) -> Module:
    is_open = module.current or marks.get(module.key, "1" if module.open_first else "0") == "1"
    # in the narrow menu a group opens over the page
    return replace(module, is_open=is_open and not narrow)
