"""The HTML of the phone and of the operator's page. Everything that people typed is escaped."""

from datetime import UTC, datetime, timedelta, timezone
from html import escape

from acuse_simulator.entities import Chat, Message
from acuse_simulator.world import World

#: Argentina keeps one offset all year.
ARGENTINA = timezone(timedelta(hours=-3))
STATES = {
    "accepted": "En camino",
    "sent": "En camino",
    "delivered": "Recibido",
    "read": "Leído",
    "failed": "No llegó",
}


def page(title: str, body: str, *, kind: str) -> str:
    return (
        '<!doctype html><html lang="es-AR"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="icon" href="/static/mark.svg" type="image/svg+xml"><link rel="stylesheet" href="/static/phone.css">'
        f'<script src="/static/phone.js" defer></script></head><body class="{kind}">{body}</body></html>'
    )


def pretty(number: str) -> str:
    """Only Buenos Aires is split: other area codes have three or four digits, and no table of them is kept here."""
    if number.startswith("54911") and len(number) == 13:
        return f"+54 9 11 {number[5:9]}-{number[9:]}"
    if number.startswith("549"):
        return f"+54 9 {number[3:]}"
    return f"+{number}"


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(ARGENTINA).strftime("%H:%M")


def chats(world: World) -> str:
    body = (
        '<header class="bar"><a class="back" href="/" aria-label="Volver al simulador">‹</a><h1>Mensajes</h1></header>'
        f'<main id="live" data-poll="/phone/?fragment=1">{chat_list(world)}</main>'
    )
    return page("Mensajes", body, kind="phone")


def chat_list(world: World) -> str:
    rows = "".join(_chat_row(c) for c in sorted(world.chats.values(), key=_last_at, reverse=True))
    if not rows:
        return '<p class="empty">Todavía no llegó ningún mensaje. Enviá un comprobante y aparece acá.</p>'
    return f'<ul class="chats">{rows}</ul>'


def _last_at(chat: Chat) -> float:
    return chat.messages[-1].at if chat.messages else 0.0


def _chat_row(chat: Chat) -> str:
    last = chat.messages[-1] if chat.messages else None
    preview = escape((last.filename or last.text)[:80]) if last else ""
    unread = sum(not m.inbound and m.state == "delivered" for m in chat.messages)
    badge = f'<span class="badge" aria-label="{unread} sin leer">{unread}</span>' if unread else ""
    at = f"<time>{_clock(last.at)}</time>" if last else ""
    return (
        f'<li><a href="/phone/{chat.customer}"><strong>{pretty(chat.customer)}</strong>{at}'
        f"<span>{preview}</span>{badge}</a></li>"
    )


def chat(world: World, customer: str) -> str:
    body = (
        '<header class="bar"><a class="back" href="/phone/" aria-label="Volver a los mensajes">‹</a>'
        f"<div><h1>{escape(_business(world, customer))}</h1><p>Teléfono de {pretty(customer)}</p></div></header>"
        f'<main id="live" class="bubbles" aria-live="polite" data-poll="/phone/{customer}?fragment=1">'
        f"{bubbles(world, customer)}</main>"
        f'<footer class="bottom"><form class="answer" method="post" action="/phone/{customer}/answer">'
        '<label class="hidden" for="text">Respuesta</label>'
        '<input id="text" name="text" required maxlength="4096" autocomplete="off" placeholder="Escribí una respuesta">'
        "<button>Responder</button></form>"
        f'<form class="mark" method="post" action="/phone/{customer}/read"><button>Marcar leído</button></form>'
        "</footer>"
    )
    return page(f"Teléfono de {pretty(customer)}", body, kind="phone")


def _business(world: World, customer: str) -> str:
    found = world.chats.get(customer)
    if found is None or not found.messages:
        return next(iter(world.numbers.values())).name
    return world.numbers[found.messages[-1].number].name


def bubbles(world: World, customer: str) -> str:
    found = world.chats.get(customer)
    if found is None or not found.messages:
        return '<p class="empty">Todavía no llegó ningún mensaje a este teléfono.</p>'
    return "".join(_bubble(world, message) for message in found.messages)


def _bubble(world: World, message: Message) -> str:
    parts = [_document(world, message)] if message.filename or message.media else []
    if message.text:
        parts.append(f'<p class="text">{escape(message.text)}</p>')
    if message.footer:
        parts.append(f'<p class="footer">{escape(message.footer)}</p>')
    state = ("Enviado" if message.state != "read" else "Visto") if message.inbound else STATES[message.state]
    side = "mine" if message.inbound else "theirs"
    parts.append(f'<p class="meta"><span class="state">{state}</span> <time>{_clock(message.at)}</time></p>')
    opening = f'<article class="bubble {side} {message.state}" data-wamid="{escape(message.wamid)}">'
    return f"{opening}{''.join(parts)}</article>"


def _document(world: World, message: Message) -> str:
    name = escape(message.filename or "Untitled")
    media = world.media.get(message.media or "")
    if media is None:
        return f'<p class="document">{name}</p>'
    size = f"{max(1, round(len(media.content) / 1024))} KB"
    kind = "PDF" if media.mime_type == "application/pdf" else media.mime_type
    href = f"/phone/{message.customer}/document/{message.wamid}"
    return (
        f'<a class="document" href="{escape(href)}" target="_blank" rel="noopener">'
        f'<span class="icon" aria-hidden="true">{escape(kind)}</span><span><strong>{name}</strong>'
        f"<small>{escape(kind)} · {size}</small></span></a>"
    )
