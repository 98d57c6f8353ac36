"""An OpenAPI 3.1 document as a judge of JSON: what it forbids, and what it doesn't know.

Meta leaves its objects open, so that a misspelt field would pass. Here every object is closed: a property that the
document doesn't describe is a mismatch too. Known gaps of the document are amendments to it, each with its reason.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

DOCUMENT = "urn:openapi"


class Removed:
    """Marks an amendment that takes something away."""


REMOVED = Removed()


@dataclass(frozen=True, slots=True)
class Gap:
    """`path`: the place in the document (keys and indexes) that `value` replaces, fills or, REMOVED, takes away."""

    path: tuple[str | int, ...]
    value: Any
    reason: str

    @property
    def name(self) -> str:
        return "/".join(str(part) for part in self.path)


class GapIsStale(Exception):
    """The document has no such place any more."""


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    #: The place of the schema in the document.
    schema: tuple[str | int, ...]
    instance: Any


def amended(document: Mapping[str, Any], gaps: Sequence[Gap]) -> dict[str, Any]:
    """Raises GapIsStale."""
    whole = copy.deepcopy(dict(document))
    for gap in gaps:
        place, key = at(whole, gap.path[:-1], gap), gap.path[-1]
        if gap.value is not REMOVED:
            place[key] = copy.deepcopy(gap.value)
        elif isinstance(place, list) and isinstance(key, str):
            if key not in place:
                raise GapIsStale(gap.name)
            place.remove(key)
        else:
            try:
                del place[key]
            except (KeyError, IndexError):
                raise GapIsStale(gap.name) from None
    return whole


def at(document: Any, path: Sequence[str | int], gap: Gap | None = None) -> Any:
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            raise GapIsStale(gap.name if gap else "/".join(map(str, path))) from None
    return document


class Judge:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        resource = DRAFT202012.create_resource(_closed(document, document, inside=False))
        self._registry: Any = Registry().with_resource(DOCUMENT, resource)

    def mismatches(self, sample: Sample) -> list[str]:
        try:
            found = at(self._document, sample.schema)
        except GapIsStale:
            return ["the document doesn't describe this"]
        schema = _closed(self._document, found, inside=True)
        # its references are relative to the document
        validator = Draft202012Validator({"$id": f"{DOCUMENT}:sample", **_absolute(schema)}, registry=self._registry)
        return sorted({told for error in validator.iter_errors(sample.instance) for told in _leaves(error)})


def _absolute(node: Any) -> Any:
    if isinstance(node, list):
        return [_absolute(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"{DOCUMENT}{value}" if key == "$ref" and isinstance(value, str) else _absolute(value)
        for key, value in node.items()
    }


def _closed(document: Mapping[str, Any], node: Any, *, inside: bool) -> Any:
    """A copy in which the schema of each property and item allows no property that it doesn't describe."""
    if isinstance(node, list):
        return [_closed(document, item, inside=False) for item in node]
    if not isinstance(node, dict):
        return node
    if inside and (told := _discriminator(document, node)):
        return {"allOf": _alternatives(told), "unevaluatedProperties": False}
    made = {key: _closed_child(document, key, value) for key, value in node.items()}
    if inside and "additionalProperties" not in made:
        # beside a $ref too: 2020-12 reads both
        made["unevaluatedProperties"] = False
    return made


def _discriminator(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    reference = schema.get("$ref")
    found = at(document, reference.removeprefix("#/").split("/")) if isinstance(reference, str) else schema
    told: Mapping[str, Any] | None = found.get("discriminator")
    return told if told and told.get("mapping") else None


def _alternatives(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The alternative that the instance names itself, by JSON Schema's means: its errors are told, not all others'."""
    name, mapping = told["propertyName"], told["mapping"]
    known = {"required": [name], "properties": {name: {"enum": list(mapping)}}}
    return [known] + [
        {"if": {"required": [name], "properties": {name: {"const": value}}}, "then": {"$ref": reference}}
        for value, reference in mapping.items()
    ]


def _closed_child(document: Mapping[str, Any], key: str, value: Any) -> Any:
    if key == "properties" and isinstance(value, dict):
        return {name: _closed(document, schema, inside=True) for name, schema in value.items()}
    if key == "items":
        return _closed(document, value, inside=True)
    if key in ("example", "examples", "enum", "default", "discriminator"):
        return value
    return _closed(document, value, inside=False)


def _leaves(error: ValidationError) -> Iterator[str]:
    if not error.context:
        yield f"{error.json_path}: {error.message[:200]}"
        return
    branches: dict[Any, list[str]] = {}
    for inner in error.context:
        branches.setdefault(inner.relative_schema_path[0], []).extend(_leaves(inner))
    yield from min(branches.values(), key=len)


@dataclass(frozen=True, slots=True)
class Report:
    #: Sample and what doesn't match.
    mismatches: list[tuple[str, str]]
    #: Gaps that nothing needs any more, each with why.
    stale: list[tuple[Gap, str]]

    @property
    def is_clean(self) -> bool:
        return not self.mismatches and not self.stale


def compare(document: Mapping[str, Any], samples: Sequence[Sample], gaps: Sequence[Gap]) -> Report:
    """With every gap amended nothing may mismatch; without any one of them something must."""
    stale: list[tuple[Gap, str]] = []
    standing = list(gaps)
    for gap in gaps:
        try:
            amended(document, [gap])
        except GapIsStale:
            stale.append((gap, "the document has no such place"))
            standing.remove(gap)
    found = _judged(amended(document, standing), samples)
    for gap in standing:
        others = [other for other in standing if other is not gap]
        if _judged(amended(document, others), samples) == found:
            stale.append((gap, "nothing mismatches without it"))
    return Report(found, stale)


def _judged(document: Mapping[str, Any], samples: Sequence[Sample]) -> list[tuple[str, str]]:
    judge = Judge(document)
    return [(sample.name, told) for sample in samples for told in judge.mismatches(sample)]
