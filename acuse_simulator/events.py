"""What Meta may tell about an account, one event a name: it changes the platform's state, and is announced.

The control API (`POST /control/event`) and the operator's page provoke them. Shapes: Meta, webhook reference.
"""

from typing import Any

from acuse_simulator import announce, payloads
from acuse_simulator.event import (
    Event,
    Happens,
    UnknownEventError,
    Values,
    blocked,
    number_of,
    template_of,
    waba_of,
)
from acuse_simulator.silent import SILENT
from acuse_simulator.world import World


def provoke(world: World, name: str, values: Values) -> None:
    """`values` may name `template`, `language`, `number` (its id) or `waba`; each event has a sensible default."""
    if name not in EVENTS:
        raise UnknownEventError(f"event is one of {', '.join(EVENTS)}")
    EVENTS[name].happens(world, values)


def _template_becomes(status: str, event: str, reason: str = "NONE", **extra: Any) -> Happens:
    def happens(world: World, values: Values) -> None:
        template = template_of(world, values)
        why = str(values.get("reason", reason))
        template.status, template.rejected_reason = status, why if status == "REJECTED" else "NONE"
        value = payloads.template_status(template, event, why) | extra
        announce.publish(world, template.waba, "message_template_status_update", value)

    return happens


def _pause(title: str) -> dict[str, Any]:
    return {"other_info": {"title": title, "description": "The template was paused because of its quality."}}


def _template_quality(world: World, values: Values) -> None:
    template = template_of(world, values)
    before, template.quality = template.quality, str(values.get("score", "YELLOW"))
    value = {
        "previous_quality_score": before,
        "new_quality_score": template.quality,
        **payloads.template_name(template),
    }
    announce.publish(world, template.waba, "message_template_quality_update", value)


def _category_notice(world: World, values: Values) -> None:
    """A day ahead: `new_category` is the current one here (Meta, template_category_update)."""
    template = template_of(world, values)
    value = {
        **payloads.template_name(template),
        "new_category": template.category,
        "correct_category": str(values.get("category", "MARKETING")),
        "category_update_timestamp": int(world.clock()) + 86400,
    }
    announce.publish(world, template.waba, "template_category_update", value)


def _category_changed(world: World, values: Values) -> None:
    template = template_of(world, values)
    before, template.category = template.category, str(values.get("category", "MARKETING"))
    value = {
        **payloads.template_name(template),
        "previous_category": before,
        "new_category": template.category,
    }
    announce.publish(world, template.waba, "template_category_update", value)


def _components(world: World, values: Values) -> None:
    template = template_of(world, values)
    body = template.component("BODY")
    if body is None:
        raise UnknownEventError(f"the template {template.name} has no body")
    body["text"] = str(values.get("text") or "Hola, ya está el comprobante {{1}} de {{2}}. Muchas gracias.")
    footer = template.component("FOOTER")
    value = {**payloads.template_name(template), "message_template_element": body["text"]}
    if footer is not None:
        value["message_template_footer"] = footer["text"]
    announce.publish(world, template.waba, "message_template_components_update", value)


def _number_quality(event: str, quality: str, throughput: int | None = None) -> Happens:
    def happens(world: World, values: Values) -> None:
        number = number_of(world, values)
        number.quality = str(values.get("quality", quality))
        number.throughput = throughput or number.throughput
        if event in ("FLAGGED", "UNFLAGGED"):
            number.status = "FLAGGED" if event == "FLAGGED" else "CONNECTED"
        tier = world.account(number.waba).tier
        value = {"display_phone_number": number.digits, "event": event, "max_daily_conversations_per_business": tier}
        announce.publish(world, number.waba, "phone_number_quality_update", value)

    return happens


def _number_name(decision: str) -> Happens:
    def happens(world: World, values: Values) -> None:
        number = number_of(world, values)
        asked = number.new_name or number.name
        number.name_status = "APPROVED" if decision == "APPROVED" else "DECLINED"
        if decision == "APPROVED":
            number.name = asked
        number.new_name = None
        reason = None if decision == "APPROVED" else str(values.get("reason", "NAME_NOT_CONSISTENT"))
        value = {
            "display_phone_number": number.digits, "decision": decision, "requested_verified_name": asked,
            "rejection_reason": reason,
        }  # fmt: skip
        announce.publish(world, number.waba, "phone_number_name_update", value)

    return happens


def _limit(world: World, values: Values) -> None:
    waba = waba_of(world, values)
    tier = str(values.get("tier", "TIER_250"))
    world.account(waba).tier = tier
    value = {"max_daily_conversations_per_business": tier, "max_phone_numbers_per_waba": world.config.max_numbers}
    announce.publish(world, waba, "business_capability_update", value)


def _banned(world: World, values: Values) -> None:
    account = world.account(waba_of(world, values))
    account.status = "DISABLED"
    account.health = blocked(141000, "The account has been disabled.", "Request a review in Business Support Home.")
    value = {
        "event": "DISABLED_UPDATE",
        "ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "November 24, 2026"},
    }
    announce.publish(world, account.id, "account_update", value)


def _reinstated(world: World, values: Values) -> None:
    account = world.account(waba_of(world, values))
    account.status, account.restricted, account.health = "ACTIVE", False, {"can_send_message": "AVAILABLE"}
    ban = {"waba_ban_state": "REINSTATE", "waba_ban_date": "November 24, 2026"}
    announce.publish(world, account.id, "account_update", {"event": "DISABLED_UPDATE", "ban_info": ban})


