"""`python -m tests.meta SPEC`: compare what is sent and what the simulator answers with Meta's OpenAPI document.

Exit 0 when all matches but for the listed gaps; 1 when something else mismatches, or a listed gap is stale; 2 on usage.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from tests.meta.gaps import GAPS
from tests.meta.samples import collect
from tests.meta.spec import compare


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m tests.meta SPEC (make check-meta SPEC=FILE)", file=sys.stderr)
        return 2
    try:
        document = yaml.safe_load(Path(arguments[0]).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 2
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.1"):
        print(f"{arguments[0]}: not an OpenAPI 3.1 document", file=sys.stderr)
        return 2
    samples = collect()
    report = compare(document, samples, GAPS)
    for name, told in report.mismatches:
        print(f"MISMATCH  {name}\n          {told}")
    for gap, why in report.stale:
        print(f"STALE     {gap.name}: {why}")
    for gap in GAPS:
        print(f"known     {gap.name}\n          {gap.reason}")
    found, stale = len(report.mismatches), len(report.stale)
    print(f"{len(samples)} samples, {found} mismatches, {len(GAPS)} known gaps, {stale} stale")
    return 0 if report.is_clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
