"""Meta's fields, and who reads each. Pure.

Tolerant of Meta's own oddities: languages as `en-US` or `en_US`, ids as numbers, limits as numbers or tiers, a quality
update under the name of a status update. What isn't understood reads as None, and is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from acuse.channels.whatsapp.news import accounts, numbers, templates
from acuse.channels.whatsapp.news.values import News, Raw

FIELDS: Mapping[str, Callable[[Raw, datetime], News | None]] = {
    "message_template_status_update": templates.status,
    "message_template_quality_update": templates.quality,
    "message_template_components_update": templates.components,
    "template_category_update": templates.category,
    "phone_number_quality_update": numbers.quality,
    "phone_number_name_update": numbers.name,
    "business_capability_update": accounts.capability,
    "account_update": accounts.account,
    "account_alerts": accounts.alert,
    "account_review_update": accounts.review,
    "security": numbers.security,
    "user_preferences": accounts.preference,
}


def read(name: str, value: Raw, *, now: datetime) -> News | None:
    """None for what changes nothing here, or isn't understood."""
    if "new_quality_score" in value:
        # one of Meta's own samples has it under the field of a status update
        return templates.quality(value, now)
    return FIELDS[name](value, now) if name in FIELDS else None
