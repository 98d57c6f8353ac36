"""What each error of Meta's means for us. Pure: the rows are in error_table, here is how they are read.

Meta's advice: build on the code and the details; titles, subcodes and the HTTP status are unreliable."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from acuse.channels.contract import AGAIN, Cause, Refusal, Scope, Verdict
from acuse.channels.whatsapp.error_table import NO_PERMISSION, PERMISSION_CODES, PHONE, ROWS, Action, Row
from acuse.kernel.redact import redact

#: What an action means where its row says nothing else.
VERDICTS: dict[Action, tuple[Verdict, Scope]] = {
    Action.RETRY: (Verdict.RETRY, Scope.DELIVERY),
    Action.PAUSE: (Verdict.SUSPENDED, Scope.LANE),
    Action.OPERATOR: (Verdict.SUSPENDED, Scope.ACCOUNT),
    Action.TEMPLATE: (Verdict.SUSPENDED, Scope.TEMPLATE),
    Action.RECIPIENT: (Verdict.REJECTED, Scope.RECIPIENT),
    Action.MESSAGE: (Verdict.REJECTED, Scope.DELIVERY),
}
#: A pause for which they name no end: the probe period of a suspension.
DEFAULT_PAUSE = timedelta(minutes=15)
#: Whatever a header says, look again after this.
LONGEST_PAUSE = timedelta(hours=24)
USAGE_HEADERS = ("x-business-use-case-usage", "x-app-usage")
REGAIN = "estimated_time_to_regain_access"
#: Characters of each text of theirs that the timeline keeps.
MAX_DETAIL = 500
#: Theirs have seven digits at most; a longer number isn't a code.
MAX_CODE = 10**12
#: Meta's old subcode for "the object of the address doesn't exist".
NO_OBJECT = 33

INVALID_PARAMETER, INVALID_VALUE, INVALID_TEMPLATE = 100, 131009, 132018
UNUSABLE_MEDIA = 131053
TRANSIENT = Row(Action.RETRY, "WhatsApp tiene un problema pasajero.", AGAIN)
UNKNOWN_CODE = Row(
    Action.MESSAGE, "Meta rechazó el mensaje.", "Mirá el detalle y pasáselo a quien administra el sistema."
)
PHONE_GONE = Row(Action.OPERATOR, "Meta no conoce el número que envía.", PHONE, scope=Scope.LANE)
BAD_RECIPIENT = Row(
    Action.RECIPIENT, "Meta dice que el número no es válido.", "Revisá el celular del contacto o mandalo por correo."
)
BAD_TEXT = Row(Action.MESSAGE, "Una variable tiene un texto que Meta no acepta.", "Revisá los datos del mensaje.")

_ABOUT_PHONE = re.compile(r"object with id|cannot be loaded|phone[ _-]?number[ _-]?id|object (was )?not found", re.I)
_ABOUT_MEDIA_ID = re.compile(r"\b(media|attachment) id\b", re.I)
_ABOUT_MEDIA = re.compile(r"media|document|attachment", re.I)
#: The parameter `to` in quotes or named as one, since "to" alone is in any English sentence.
_ABOUT_RECIPIENT = re.compile(r"""['"(\[`]to['")\]`]|\bparam(eter)?:? to\b|\brecipient\b|\brecipient_id\b""", re.I)
_ABOUT_TEXT = re.compile(r"new-?\s?line|\btabs?\b|consecutive spaces", re.I)


def decide(
    error: Mapping[str, Any] | Any, *, http_status: int = 0, headers: Mapping[str, str] | None = None, now: datetime
) -> Refusal:
    """The decision for one error object, of an answer or of a webhook (then without status and headers).

    Never raises, whatever the object is; `now` is aware."""
    fields: Mapping[str, Any] = error if isinstance(error, Mapping) else {}
    code = _code(fields.get("code"))
    row = _row(code, fields, http_status)
    verdict, scope = VERDICTS[row.action]
    return Refusal(
        verdict=verdict,
        scope=row.scope or scope,
        cause=Cause("whatsapp.unknown" if code is None else f"whatsapp.{code}", row.text, row.next_step),
        not_before=_not_before(row, headers or {}, now),
        max_tries=row.max_tries,
        backoff_base=row.backoff_base,
        upload_again=row.upload_again,
        marketing_stopped=row.marketing_stopped,
        slow_down=row.slow_down,
        detail=_detail(fields, http_status),
    )


