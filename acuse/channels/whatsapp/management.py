"""The account's side of the Cloud API: tokens, numbers, profiles, webhooks, templates. One method an endpoint.

Unlike a message, every call may be repeated, and somebody waits for its answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from acuse.channels.contract import Refusal, Scope, Verdict
from acuse.channels.whatsapp import failures
from acuse.channels.whatsapp.client import is_success, json_of
from acuse.channels.whatsapp.errors import decide
from acuse.channels.whatsapp.facts import (
    AccountFacts,
    Health,
    NumberFacts,
    Raw,
    TemplateFacts,
    TokenFacts,
    account_of,
    first_of,
    health_of,
    int_of,
    list_of,
    number_of,
    template_of,
    text_of,
    token_of,
)
from acuse.channels.whatsapp.http import Answer, HttpClient, NoAnswer, NotSent
from acuse.kernel.clock import now

T = TypeVar("T")

#: Seconds that a person waits for one answer.
TIMEOUT = 15.0
#: Seconds for all that is asked at once: a browser waits 90.
DEADLINE = 80.0
#: Rows asked at once, and the most pages read: a listing longer than this is somebody else's fault. A portfolio has 20
#: numbers (Meta, phone numbers).
PAGE, MAX_PAGES, MAX_NUMBER_PAGES = 100, 100, 5

NUMBER_FIELDS = (
    "display_phone_number", "verified_name", "status", "quality_rating", "code_verification_status", "name_status",
    "new_name_status", "platform_type", "throughput", "account_mode", "is_pin_enabled", "is_on_biz_app",
    "whatsapp_business_manager_messaging_limit", "webhook_configuration",
)  # fmt: skip
ACCOUNT_FIELDS = (
    "name", "currency", "account_review_status", "business_verification_status", "primary_funding_id", "status",
    "whatsapp_business_manager_messaging_limit", "health_status",
)  # fmt: skip
TEMPLATE_FIELDS = (
    "name", "language", "status", "category", "components", "quality_score", "rejected_reason", "parameter_format",
)  # fmt: skip
PROFILE_FIELDS = ("about", "address", "description", "email", "profile_picture_url", "websites", "vertical")
WEBHOOK_OBJECT = "whatsapp_business_account"


class ManagementError(Exception):
    """Meta refused, or nothing that can be understood came back. `refusal.cause` is for people, in Spanish."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.cause.text)
        self.refusal = refusal

    @property
    def code(self) -> int | None:
        return int_of(self.refusal.detail.get("code"))

    @property
    def subcode(self) -> int | None:
        return int_of(self.refusal.detail.get("subcode"))

    @property
    def said(self) -> str:
        """Meta's own words for people, or its message."""
        detail = self.refusal.detail
        return str(detail.get("user_message") or detail.get("details") or detail.get("message") or "")

    @property
    def passing(self) -> bool:
        """The same call may work in a while."""
        return self.refusal.verdict in (Verdict.RETRY, Verdict.UNKNOWN) or self.refusal.not_before is not None