def _restricted(world: World, values: Values) -> None:
    account = world.account(waba_of(world, values))
    account.restricted = True
    info = {
        "restriction_type": str(values.get("restriction", "RESTRICTED_BIZ_INITIATED_MESSAGING")),
        "expiration": int(world.clock()) + int(values.get("seconds", 86400)),
    }
    announce.publish(world, account.id, "account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": [info]})


def _violation(world: World, values: Values) -> None:
    value = {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": str(values.get("type", "SPAM"))}}
    announce.publish(world, waba_of(world, values), "account_update", value)


def _deleted(world: World, values: Values) -> None:
    account = world.account(waba_of(world, values))
    account.status = "DELETED"
    account.health = blocked(141000, "The account has been deleted.", "Create another account.")
    announce.publish(world, account.id, "account_update", {"event": "ACCOUNT_DELETED"})


def _alert(world: World, values: Values) -> None:
    waba = waba_of(world, values)
    value = {
        "entity_type": "WABA",
        "entity_id": waba,
        "alert_info": {
            "alert_severity": str(values.get("severity", "WARNING")),
            "alert_status": str(values.get("status", "ACTIVE")),
            "alert_type": str(values.get("type", "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED")),
            "alert_description": str(values.get("text", "Your account needs attention.")),
        },
    }
    announce.publish(world, waba, "account_alerts", value)


def _reviewed(decision: str) -> Happens:
    def happens(world: World, values: Values) -> None:
        account = world.account(waba_of(world, values))
        account.review = decision
        announce.publish(world, account.id, "account_review_update", {"decision": decision})

    return happens


def _security(event: str) -> Happens:
    def happens(world: World, values: Values) -> None:
        number = number_of(world, values)
        value = {"display_phone_number": number.digits, "event": event, "requester": "61555822107539"}
        announce.publish(world, number.waba, "security", value)

    return happens


def _preference(choice: str) -> Happens:
    def happens(world: World, values: Values) -> None:
        number = number_of(world, values)
        customer = "".join(c for c in str(values.get("customer", "5493415550190")) if c.isdigit())
        chat = world.chat(customer)
        announce.publish(
            world, number.waba, "user_preferences", payloads.preference(number, chat, choice, int(world.clock()))
        )

    return happens


EVENTS: dict[str, Event] = {
    "template_approved": Event("Aprobar la plantilla", _template_becomes("APPROVED", "APPROVED")),
    "template_rejected": Event(
        "Rechazar la plantilla (INVALID_FORMAT)",
        _template_becomes(
            "REJECTED", "REJECTED", "INVALID_FORMAT",
            rejection_info={"reason": "The format isn't right.", "recommendation": "Change the text and try again."},
        ),
    ),
    "template_paused": Event(
        "Pausar la plantilla por calidad", _template_becomes("PAUSED", "PAUSED", **_pause("FIRST_PAUSE"))
    ),
    "template_unpaused": Event(
        "Reanudar la plantilla", _template_becomes("APPROVED", "REINSTATED", **_pause("UNPAUSE"))
    ),
    "template_disabled": Event(
        "Deshabilitar la plantilla", _template_becomes("DISABLED", "DISABLED", **_pause("DISABLED"))
    ),
    "template_flagged": Event("Marcar la plantilla (FLAGGED)", _template_becomes("APPROVED", "FLAGGED")),
    "template_deleted": Event("Borrar la plantilla", _template_becomes("DELETED", "DELETED")),
    "template_quality": Event("Bajar la calidad de la plantilla", _template_quality),
    "template_category_notice": Event("Avisar que pasará a marketing", _category_notice),
    "template_category_changed": Event("Pasar la plantilla a marketing", _category_changed),
    "template_components_changed": Event("Cambiar el texto de la plantilla (dos variables)", _components),
    "number_flagged": Event("Marcar el número por mala calidad", _number_quality("FLAGGED", "RED")),
    "number_unflagged": Event("Quitar la marca del número", _number_quality("UNFLAGGED", "GREEN")),
    "number_throttled": Event("Bajar la velocidad del número a 20/s", _number_quality("DOWNGRADE", "YELLOW", 20)),
    "number_upgraded": Event(
        "Subir la velocidad del número a 1000/s", _number_quality("THROUGHPUT_UPGRADE", "GREEN", 1000)
    ),
    "number_name_approved": Event("Aprobar el nombre", _number_name("APPROVED")),
    "number_name_rejected": Event("Rechazar el nombre", _number_name("REJECTED")),
    "limit_changed": Event("Bajar el límite a 250 personas por día", _limit),
    "account_banned": Event("Inhabilitar la cuenta", _banned),
    "account_reinstated": Event("Rehabilitar la cuenta", _reinstated),
    "account_restricted": Event("Restringir la cuenta", _restricted),
    "account_violation": Event("Avisar de una infracción", _violation),
    "account_deleted": Event("Borrar la cuenta", _deleted),
    "account_alert": Event("Mandar una alerta", _alert),
    "account_review_approved": Event("Aprobar la revisión de la cuenta", _reviewed("APPROVED")),
    "account_review_rejected": Event("Rechazar la revisión de la cuenta", _reviewed("REJECTED")),
    "pin_changed": Event("Cambiar el PIN en otro lado", _security("PIN_CHANGED")),
    "pin_reset_requested": Event("Pedir que se borre el PIN", _security("PIN_RESET_REQUEST")),
    "customer_stops_marketing": Event("Un cliente deja de recibir marketing", _preference("stop")),
    "customer_resumes_marketing": Event("Un cliente vuelve a recibir marketing", _preference("resume")),
    **SILENT,
}  # fmt: skip
