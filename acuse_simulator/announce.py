"""Who is told of a change: the app's callback, an account's override, or nobody."""

from collections.abc import Callable
from typing import Any

from acuse_simulator.payloads import Item
from acuse_simulator.world import World


def publish(
    world: World,
    waba: str,
    field: str,
    value: dict[str, Any],
    delay: float = 0.0,
    happened: Callable[[], None] | None = None,
) -> None:
    """Nothing is posted for an account without a subscribed app, nor for a field that the app didn't ask for.

    An override is for `messages` only (Meta).
    """
    subscription = world.subscriptions.get(waba)
    item = None
    if subscription is not None and (world.app_fields is None or field in world.app_fields):
        url = subscription.override_url if field == "messages" else None
        item = Item(waba, field, value, int(world.clock() + delay), url)
    world.dispatcher.schedule(delay, item, happened)
