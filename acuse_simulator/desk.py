"""The HTML of the operator's page: how the platform is now, and a form for each thing that may happen to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlencode

from acuse_simulator import outcomes
from acuse_simulator.entities import Number, Template, Token
from acuse_simulator.events import EVENTS
from acuse_simulator.faults import Kind
from acuse_simulator.pages import ARGENTINA, page, pretty
from acuse_simulator.silent import SILENT
from acuse_simulator.world import World

Options = Iterable[tuple[str, str]]

TROUBLE = {
    Kind.JSON_500: "Error 500 de Meta",
    Kind.HTML_500: "Error 500 con una página HTML",
    Kind.RATE_LIMITED: "Demasiadas llamadas (80007)",
    Kind.SLOW: "Respuesta lenta",
    Kind.NEVER: "No responde nunca",
    Kind.CUT: "Corta la conexión",
    Kind.HALF: "Media respuesta",
    Kind.LOST: "Lo hace, y la respuesta se pierde",
    Kind.REFUSED: "Rechaza con el código…",
}
PLACES = {
    "": "cualquier llamada",
    "/messages$": "un mensaje",
    "/media$": "un archivo",
    "/phone_numbers$": "los números",
    "/(request|verify)_code$": "el código",
    "/register$": "el registro",
    "/whatsapp_business_profile$": "el perfil",
    "/message_templates$": "las plantillas",
    "/subscri": "las suscripciones",
    "/upload": "el ejemplo de la plantilla",
    "/debug_token$": "el token",
}
REVIEWS = {
    "": "cuando se apruebe o rechace acá",
    "approve": "a los 5 segundos, aprobada",
    "INVALID_FORMAT": "a los 5 segundos, rechazada por formato",
    "PROMOTIONAL": "a los 5 segundos, rechazada por promocional",
}


def operator(world: World, said: str = "", *, wrong: bool = False) -> str:
    notice = f'<p class="notice{" wrong" if wrong else ""}" role="status">{escape(said)}</p>' if said else ""
    body = (
        '<header class="bar"><h1>Simulador de WhatsApp</h1></header><main class="desk">'
        "<p>Hace de plataforma de Meta y del teléfono de los clientes. Nada sale de esta máquina.</p>"
        '<p class="links"><a class="button" href="/phone/">Ver los teléfonos</a> '
        '<a class="button" href="/control/ledger">Ver lo que llegó</a> '
        '<a class="button" href="/control/webhooks">Ver los avisos enviados</a></p>'
        f'{notice}<div id="live" data-poll="/?fragment=1">{state(world)}</div>{_events(world)}{_faults(world)}'
        f"{_settings(world)}{_outcomes(world)}{_reset()}</main>"
    )
    return page("Simulador de WhatsApp", body, kind="operator")


def state(world: World) -> str:
    """What changes by itself, or by whoever uses the platform."""
    app = [
        ("Aplicación", world.config.app_id),
        ("Avisos a", _callback(world)),
        ("Tokens", ", ".join(f"{_masked(t.value)} {_token(world, t)}" for t in world.tokens.values()) or "ninguno"),
    ]
    shown = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in app)
    accounts = [
        (
            waba,
            _words(world.account(waba).status, world.account(waba).health["can_send_message"]),
            world.account(waba).tier,
            "sí" if waba in world.subscriptions else "no: no recibe avisos",
        )
        for waba in world.wabas()
    ]
    numbers = [
        (n.display, _words(n.status, n.health["can_send_message"], _mode(n)), n.quality, f"{n.throughput}/s", _sms(n))
        for n in world.numbers.values()
    ]
    templates = [
        (f"{t.name} {t.language}", t.status, t.category, t.quality, _reason(t)) for t in world.templates.values()
    ]
    return (
        f"<dl>{shown}</dl>"
        + _table("Cuentas", ("Cuenta", "Estado", "Límite", "Suscripta"), accounts)
        + _table("Números", ("Número", "Estado", "Calidad", "Velocidad", "Código por SMS"), numbers)
        + _table("Plantillas", ("Plantilla", "Estado", "Categoría", "Calidad", "Motivo"), templates)
    )


def _callback(world: World) -> str:
    if world.config.hooks.url is None:
        return "ningún lado todavía"
    fields = "todos los campos" if world.app_fields is None else f"{len(world.app_fields)} campos"
    return f"{world.config.hooks.url} ({fields})"


def _masked(token: str) -> str:
    return f"{token[:4]}…{token[-4:]}" if len(token) > 12 else "…"


def _token(world: World, token: Token) -> str:
    if not token.valid:
        return "(revocado)"
    if token.expires_at and token.expires_at <= world.clock():
        return "(vencido)"
    if token.expires_at:
        return f"(vence el {datetime.fromtimestamp(token.expires_at, UTC).astimezone(ARGENTINA):%d/%m/%Y})"
    return f"({len(token.scopes)} permisos{', sin la cuenta' if token.targets == ['999'] else ''})"


def _words(*words: str) -> str:
    return ", ".join(word for word in words if word not in ("", "AVAILABLE"))


def _mode(number: Number) -> str:
    return "de prueba" if number.account_mode == "SANDBOX" else "también en el teléfono" if number.on_biz_app else ""


def _sms(number: Number) -> str:
    return number.code or ("verificado" if number.code_status == "VERIFIED" else "todavía no se pidió")


def _reason(template: Template) -> str:
    return "" if template.rejected_reason == "NONE" else template.rejected_reason


def _table(title: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    if not body:
        return f"<h2>{title}</h2><p>Todavía no hay.</p>"
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f'<h2>{title}</h2><div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _select(label: str, name: str, options: Options, chosen: str = "") -> str:
    shown = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in options
    )
    return f'<label>{label} <select name="{name}">{shown}</select></label>'


def _form(action: str, button: str, *fields: str) -> str:
    inner = "".join(fields)
    return f'<form class="event" method="post" action="{action}">{inner}<button>{button}</button></form>'


def _events(world: World) -> str:
    """A form a thing that it may happen to; Meta's own silence is said in the choice."""
    templates = [(t.id, f"{t.name} {t.language}") for t in world.templates.values()]
    numbers = [(n.id, n.display) for n in world.numbers.values()]
    accounts = [(waba, waba) for waba in world.wabas()]
    customers = [(c.customer, pretty(c.customer)) for c in world.chats.values()] or [("5493415550190", "Un cliente")]
    parts = [
        ("De una plantilla", ("template_",), _select("Plantilla", "template", templates), bool(templates)),
        ("De un número", ("number_", "pin_"), _select("Número", "number", numbers), bool(numbers)),
        (
            "De la cuenta",
            ("account_", "limit_", "payment_", "business_", "webhooks_"),
            _select("Cuenta", "waba", accounts),
            True,
        ),
        ("Del token", ("token_",), "", True),
        ("De un cliente", ("customer_",), _select("Teléfono", "customer", customers), bool(numbers)),
    ]
    forms = "".join(
        f"<fieldset><legend>{title}</legend>{_form('/event', 'Provocar', about, _choices(prefixes))}</fieldset>"
        for title, prefixes, about, possible in parts
        if possible
    )
    return f'<h2>Provocar lo que pasa en Meta</h2><div class="grid">{forms}</div>'


