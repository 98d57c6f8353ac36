"""Deliveries a second through one lane, beside a bare loop: the same client, the same two requests, one SQL batch."""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.load import stage

LATENCY_MS = 200
PHONE_NUMBER_ID = "106540352242922"


def measure(count: int = 10_000) -> dict[str, Any]:
    """Four figures and their ratios, from one run on this machine."""
    company, party, lane = stage.make_office(PHONE_NUMBER_ID)
    found: dict[str, Any] = {}
    with stage.process("acuse_simulator.responder", "--port", "0", "--latency-ms", str(LATENCY_MS), ready=True) as (
        responder,
        said,
    ):
        for name, uploaded in (("upload", False), ("no_upload", True)):
            stage.clear()
            stage.fill_queue(company, party, lane, count, uploaded=uploaded)
            bare = _bare(said["url"], count, uploaded)
            ours = _ours(said["url"], responder, count)
            found[name] = {**ours, "bare_per_second": bare, "ratio": round(ours["per_second"] / bare, 2)}
    return found


def _ours(url: str, responder: Any, count: int) -> dict[str, Any]:
    theirs_before, postgres_before = stage.cpu_of(responder), stage.postgres_cpu()
    with stage.process("acuse.config.cli", "worker", ACUSE_GRAPH_URL=url) as (worker, _):
        done, taken = stage.wait_until_sent(count, 300)
        ours = stage.cpu_of(worker)
        rss = stage.rss_of(worker)
    if done < count:
        raise RuntimeError(f"only {done} of {count} were sent")
    return {
        "deliveries": done,
        "per_second": round(done / taken),
        "worker_us": round(ours / done * 1e6),
        "responder_us": round((stage.cpu_of(responder) - theirs_before) / done * 1e6),
        "postgres_us": round((stage.postgres_cpu() - postgres_before) / done * 1e6),
        "worker_rss_mb": round(rss / 1e6),
    }


def _bare(url: str, count: int, uploaded: bool) -> int:
    """In a process of its own, like the worker."""
    arguments = json.dumps({"url": url, "count": count, "uploaded": uploaded})
    with stage.process("tests.load.bare_loop", arguments, ready=True) as (_, said):
        return int(said["per_second"])


if __name__ == "__main__":
    stage.django()
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000), indent=2))
