"""The calls to Meta's Cloud API that sending needs: what was answered, or a ChannelError with its decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from acuse.channels.contract import ChannelError, OutgoingFile, Refusal, Scope
from acuse.channels.whatsapp import failures
from acuse.channels.whatsapp.errors import decide
from acuse.channels.whatsapp.http import Answer, FilePart, HttpClient, NoAnswer, NotSent
from acuse.channels.whatsapp.parsing import parse
from acuse.kernel.clock import now


class GraphClient:
    """One phone number's endpoints."""

    def __init__(self, http: HttpClient, *, version: str, phone_number_id: str) -> None:
        self._http = http
        self._root = f"{version}/{phone_number_id}"

    async def upload_media(self, file: OutgoingFile) -> str:
        """Answer the media id. Losing an upload costs nothing, so that no answer means RETRY."""
        part = FilePart(file.path, file.size, file.media_type, file.name)
        fields = {"messaging_product": "whatsapp", "type": file.media_type}
        try:
            answer = await self._http.post_file(f"{self._root}/media", fields, part)
        except NotSent as error:
            raise ChannelError(failures.not_sent(error.reason)) from error
        except NoAnswer as error:
            raise ChannelError(failures.upload_lost(error.reason)) from error
        except OSError as error:
            raise ChannelError(failures.file_unreadable(error)) from error
        media_id = json_of(answer).get("id") if is_success(answer) else None
        if isinstance(media_id, str | int) and not isinstance(media_id, bool) and media_id:
            return str(media_id)
        raise ChannelError(_refusal(answer, lost=failures.upload_lost("answer"), at=now()))

    async def send_message(self, message: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Answer the wamid and Meta's JSON. No whole answer of Meta's means UNKNOWN."""
        try:
            answer = await self._http.post_json(f"{self._root}/messages", message)
        except NotSent as error:
            raise ChannelError(failures.not_sent(error.reason)) from error
        except NoAnswer as error:
            raise ChannelError(failures.message_lost(error.reason)) from error
        told = json_of(answer)
        wamid = first_of(told, "messages").get("id")
        if is_success(answer) and isinstance(wamid, str) and wamid:
            return wamid, told
        raise ChannelError(_refusal(answer, lost=failures.message_lost("answer"), at=now()))


def first_of(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    items = told.get(name)
    if isinstance(items, list) and items and isinstance(items[0], Mapping):
        return items[0]
    return {}


def _refusal(answer: Answer, *, lost: Refusal, at: datetime) -> Refusal:
    """The status first, then the JSON: who answers without Meta's error object may not be Meta."""
    error = json_of(answer).get("error")
    if isinstance(error, Mapping) and error:
        return decide(error, http_status=answer.status, headers=answer.headers, now=at)
    if is_success(answer) or answer.status >= 500 or answer.status == failures.REQUEST_TIMEOUT:
        return lost
    return failures.not_from_meta(answer.status, scope=Scope.ACCOUNT)


def is_success(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def json_of(answer: Answer) -> Mapping[str, Any]:
    try:
        told = parse(answer.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
