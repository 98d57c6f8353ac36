"""Everything that arrived, in order."""

import time
from collections import Counter
from typing import Any


class Ledger:
    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def write(self, kind: str, **facts: Any) -> None:
        self.entries.append({"seq": len(self.entries) + 1, "at": time.time(), "kind": kind, **facts})

    def upload(self, **facts: Any) -> None:
        self.write("upload", **facts)

    def message(self, **facts: Any) -> None:
        """`accepted` says whether the message counts as sent, whatever answer the caller got."""
        self.write("message", **facts)

    def as_json(self, since: int = 0) -> dict[str, Any]:
        entries = self.entries[since:]
        uploads = [e for e in entries if e["kind"] == "upload"]
        messages = [e for e in entries if e["kind"] == "message"]
        by_opaque: dict[str, Counter[str]] = {}
        for entry in messages:
            if entry["opaque"] is not None:
                counts = by_opaque.setdefault(entry["opaque"], Counter(accepted=0, refused=0))
                counts["accepted" if entry["accepted"] else "refused"] += 1
        return {
            "last_seq": len(self.entries),
            "entries": entries,
            "uploads": uploads,
            "messages": messages,
            "by_opaque": {opaque: dict(counts) for opaque, counts in by_opaque.items()},
            "counts": {
                "uploads": len(uploads),
                "accepted": sum(e["accepted"] for e in messages),
                "refused": sum(not e["accepted"] for e in messages),
            },
        }
