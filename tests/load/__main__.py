"""`make bench`: every figure of the README in one table and JSON; ratios within one run. Run it on a quiet machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

#: Each in a process of its own, with a database of its own.
BENCHES = ("lane", "all_in", "hooks", "path", "memory", "qr", "grids")


@dataclass(frozen=True, slots=True)
class Floor:
    text: str
    bench: str
    path: tuple[str, ...]
    floor: float
    #: The figure must not be above the floor, instead of below.
    at_most: bool = False

    def holds(self, value: float) -> bool:
        return value <= self.floor if self.at_most else value >= self.floor


FLOORS = (
    Floor("deliveries/s, one upload each", "lane", ("upload", "per_second"), 1000),
    Floor("… share of the bare loop", "lane", ("upload", "ratio"), 0.5),
    Floor("deliveries/s, without upload", "lane", ("no_upload", "per_second"), 2000),
    Floor("… share of the bare loop", "lane", ("no_upload", "ratio"), 0.5),
    Floor("deliveries/s, all in", "all_in", ("per_second",), 600),
    Floor("webhooks/s stored durably", "hooks", ("stored", "a_second"), 8000),
    Floor("… p99, ms", "hooks", ("stored", "p99_ms"), 50, at_most=True),
    Floor("statuses/s applied", "hooks", ("applied", "a_second"), 3000),
    Floor("saved → accepted p95 besides the platform, ms", "path", ("saved_to_accepted", "p95_ms"), 150, at_most=True),
    Floor("request for 10,000 vouchers, s", "path", ("request_10000", "seconds"), 5, at_most=True),
    Floor("a lane goes on after its runner is killed, s", "path", ("failover", "max_seconds"), 3, at_most=True),
    Floor("worker resident, MB (lane)", "lane", ("upload", "worker_rss_mb"), 250, at_most=True),
    Floor("worker resident, MB (all in)", "all_in", ("worker_rss_mb",), 250, at_most=True),
    Floor("web resident, MB (all in)", "all_in", ("web_rss_mb",), 250, at_most=True),
    Floor("worker resident, MB (ten PDFs of 100 MB)", "memory", ("worker_rss_mb",), 250, at_most=True),
    Floor("QR read, mean ms a page", "qr", ("mean_ms_a_page",), 60, at_most=True),
    Floor("a list's page at a million, p95, ms", "grids", ("p95_ms",), 150, at_most=True),
    Floor("… times the same page of a company of 200", "grids", ("ratio",), 2, at_most=True),
)


def main() -> int:
    found = {name: _run(name) for name in BENCHES}
    print(f"{'':52} {'measured':>10} {'floor':>10}")
    missed = [floor for floor in FLOORS if not _told(floor, found[floor.bench])]
    print(json.dumps(found))
    return 1 if missed else 0


def _told(floor: Floor, found: Any) -> bool:
    """Whether it holds. A bench that failed takes no other's figures with it."""
    value = None if found is None else _dig(found, floor.path)
    holds = value is not None and floor.holds(value)
    sign = "≤" if floor.at_most else "≥"
    shown = "failed" if value is None else f"{value:,.2f}"
    print(f"{floor.text:52} {shown:>10} {sign + f'{floor.floor:,g}':>10} {'' if holds else '  MISSED'}")
    return holds


def _run(name: str) -> Any:
    """None: it failed, and said why on stderr."""
    sys.stderr.write(f"{name}…\n")
    done = subprocess.run(
        [sys.executable, "-m", f"tests.load.bench_{name}"], env=dict(os.environ), stdout=subprocess.PIPE, check=False
    )
    return json.loads(done.stdout) if done.returncode == 0 else None


def _dig(value: Any, path: tuple[str, ...]) -> float:
    for key in path:
        value = value[key]
    return float(value)


if __name__ == "__main__":
    sys.exit(main())
