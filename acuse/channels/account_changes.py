"""What a change of parameters leaves in the audit: before and after, and of a secret only that it is another one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from acuse.kernel import redact


@dataclass(slots=True)
class Changes:
    before: dict[str, str | int] = field(default_factory=dict)
    after: dict[str, str | int] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.names)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.after) | frozenset(self.secrets)

    def note(self, name: str, before: str | int, after: str | int) -> None:
        """Addresses are masked, as everywhere in the audit."""
        self.before[name], self.after[name] = _masked(before), _masked(after)

    def note_secret(self, name: str) -> None:
        self.secrets.append(name)

    def told(self) -> dict[str, Any]:
        plain = {"before": self.before, "after": self.after} if self.after else {}
        return plain | ({"fields": sorted(self.secrets)} if self.secrets else {})


def _masked(value: str | int) -> str | int:
    return redact.mask_email(value) if isinstance(value, str) and "@" in value else value