def _choices(prefixes: tuple[str, ...]) -> str:
    found = [
        (name, f"{event.says}{' (Meta no avisa)' if name in SILENT else ''}")
        for name, event in EVENTS.items()
        if name.startswith(prefixes)
    ]
    return _select("Qué pasa", "event", found)


def _faults(world: World) -> str:
    waiting = "".join(
        f"<li>{escape(TROUBLE[f.kind])}{f' {f.code}' if f.kind is Kind.REFUSED else ''}, en "
        f"{escape(PLACES.get(f.where, f.where))}: {f.times} {'vez' if f.times == 1 else 'veces'}</li>"
        for f in world.faults.waiting
    )
    clear = f"<ul>{waiting}</ul>{_form('/fault', 'Quitarlas todas', _hidden('clear', '1'))}" if waiting else ""
    return (
        "<h2>Que Meta falle</h2>"
        + _form(
            "/fault",
            "Hacer fallar",
            _select("Qué falla", "where", PLACES.items()),
            _select("Cómo", "kind", ((kind.value, TROUBLE[kind]) for kind in Kind)),
            '<label>Código, si rechaza <input name="code" inputmode="numeric" pattern="[0-9]{1,7}" value="131000">'
            "</label>",
            '<label>Cuántas veces <input name="times" type="number" min="1" max="1000" value="1"></label>',
        )
        + clear
    )


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{value}">'


def _settings(world: World) -> str:
    config = world.config
    review = "" if config.review_seconds is None else config.reject or "approve"
    tier = "1" if config.enforce_tier else ""
    return "<h2>Cómo se porta</h2>" + _form(
        "/settings",
        "Guardar",
        _select("La revisión de una plantilla nueva", "review", REVIEWS.items(), review),
        _select("El límite de personas por día", "tier", (("", "no se controla"), ("1", "se controla")), tier),
        '<label>Números por cuenta <input name="max_numbers" type="number" min="0" max="100" '
        f'value="{config.max_numbers}"></label>',
    )


def _outcomes(world: World) -> str:
    """By the last digits; and for one number, whatever they are."""
    rows = [(suffix, one.name, one.says) for suffix, one in outcomes.OUTCOMES.items()]
    now = "".join(
        f"<li>{escape(to)}: {escape(outcomes.BY_NAME[name].says)} "
        f"{_form('/outcome', 'Quitar', _hidden('to', escape(to)))}</li>"
        for to, name in world.overrides.items()
    )
    return (
        "<h2>Qué pasa con un mensaje</h2>"
        + _form(
            "/outcome",
            "Elegir",
            '<label>Celular, o sus últimos cuatro dígitos <input name="to" inputmode="tel" required></label>',
            _select("Qué le pasa", "outcome", ((name, one.says) for name, one in outcomes.BY_NAME.items())),
        )
        + (f'<ul class="chosen">{now}</ul>' if now else "")
        + "<p>Lo demás va según los últimos cuatro dígitos. Cualquier otro número: enviado, entregado, leído.</p>"
        + _table("Según los últimos dígitos", ("Termina en", "Nombre", "Qué pasa"), rows)
    )


def _reset() -> str:
    return (
        "<details><summary>Volver a empezar</summary><p>Borra los mensajes, las plantillas y los números que se "
        f"agregaron, y deja todo como cuando arrancó.</p>{_form('/reset', 'Borrar y volver a empezar')}</details>"
    )


def back(said: str, *, wrong: bool = False) -> str:
    """Where a form's answer sends the browser."""
    return "/?" + urlencode({"no" if wrong else "ok": said})
