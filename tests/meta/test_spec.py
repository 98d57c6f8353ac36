"""The comparison itself, with a small document of our own: Meta's isn't part of the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.meta.__main__ import main
from tests.meta.samples import collect
from tests.meta.spec import REMOVED, Gap, Sample, compare

MESSAGE = ("components", "schemas", "Message")
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/{id}/messages": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}}}
            }
        }
    },
    "components": {
        "schemas": {
            "Message": {
                "discriminator": {
                    "propertyName": "type",
                    "mapping": {"text": "#/components/schemas/Text", "file": "#/components/schemas/File"},
                },
                "oneOf": [{"$ref": "#/components/schemas/Text"}, {"$ref": "#/components/schemas/File"}],
            },
            "Base": {
                "type": "object",
                "required": ["to", "type"],
                "properties": {"to": {"type": "string"}, "type": {"type": "string"}},
            },
            "Text": {
                "allOf": [
                    {"$ref": "#/components/schemas/Base"},
                    {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
                ]
            },
            "File": {
                "allOf": [
                    {"$ref": "#/components/schemas/Base"},
                    {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"$ref": "#/components/schemas/Media"}},
                    },
                ]
            },
            "Media": {
                "oneOf": [
                    {"required": ["id"], "properties": {"id": {"type": "string"}}},
                    {"required": ["link"], "properties": {"link": {"type": "string"}}},
                ]
            },
        }
    },
}  # fmt: skip
PLACE = ("paths", "/{id}/messages", "post", "requestBody", "content", "application/json", "schema")
RIGHT = {"to": "+1", "type": "file", "file": {"id": "7"}}
MANAGED = {
    "{WABA-ID}/phone_numbers",
    "{Phone-Number-ID}/request_code",
    "{Phone-Number-ID}/verify_code",
    "{Phone-Number-ID}/register",
    "{Phone-Number-ID}",
    "{Phone-Number-ID}/whatsapp_business_profile",
    "{WABA-ID}/subscribed_apps",
    "{Application-ID}/subscriptions",
    "{Application-ID}/uploads",
    "{WABA-ID}/message_templates",
    "{TEMPLATE_ID}",
    "{TEMPLATE_ID}/unpause",
}
READ = {
    "debug_token",
    "{WABA-ID}",
    "{WABA-ID}/phone_numbers",
    "{WABA-ID}/subscribed_apps",
    "{WABA-ID}/message_templates",
    "{Phone-Number-ID}",
    "{Phone-Number-ID}/whatsapp_business_profile",
    "{TEMPLATE_ID}",
    "{Application-ID}/subscriptions",
}
REFUSED = {
    "{WABA-ID}/phone_numbers",
    "{Phone-Number-ID}/request_code",
    "{Phone-Number-ID}/verify_code",
    "{Phone-Number-ID}/register",
    "{WABA-ID}/message_templates",
    "{TEMPLATE_ID}/unpause",
}
FILENAME = Gap(
    ("components", "schemas", "Media", "oneOf", 0, "properties", "filename"), {"type": "string"}, "Names the file."
)


def told(instance: Any, *gaps: Gap) -> list[str]:
    return [text for _, text in compare(DOCUMENT, [Sample("one", PLACE, instance)], gaps).mismatches]


def test_what_matches_is_clean() -> None:
    assert compare(DOCUMENT, [Sample("one", PLACE, RIGHT)], []).is_clean


@pytest.mark.parametrize(
    ("instance", "where"),
    [
        ({**RIGHT, "to": 1}, "$.to"),
        ({**RIGHT, "tto": "+1"}, "tto"),
        ({"type": "file", "file": {"id": "7"}}, "'to' is a required"),
        ({**RIGHT, "type": "song"}, "$.type"),
        ({**RIGHT, "file": {"id": 7}}, "$.file"),
        ({**RIGHT, "file": {"id": "7", "filename": "a.pdf"}}, "filename"),
        ({**RIGHT, "file": {}}, "$.file"),
        ({"to": "+1", "type": "text", "file": {"id": "7"}}, "'text' is a required"),
    ],
)
def test_what_does_not_match_is_found(instance: Any, where: str) -> None:
    mismatches = told(instance)
    assert any(where in text for text in mismatches), mismatches


def test_a_known_gap_is_forgiven_and_nothing_else_is() -> None:
    named = {**RIGHT, "file": {"id": "7", "filename": "a.pdf"}}
    assert told(named, FILENAME) == []
    assert told({**named, "other": 1}, FILENAME) != []
    assert told({**named, "file": {"id": "7", "filename": 7}}, FILENAME) != []


def test_a_gap_that_nothing_needs_is_stale() -> None:
    report = compare(DOCUMENT, [Sample("one", PLACE, RIGHT)], [FILENAME])
    assert (report.mismatches, [gap for gap, _ in report.stale]) == ([], [FILENAME])
    assert not report.is_clean


def test_what_the_document_does_not_have_at_all_is_told_until_a_gap_has_it() -> None:
    elsewhere = [Sample("one", ("paths", "/other", *PLACE[2:]), RIGHT)]
    missing = compare(DOCUMENT, elsewhere, [])
    assert missing.mismatches == [("one", "the document doesn't describe this")]
    whole = Gap(("paths", "/other"), DOCUMENT["paths"]["/{id}/messages"], "Another page of the guide has it.")
    assert compare(DOCUMENT, elsewhere, [whole]).is_clean


@pytest.mark.parametrize("value", [REMOVED, {"type": "string"}])
def test_a_gap_whose_place_is_gone_is_stale(value: Any) -> None:
    gap = Gap(("components", "schemas", "Gone", "properties", "x"), value, "It was there.")
    report = compare(DOCUMENT, [Sample("one", PLACE, RIGHT)], [gap])
    assert [found for found, _ in report.stale] == [gap]


def test_what_the_document_asks_for_wrongly_is_taken_away() -> None:
    gap = Gap(("components", "schemas", "Base", "required", "to"), REMOVED, "Nobody sends it.")
    without = {"type": "file", "file": {"id": "7"}}
    assert told(without) != []
    assert told(without, gap) == []


def test_what_is_no_openapi_document_is_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("swagger: '2.0'\n")
    assert [main([]), main([str(other)]), main([str(tmp_path / "none.yaml")])] == [2, 2, 2]
    assert "OpenAPI 3.1" in capsys.readouterr().err


def test_what_is_sent_what_is_answered_and_what_is_posted_are_all_compared() -> None:
    names = {sample.name for sample in collect()}
    sent = {"sent: upload", "sent: message to +5493415557777"}
    answered = {"answered: upload (200)", "answered: message to +5493415550001 (400)"}
    managed = {f"sent: post {what}" for what in MANAGED} | {f"answered: post {what} (200)" for what in MANAGED}
    managed |= {f"answered: get {what} (200)" for what in READ} | {f"answered: post {what} (400)" for what in REFUSED}
    assert managed <= names
    assert (
        sent | answered | {f"webhook: {word}" for word in ("sent", "delivered", "read", "failed", "message")} <= names
    )
