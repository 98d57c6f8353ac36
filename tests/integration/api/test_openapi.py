from __future__ import annotations

from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from acuse.api.schemas import EXAMPLE
from acuse.api.urls import api as program_interface
from tests.integration.api.conftest import Api, posted
from tests.integration.api.test_access import ENDPOINTS


@pytest.fixture
def document(api: Api) -> Any:
    return api.client.get("/api/v1/openapi.json").json()


def _refs(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_refs(value) for value in node.values()))
    return set().union(*(_refs(value) for value in node)) if isinstance(node, list) else set()


def _validator(document: Any, model: str) -> Any:
    return OAS31Validator({"$ref": f"#/components/schemas/{model}", "components": document["components"]})


def test_it_names_every_endpoint_once(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    found = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids)) == len(found)
    expected = {(method, "/api/v1" + path.split("?")[0].replace("}", "_id}")) for method, path, _, _ in ENDPOINTS}
    assert found == expected | {("POST", "/api/v1/vouchers/batch")}


def test_every_reference_leads_somewhere_and_every_schema_is_one(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert {ref.rsplit("/", 1)[1] for ref in _refs(document)} <= set(schemas)
    for schema in schemas.values():
        OAS31Validator.check_schema(schema)


def test_every_operation_needs_the_key_and_tells_its_problems(document: Any) -> None:
    assert document["components"]["securitySchemes"]["key"] == {"type": "http", "scheme": "bearer"}
    assert document["security"] == [{"key": []}]
    for methods in document["paths"].values():
        for operation in methods.values():
            assert {"401", "403", "422", "500"} <= set(operation["responses"])
            problem = operation["responses"]["401"]["content"]
            assert list(problem) == ["application/problem+json"]
            assert operation["summary"]


def test_what_is_sent_and_answered_is_what_it_says(api: Api, document: Any) -> None:
    request, voucher = _validator(document, "VoucherIn"), _validator(document, "VoucherOut")
    request.validate(EXAMPLE)
    request.validate(posted())
    assert not request.is_valid({**EXAMPLE, "total": 5})
    assert not request.is_valid({**EXAMPLE, "sobra": 5})
    answer = api.post("/vouchers", {**EXAMPLE, "deliver": "now"})
    assert answer.status == 201
    voucher.validate(answer.body)
    sent = api.post("/vouchers", posted(external_id="FV-43", number=43, deliver="now")).body
    voucher.validate(sent)
    _validator(document, "VouchersOut").validate(api.get("/vouchers").body)
    _validator(document, "DeliveriesOut").validate(api.get("/deliveries").body)
    _validator(document, "DeliveryDetailOut").validate(api.get(f"/deliveries/{sent['deliveries'][0]['id']}").body)
    _validator(document, "BatchOut").validate(api.post("/vouchers/batch", [EXAMPLE, {}]).body)
    _validator(document, "ProblemOut").validate(api.get("/nada").body)


def test_bodies_are_described(document: Any) -> None:
    paths = document["paths"]
    batch = paths["/api/v1/vouchers/batch"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert (batch["type"], batch["maxItems"]) == ("array", 500)
    assert list(paths["/api/v1/vouchers/{voucher_id}/pdf"]["post"]["requestBody"]["content"]) == ["application/pdf"]
    names = {parameter["name"] for parameter in paths["/api/v1/deliveries"]["get"]["parameters"]}
    assert names == {"state", "voucher", "limit", "cursor", "count"}
    assert program_interface.title == "Acuse"