class Management:
    """Raises ManagementError from every method. Use through `run`."""

    def __init__(self, http: HttpClient, version: str) -> None:
        self._http = http
        self._version = version

    async def token(self, token: str) -> TokenFacts:
        """What the token is (debug_token), asked with the client's own."""
        return token_of(await self._get("debug_token", input_token=token))

    async def number(self, number_id: str) -> NumberFacts:
        return number_of(await self._get(number_id, fields=",".join(NUMBER_FIELDS)))

    async def numbers(self, waba_id: str) -> list[NumberFacts]:
        rows = await self._pages(f"{waba_id}/phone_numbers", most=MAX_NUMBER_PAGES, fields=",".join(NUMBER_FIELDS))
        found = [number_of(row) for row in rows]
        # what has no id of Meta's can't be asked for
        return [number for number in found if number.id.isascii() and number.id.isdigit()]

    async def add_number(self, waba_id: str, *, country: str, local: str, verified_name: str) -> str:
        """Its id. It isn't usable before its code and its registration."""
        body = {"cc": country, "phone_number": local, "verified_name": verified_name}
        return text_of(await self._post(f"{waba_id}/phone_numbers", body), "id")

    async def request_code(self, number_id: str, *, method: str, language: str = "es_AR") -> None:
        """`method`: SMS or VOICE."""
        await self._post(f"{number_id}/request_code", {"code_method": method, "language": language})

    async def verify_code(self, number_id: str, code: str) -> None:
        await self._post(f"{number_id}/verify_code", {"code": code})

    async def register(self, number_id: str, pin: str) -> None:
        """`pin`: six digits; the number's own where two-step verification is on already, else it becomes that."""
        await self._post(f"{number_id}/register", {"messaging_product": "whatsapp", "pin": pin})

    async def set_pin(self, number_id: str, pin: str) -> None:
        await self._post(number_id, {"pin": pin})

    async def profile(self, number_id: str) -> Raw:
        """The fields of PROFILE_FIELDS that have a value."""
        told = await self._get(f"{number_id}/whatsapp_business_profile", fields=",".join(PROFILE_FIELDS))
        return first_of(told.get("data"))

    async def save_profile(self, number_id: str, values: Raw) -> None:
        await self._post(f"{number_id}/whatsapp_business_profile", {"messaging_product": "whatsapp", **values})

    async def account(self, waba_id: str) -> AccountFacts:
        return account_of(await self._get(waba_id, fields=",".join(ACCOUNT_FIELDS)))

    async def health(self, node_id: str) -> Health:
        """Of a number, an account or a template."""
        return health_of((await self._get(node_id, fields="health_status")).get("health_status"))

    async def subscribe_app(self, app_id: str, *, callback_url: str, verify_token: str, fields: Sequence[str]) -> None:
        """The app's callback: Meta proves it (challenge) before it answers. The client's token is the app's own."""
        form = {
            "object": WEBHOOK_OBJECT, "callback_url": callback_url, "verify_token": verify_token,
            "fields": ",".join(fields),
        }  # fmt: skip
        self._understood(await self._answered(self._http.post_form(f"{self._version}/{app_id}/subscriptions", form)))

    async def app_callback(self, app_id: str) -> tuple[str, frozenset[str]] | None:
        """(address, fields) of the app's callback for accounts; None without one. With the app's own token."""
        for row in await self._pages(f"{app_id}/subscriptions"):
            if row.get("object") == WEBHOOK_OBJECT:
                fields = row.get("fields")
                names = [text_of(f, "name") if isinstance(f, Mapping) else str(f) for f in list_of(fields)]
                return text_of(row, "callback_url"), frozenset(names)
        return None

    async def subscribe_account(self, waba_id: str) -> None:
        """Without this the account tells the app nothing, whatever its callback says."""
        await self._post(f"{waba_id}/subscribed_apps", {})

    async def subscribed_apps(self, waba_id: str) -> frozenset[str]:
        """Ids of the apps that hear of the account."""
        rows = await self._pages(f"{waba_id}/subscribed_apps")
        apps = [row.get("whatsapp_business_api_data") for row in rows]
        return frozenset(text_of(app, "id") for app in apps if isinstance(app, Mapping))

    async def templates(self, waba_id: str) -> list[TemplateFacts]:
        rows = await self._pages(f"{waba_id}/message_templates", fields=",".join(TEMPLATE_FIELDS))
        return [template_of(row) for row in rows]

    async def template(self, template_id: str) -> TemplateFacts:
        return template_of(await self._get(template_id, fields=",".join(TEMPLATE_FIELDS)))

    async def create_template(self, waba_id: str, body: Raw) -> tuple[str, str, str]:
        """(id, status, category): the category may be another one than was asked for."""
        told = await self._post(f"{waba_id}/message_templates", body)
        return text_of(told, "id"), text_of(told, "status"), text_of(told, "category")

    async def edit_template(self, template_id: str, components: Sequence[Raw]) -> None:
        await self._post(template_id, {"components": list(components)})

    async def unpause_template(self, template_id: str) -> None:
        await self._post(f"{template_id}/unpause", {})

    async def upload_sample(self, app_id: str, *, name: str, content: bytes, media_type: str) -> str:
        """The handle of a sample or a picture (resumable upload)."""
        session = {"file_name": name, "file_length": str(len(content)), "file_type": media_type}
        started = await self._answered(self._http.post_form(f"{self._version}/{app_id}/uploads", session))
        upload = text_of(self._understood(started), "id")
        sent = await self._answered(self._http.post_bytes(f"{self._version}/{upload}", content, {"file_offset": "0"}))
        return text_of(self._understood(sent), "h")

    async def _get(self, path: str, **params: str) -> Raw:
        return self._understood(await self._answered(self._http.get(f"{self._version}/{path}", params)))

    async def _post(self, path: str, body: Raw) -> Raw:
        return self._understood(await self._answered(self._http.post_json(f"{self._version}/{path}", body)))

    async def _pages(self, path: str, *, most: int = MAX_PAGES, **params: str) -> list[Raw]:
        """Every page, or a refusal: a part would look like all.

        By the cursor and not by `next`, which holds the token where the Graph was asked with one.
        """
        rows: list[Raw] = []
        asked = {**params, "limit": str(PAGE)}
        for _ in range(most):
            told = await self._get(path, **asked)
            rows += [row for row in list_of(told.get("data")) if isinstance(row, Mapping)]
            paging = told.get("paging")
            cursors = paging.get("cursors") if isinstance(paging, Mapping) else None
            after = text_of(cursors, "after") if isinstance(cursors, Mapping) else ""
            if not after or not isinstance(paging, Mapping) or "next" not in paging:
                return rows
            asked["after"] = after
        raise ManagementError(failures.upload_lost("endless"))

    async def _answered(self, call: Awaitable[Answer]) -> Answer:
        try:
            return await call
        except NotSent as error:
            raise ManagementError(failures.not_sent(error.reason)) from error
        except NoAnswer as error:
            raise ManagementError(failures.upload_lost(error.reason)) from error

    def _understood(self, answer: Answer) -> Raw:
        told = json_of(answer)
        error = told.get("error")
        if isinstance(error, Mapping) and error:
            raise ManagementError(decide(error, http_status=answer.status, headers=answer.headers, now=now()))
        if is_success(answer) and told:
            return told
        if is_success(answer) or answer.status >= 500:
            raise ManagementError(failures.upload_lost("answer"))
        raise ManagementError(failures.not_from_meta(answer.status, scope=Scope.ACCOUNT))


def run(what: Callable[[Management], Awaitable[T]], *, base_url: str, version: str, access_token: str) -> T:
    """Ask in a thread without an event loop, and wait for the answer. Raises ManagementError."""

    async def asked() -> T:
        http = HttpClient(base_url, access_token, max_connections=4, timeout=TIMEOUT)
        try:
            async with asyncio.timeout(DEADLINE) as limit:
                return await what(Management(http, version))
        except TimeoutError as late:
            if not limit.expired():
                raise
            raise ManagementError(failures.upload_lost("timeout")) from late
        finally:
            await http.aclose()

    return asyncio.run(asked())


def app_token(app_id: str, app_secret: str) -> str:
    """The token of the app itself (Graph API, access tokens)."""
    return f"{app_id}|{app_secret}"
