"""What is signed by the app is stored before it is answered; nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection

from acuse.channels.models import WhatsAppApp
from acuse.channels.whatsapp.signature import sign
from acuse.deliveries.models import ProviderCount
from acuse.hooks import apps_cache
from acuse.hooks import receiver as receiver_module
from acuse.hooks.models import Knock, RawHook
from acuse.hooks.receiver import MAX_BODY, HooksReceiver
from acuse.workers.connection import conninfo
from tests.integration.hooks.bodies import body, change, status
from tests.integration.hooks.conftest import Desk

SECRET = "secreto-de-prueba"
GOOD = body(change(statuses=[status("read")]))


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[bytes, bytes]
    #: How many pieces of the body were asked for.
    read: int


async def call(
    receiver: HooksReceiver,
    path: str,
    *,
    method: str = "POST",
    chunks: Iterable[bytes] = (b"",),
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    pieces = list(chunks)
    read = 0
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        nonlocal read
        if read == len(pieces):
            return {"type": "http.disconnect"}
        read += 1
        return {"type": "http.request", "body": pieces[read - 1], "more_body": read < len(pieces)}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(dict(message))

    scope = {
        "type": "http", "method": method, "path": path, "query_string": urlencode(query or {}).encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
    }  # fmt: skip
    await receiver(scope, receive, send)
    start, *rest = sent
    return Answer(start["status"], b"".join(m["body"] for m in rest), dict(start["headers"]), read)


def ask(*questions: Callable[[HooksReceiver], Awaitable[Any]]) -> list[Any]:
    """The answers, of one receiver that is then closed."""

    async def main() -> list[Any]:
        receiver = HooksReceiver(conninfo)
        try:
            return [await question(receiver) for question in questions]
        finally:
            await receiver.aclose()

    return asyncio.run(main())


def posting(
    app: WhatsAppApp, content: bytes = GOOD, *, secret: str = SECRET, **options: Any
) -> Callable[[HooksReceiver], Awaitable[Answer]]:
    headers = {"X-Hub-Signature-256": sign(content, secret), "Content-Length": str(len(content))}
    options.setdefault("headers", headers)
    options.setdefault("chunks", [content])
    return lambda receiver: call(receiver, f"/hooks/whatsapp/{app.key}/", **options)


def test_a_signed_body_is_stored_as_it_came(committed_desk: Desk) -> None:
    (answer,) = ask(posting(committed_desk.app))
    assert answer.status == 200
    stored = RawHook.objects.get()
    assert (bytes(stored.body), stored.state, stored.app) == (GOOD, "new", committed_desk.app)


def test_what_was_stored_is_applied(committed_desk: Desk) -> None:
    delivery = committed_desk.delivery()
    ask(posting(committed_desk.app, body(change(statuses=[status("read", delivery=delivery.pk)]))))
    committed_desk.apply()
    delivery.refresh_from_db()
    assert delivery.state == "read"


@pytest.mark.parametrize(
    "signature",
    [None, "", "sha256=", "sha256=" + "0" * 64, sign(GOOD, "otro"), sign(GOOD + b" ", SECRET), "sha1=1", "ñ"],
)
def test_what_isnt_signed_by_the_app_is_refused(committed_desk: Desk, signature: str | None) -> None:
    headers = {} if signature is None else {"X-Hub-Signature-256": signature}
    (answer,) = ask(posting(committed_desk.app, headers=headers))
    assert answer.status == 401
    assert not RawHook.objects.exists()


def test_the_secret_of_another_app_signs_nothing(committed_desk: Desk) -> None:
    committed_desk.other_app.app_secret = "otro-secreto"
    committed_desk.other_app.save()
    (answer,) = ask(posting(committed_desk.app, secret="otro-secreto"))
    assert answer.status == 401


def test_without_a_secret_everything_is_refused(committed_desk: Desk) -> None:
    WhatsAppApp.objects.update(app_secret="")
    assert [answer.status for answer in ask(posting(committed_desk.app), posting(committed_desk.app, secret=""))] == [
        401,
        401,
    ]


def test_a_mended_secret_works_soon(committed_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps_cache, "KNOWN_FOR", 0.05)
    app = committed_desk.app

    async def mend(_: HooksReceiver) -> None:
        def save() -> None:
            app.app_secret = "nuevo"
            app.save()
            connection.close()

        await asyncio.to_thread(save)
        await asyncio.sleep(0.06)

    before, _, after = ask(posting(app, secret="nuevo"), mend, posting(app, secret="nuevo"))
    assert (before.status, after.status) == (401, 200)


@pytest.mark.parametrize(
    "path", ["/hooks/whatsapp/otra-clave/", "/hooks/", "/hooks/whatsapp//", "/hooks/otro/x/", "/hooks/whatsapp/a'b/"]
)
def test_an_unknown_path_or_key_is_not_found(committed_desk: Desk, path: str) -> None:
    (answer,) = ask(lambda receiver: call(receiver, path, headers={"X-Hub-Signature-256": sign(b"", SECRET)}))
    assert answer.status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(committed_desk: Desk, method: str) -> None:
    (answer,) = ask(posting(committed_desk.app, method=method))
    assert answer.status == 405
    assert answer.headers[b"allow"] == b"GET, POST"


def test_three_megabytes_are_taken(committed_desk: Desk) -> None:
    content = b'"' + b"x" * (MAX_BODY - 2) + b'"'
    (answer,) = ask(posting(committed_desk.app, content))
    assert answer.status == 200
    assert len(bytes(RawHook.objects.get().body)) == MAX_BODY


def test_one_byte_more_is_refused_before_reading_it(committed_desk: Desk) -> None:
    (answer,) = ask(posting(committed_desk.app, b"x" * (MAX_BODY + 1)))
    assert (answer.status, answer.read) == (413, 0)


def test_a_chunked_one_is_refused_while_reading_it(committed_desk: Desk) -> None:
    chunks = [b"x" * 65_536] * 100
    headers = {"X-Hub-Signature-256": "sha256=" + "0" * 64, "Transfer-Encoding": "chunked"}
    (answer,) = ask(posting(committed_desk.app, headers=headers, chunks=chunks))
    assert (answer.status, answer.read) == (413, 49)


def test_a_chunked_body_is_put_together(committed_desk: Desk) -> None:
    headers = {"X-Hub-Signature-256": sign(GOOD, SECRET)}
    (answer,) = ask(posting(committed_desk.app, headers=headers, chunks=[GOOD[:7], GOOD[7:20], GOOD[20:]]))
    assert answer.status == 200
    assert bytes(RawHook.objects.get().body) == GOOD


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000], ids=lambda c: repr(c[:9]))
def test_what_is_signed_but_no_json_is_kept_counted_and_refused(committed_desk: Desk, content: bytes) -> None:
    answers = ask(posting(committed_desk.app, content), posting(committed_desk.app))
    assert [answer.status for answer in answers] == [400, 200]
    assert set(RawHook.objects.values_list("state", flat=True)) == {"unreadable", "new"}
    assert ProviderCount.objects.get(key="unreadable").count == 1


def challenge(app: WhatsAppApp, **params: str) -> Callable[[HooksReceiver], Awaitable[Answer]]:
    query = {f"hub.{name}": value for name, value in params.items()}
    return lambda receiver: call(receiver, f"/hooks/whatsapp/{app.key}/", method="GET", query=query)


def test_the_challenge_is_answered_as_it_is(committed_desk: Desk) -> None:
    app = committed_desk.app
    token = WhatsAppApp.objects.get(pk=app.pk).verify_token.reveal()
    (answer,) = ask(challenge(app, mode="subscribe", challenge="1158201444", verify_token=token))
    assert (answer.status, answer.body) == (200, b"1158201444")
    assert answer.headers[b"content-type"].startswith(b"text/plain")


@pytest.mark.parametrize("params", [{}, {"mode": "subscribe", "challenge": "1", "verify_token": "otro"}])
def test_a_wrong_challenge_is_forbidden(committed_desk: Desk, params: dict[str, str]) -> None:
    (answer,) = ask(challenge(committed_desk.app, **params))
    assert answer.status == 403


def test_many_at_once_are_all_stored_before_they_are_answered(committed_desk: Desk) -> None:
    async def all_at_once(receiver: HooksReceiver) -> list[int]:
        answers = await asyncio.gather(*(posting(committed_desk.app)(receiver) for _ in range(300)))
        return [answer.status for answer in answers]

    (statuses,) = ask(all_at_once)
    assert statuses == [200] * 300
    assert RawHook.objects.count() == 300


def test_whoever_applies_is_called(committed_desk: Desk) -> None:
    with psycopg.connect(conninfo(), autocommit=True) as listening:
        listening.execute("listen acuse_hooks")
        ask(posting(committed_desk.app))
        assert [call.channel for call in listening.notifies(timeout=5, stop_after=1)] == ["acuse_hooks"]


def test_a_database_that_is_away_is_not_our_senders_fault(committed_desk: Desk) -> None:
    async def main() -> Answer:
        receiver = HooksReceiver(lambda: "host=/nonexistent dbname=x")
        return await posting(committed_desk.app)(receiver)

    assert asyncio.run(main()).status == 503


def test_lost_connections_are_made_again(committed_desk: Desk) -> None:
    async def kill(_: HooksReceiver) -> None:
        async with await psycopg.AsyncConnection.connect(conninfo(), autocommit=True) as killer:
            await killer.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'acuse'"
                " and datname = current_database() and pid <> pg_backend_pid()"
            )

    before, _, after = ask(posting(committed_desk.app), kill, posting(committed_desk.app))
    assert (before.status, after.status) == (200, 200)
    assert RawHook.objects.count() == 2


def test_an_app_that_was_deleted_a_moment_ago_harms_the_others_only_once(committed_desk: Desk) -> None:
    ours, gone = committed_desk.app, committed_desk.other_app

    async def delete(_: HooksReceiver) -> None:
        def delete_it() -> None:
            gone.delete()
            connection.close()

        await asyncio.to_thread(delete_it)

    answers = ask(posting(gone), delete, posting(gone), posting(gone), posting(ours))
    assert [answer.status for answer in answers if answer is not None] == [200, 503, 404, 200]


def test_a_body_that_never_ends_is_not_waited_for(committed_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver_module, "READ_WITHIN", 0.2)
    sent: list[Any] = []

    async def main(receiver: HooksReceiver) -> None:
        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0.01)
            return {"type": "http.request", "body": b"x", "more_body": True}

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        headers = [(b"x-hub-signature-256", sign(GOOD, SECRET).encode())]
        scope = {"type": "http", "method": "POST", "path": f"/hooks/whatsapp/{committed_desk.app.key}/",
                 "query_string": b"", "headers": headers}  # fmt: skip
        await receiver(scope, receive, send)

    ask(main)
    assert sent[0]["status"] == 408
    assert not RawHook.objects.exists()


def test_who_hangs_up_is_not_answered(committed_desk: Desk) -> None:
    async def main() -> list[Any]:
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        receiver = HooksReceiver(conninfo)
        path = f"/hooks/whatsapp/{committed_desk.app.key}/"
        headers = [(b"x-hub-signature-256", b"sha256=0")]
        scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
        await receiver(scope, receive, send)
        await receiver.aclose()
        return sent

    assert asyncio.run(main()) == []


def knocks(app: WhatsAppApp) -> set[str]:
    return set(Knock.objects.filter(app=app).values_list("what", flat=True))


def test_what_happens_at_the_door_is_noted_for_who_connects_it(committed_desk: Desk) -> None:
    app = committed_desk.app
    ask(posting(app))
    assert knocks(app) == set()
    right = {"mode": "subscribe", "challenge": "1", "verify_token": app.verify_token.reveal()}
    ask(challenge(app, **right), challenge(app, **right | {"verify_token": "otro"}), posting(app, secret="otro"))
    assert knocks(app) == {"challenge", "wrong_token", "wrong_signature"}
    assert knocks(committed_desk.other_app) == set()


def test_a_webhook_without_a_secret_to_prove_it_is_noted_and_one_without_a_signature_isnt(committed_desk: Desk) -> None:
    WhatsAppApp.objects.update(app_secret="")
    ask(posting(committed_desk.app, headers={}), posting(committed_desk.other_app))
    assert (knocks(committed_desk.app), knocks(committed_desk.other_app)) == (set(), {"no_secret"})


def test_whoever_knocks_all_the_time_is_noted_once_in_a_while(committed_desk: Desk) -> None:
    ask(*[posting(committed_desk.app, secret="otro")] * 50)
    first = Knock.objects.get()
    ask(posting(committed_desk.app, secret="otro"))
    again = Knock.objects.get()
    assert again.pk == first.pk
    assert again.at > first.at