def _row(code: int | None, fields: Mapping[str, Any], http_status: int) -> Row:
    if code is not None and (row := ROWS.get(code)):
        return _nearer(code, row, fields)
    if code is not None and code in PERMISSION_CODES:
        return NO_PERMISSION
    return TRANSIENT if http_status >= 500 or fields.get("is_transient") is True else UNKNOWN_CODE


def _nearer(code: int, row: Row, fields: Mapping[str, Any]) -> Row:
    """Codes that mean different things by their details."""
    said = " ".join(_said(fields))
    if code == INVALID_PARAMETER and _ABOUT_MEDIA_ID.search(said):
        # gone, or of another number: the same file, uploaded again
        return ROWS[UNUSABLE_MEDIA]
    if code == INVALID_PARAMETER and (_code(fields.get("error_subcode")) == NO_OBJECT or _is_phone(said)):
        return PHONE_GONE
    if code == INVALID_VALUE and _ABOUT_RECIPIENT.search(said):
        return BAD_RECIPIENT
    if code == INVALID_TEMPLATE and _ABOUT_TEXT.search(said):
        return BAD_TEXT
    return row


def _is_phone(said: str) -> bool:
    return bool(_ABOUT_PHONE.search(said)) and not _ABOUT_MEDIA.search(said)


def _said(fields: Mapping[str, Any]) -> Iterator[str]:
    data = fields.get("error_data")
    details = data.get("details") if isinstance(data, Mapping) else data
    for text in (fields.get("message"), details, fields.get("error_user_msg")):
        if isinstance(text, str):
            yield text


def _code(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) and abs(value) < MAX_CODE and value == int(value):
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}", value.strip()):
        return int(value)
    return None


def _not_before(row: Row, headers: Mapping[str, str], now: datetime) -> datetime | None:
    if row.action is not Action.PAUSE:
        return now + row.wait if row.wait else None
    told = regain_access(headers)
    return now + max(filter(None, (told, row.wait)), default=DEFAULT_PAUSE)


def regain_access(headers: Mapping[str, str]) -> timedelta | None:
    """How long until calls are accepted again, by Meta's usage headers (in minutes there); None = they don't say."""
    lower = {str(name).lower(): value for name, value in headers.items()}
    minutes = [m for name in USAGE_HEADERS for m in _regain_minutes(lower.get(name))]
    longest = max(minutes, default=0.0)
    if longest <= 0:
        return None
    return min(timedelta(minutes=min(longest, LONGEST_PAUSE / timedelta(minutes=1))), LONGEST_PAUSE)


def _regain_minutes(header: str | None) -> Iterator[float]:
    if not header:
        return
    try:
        pending: list[Any] = [json.loads(header)]
    except (ValueError, RecursionError):
        return
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, dict):
            pending.extend(value.values())
            minutes = value.get(REGAIN)
            if isinstance(minutes, int | float) and not isinstance(minutes, bool) and minutes == minutes:
                yield minutes


def _detail(fields: Mapping[str, Any], http_status: int) -> dict[str, Any]:
    data = fields.get("error_data")
    told: dict[str, Any] = {
        "code": fields.get("code"),
        "subcode": fields.get("error_subcode"),
        "title": fields.get("title") or fields.get("error_user_title"),
        "message": fields.get("message"),
        "details": data.get("details") if isinstance(data, Mapping) else data,
        "user_message": fields.get("error_user_msg"),
        "trace": fields.get("fbtrace_id"),
        "http_status": http_status or None,
    }
    return {name: _plain(value) for name, value in told.items() if value not in (None, "")}


def _plain(value: Any) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_CODE:
        return value
    text = value if isinstance(value, str) else f"({type(value).__name__})"
    # A database keeps neither NUL nor half a surrogate pair.
    return redact(text.replace("\0", "").encode("utf-8", "replace").decode())[:MAX_DETAIL]
