"""What people call the pages and the actions of a role, grouped as in the menu. Pure."""

from __future__ import annotations

from acuse.companies.permissions.pages import Action, Page

PAGE_NAMES: dict[Page, str] = {
    Page.SALES_INVOICE: "Facturas de venta",
    Page.RECEIPT: "Cobros",
    Page.QUOTE: "Presupuestos",
    Page.SALES_ORDER: "Pedidos de venta",
    Page.PURCHASE_ORDER: "Órdenes de compra",
    Page.PAYMENT_ORDER: "Órdenes de pago",
    Page.WITHHOLDING_CERTIFICATE: "Comprobantes de retención",
    Page.CUSTOMERS: "Clientes",
    Page.SUPPLIERS: "Proveedores",
    Page.BANKS: "Bancos",
    Page.CUSTOMER_CLASSES: "Clases de cliente",
    Page.DELIVERIES: "Envíos",
    Page.PARAMETERS: "Parámetros",
    Page.POLICIES: "Configuraciones de envío de comprobantes",
    Page.RATES: "Tarifas",
    Page.COMPANY: "Empresa",
    Page.USERS: "Usuarios",
    Page.ROLES: "Roles",
    Page.API_KEYS: "Claves de API",
    Page.AUDIT: "Auditoría",
}

ACTION_NAMES: dict[Action, str] = {
    Action.VIEW: "Ver",
    Action.CREATE: "Crear",
    Action.EDIT: "Editar",
    Action.VOID: "Anular",
    Action.SEND: "Enviar comprobante",
    Action.EXPORT: "Exportar",
    Action.CONFIGURE: "Configurar",
}

#: The modules of the menu, with the pages that a role governs.
PAGE_GROUPS: tuple[tuple[str, tuple[Page, ...]], ...] = (
    ("Ventas", (Page.SALES_INVOICE, Page.RECEIPT, Page.QUOTE, Page.SALES_ORDER)),
    ("Compras", (Page.PURCHASE_ORDER, Page.PAYMENT_ORDER, Page.WITHHOLDING_CERTIFICATE)),
    ("Tablas", (Page.CUSTOMERS, Page.SUPPLIERS, Page.BANKS, Page.CUSTOMER_CLASSES)),
    ("Envíos", (Page.DELIVERIES,)),
    ("Administración", (Page.PARAMETERS, Page.POLICIES, Page.RATES, Page.COMPANY)),
    ("Seguridad", (Page.USERS, Page.ROLES, Page.API_KEYS, Page.AUDIT)),
)

#: What an action means on the pages where its name alone doesn't say it.
_MEANINGS: dict[tuple[Page, Action], str] = {
    **{
        (page, Action.VOID): "borrar, o unir repetidos"
        for page in (Page.CUSTOMERS, Page.SUPPLIERS, Page.BANKS, Page.CUSTOMER_CLASSES)
    },
    (Page.DELIVERIES, Action.EDIT): "reanudar lo suspendido y resolver los mensajes recibidos",
    (Page.USERS, Action.CREATE): "invitar",
    (Page.USERS, Action.EDIT): "cambiar roles, mandar el enlace de contraseña",
    (Page.USERS, Action.VOID): "desactivar y reactivar",
    (Page.ROLES, Action.VOID): "borrar",
    (Page.API_KEYS, Action.VOID): "anular claves",
}


def page_name(page: str) -> str:
    """An unknown one, of another version, is shown as it is."""
    return PAGE_NAMES[Page(page)] if page in list(Page) else page


def action_name(action: str) -> str:
    return ACTION_NAMES[Action(action)] if action in list(Action) else action


def meaning(page: Page, action: Action) -> str:
    return _MEANINGS.get((page, action), "")


def pair_name(page: str, action: str) -> str:
    """As the audit and the refusals say it: `Cobros: Enviar comprobante`."""
    return f"{page_name(page)}: {action_name(action)}"
