"""What happens at Meta without a webhook: whoever doesn't look, or send, doesn't learn of it."""

from typing import Any

from acuse_simulator.entities import SCOPES, Subscription
from acuse_simulator.event import Event, Happens, Values, blocked, number_of, waba_of
from acuse_simulator.world import World

_WELL = {"can_send_message": "AVAILABLE"}


def _number(**changes: Any) -> Happens:
    def happens(world: World, values: Values) -> None:
        number = number_of(world, values)
        for name, value in {**changes, **{k: v for k, v in values.items() if k in changes}}.items():
            setattr(number, name, value)

    return happens


def _number_deleted(world: World, values: Values) -> None:
    number = number_of(world, values)
    number.status, number.deleted_at = "DISCONNECTED", world.clock()


def _sandbox(world: World, values: Values) -> None:
    """A test number writes to its list only, kept as Meta's panel keeps it (`allowed`)."""
    number = number_of(world, values)
    number.account_mode, number.allowed = "SANDBOX", list(values.get("allowed", ["543415550190"]))


def _account(**changes: Any) -> Happens:
    def happens(world: World, values: Values) -> None:
        account = world.account(waba_of(world, values))
        for name, value in changes.items():
            setattr(account, name, value)

    return happens


def _token(**changes: Any) -> Happens:
    """`token`: which one, else all."""

    def happens(world: World, values: Values) -> None:
        for token in world.tokens.values():
            if values.get("token", token.value) == token.value:
                for name, value in changes.items():
                    setattr(token, name, value)

    return happens


def _token_expires(world: World, values: Values) -> None:
    """In `seconds`, 0 = now."""
    _token(expires_at=int(world.clock()) + int(values.get("seconds", 0)))(world, values)


def _unsubscribed(world: World, values: Values) -> None:
    world.subscriptions.pop(waba_of(world, values), None)


def _subscribed(world: World, values: Values) -> None:
    world.subscriptions[waba_of(world, values)] = Subscription()


_NO_PAYMENT = blocked(141006, "There is no payment method.", "Add a payment method in WhatsApp Manager.")
_NAME_WAITS = {"can_send_message": "LIMITED", "additional_info": ["The display name has not been approved yet."]}

SILENT: dict[str, Event] = {
    "number_disconnected": Event("Desconectar el número", _number(status="DISCONNECTED")),
    "number_connected": Event("Volver a conectar el número", _number(status="CONNECTED", health=_WELL)),
    "number_limited": Event("Limitar el número: su nombre no está aprobado", _number(health=_NAME_WAITS)),
    "number_deleted": Event("Borrar el número recién: por 5 minutos no se registra (133015)", _number_deleted),
    "number_pin_elsewhere": Event("Ponerle el PIN 999999 en otro lado (133005)", _number(pin="999999")),
    "number_unverified": Event("Sacarle la verificación por código (133006)", _number(code_status="NOT_VERIFIED")),
    "number_on_phone": Event("Usarlo también en el teléfono: 20/s", _number(on_biz_app=True, throughput=20)),
    "number_sandbox": Event("Volverlo un número de prueba (131030)", _sandbox),
    "payment_missing": Event("Quitar el medio de pago", _account(funding=None, health=_NO_PAYMENT)),
    "payment_added": Event("Poner un medio de pago", _account(funding="1234567890", health=_WELL)),
    "business_unverified": Event(
        "Sacarle la verificación al negocio", _account(verification="not_verified", tier="TIER_250")
    ),
    "business_verified": Event("Verificar el negocio", _account(verification="verified", tier="TIER_2K")),
    "webhooks_unsubscribed": Event("Quitar la suscripción de la app: no llega ningún aviso", _unsubscribed),
    "webhooks_subscribed": Event("Volver a suscribir la app", _subscribed),
    "token_expires": Event("Vencer el token", _token_expires),
    "token_revoked": Event("Revocar el token", _token(valid=False)),
    "token_without_scope": Event("Sacarle al token el permiso de las plantillas", _token(scopes=[SCOPES[1]])),
    "token_without_account": Event("Sacarle al token la cuenta", _token(targets=["999"])),
    "token_renewed": Event(
        "Dejar el token como nuevo", _token(valid=True, expires_at=0, scopes=list(SCOPES), targets=None)
    ),
}  # fmt: skip
