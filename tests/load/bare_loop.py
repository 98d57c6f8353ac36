"""The bare loop: read the rows, upload and send with the same client at 800 in flight, write one batch. No queue."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from typing import Any

import psycopg
import uvloop

IN_FLIGHT = 800


async def loop(url: str, count: int, uploaded: bool) -> float:
    from acuse.channels.contract import OutgoingFile, OutgoingMessage
    from acuse.channels.whatsapp.sender import WhatsAppSender
    from acuse.config import environment

    files = environment.load().data_dir / "files"
    async with await psycopg.AsyncConnection.connect(environment.conninfo(), autocommit=True) as connection:
        cursor = await connection.execute(
            'select d.id, d."to", d.content, d.file_name, f.sha256, f.size from deliveries_delivery d '
            "join vouchers_storedfile f on f.sha256 = d.file_id limit %s",
            [count],
        )
        rows = await cursor.fetchall()
        sender = WhatsAppSender(
            phone_number_id="106540352242922", access_token="t", base_url=url, version="v26.0",
            max_connections=IN_FLIGHT,
        )  # fmt: skip
        done: list[tuple[Any, str]] = []
        waiting = iter(rows)

        async def started() -> None:
            return None

        async def worker() -> None:
            for row in waiting:
                sha = row[4]
                path = files / sha[:2] / f"{sha}.pdf"
                file = OutgoingFile(sha, path, row[5], "application/pdf", row[3])
                media = "1" if uploaded else await sender.upload(file)
                message = OutgoingMessage(str(row[0]), row[1], file, media, row[2])
                accepted = await sender.send(message, started)
                done.append((row[0], accepted.provider_id))

        begun = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
        await connection.execute(
            "create temporary table bare_result as select * from unnest(%s::uuid[], %s::text[]) as r (id, wamid)",
            [[d[0] for d in done], [d[1] for d in done]],
        )
        taken = time.perf_counter() - begun
        await sender.aclose()
    return len(done) / taken


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(16_384, hard), hard))
    given = json.loads(sys.argv[1])
    print(json.dumps({"per_second": uvloop.run(loop(given["url"], given["count"], given["uploaded"]))}), flush=True)
    os._exit(0)
