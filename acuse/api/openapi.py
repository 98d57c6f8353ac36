"""The OpenAPI document: ninja's, with the key and the problems that every operation may answer."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI, Swagger
from ninja.openapi.schema import OpenAPISchema

from acuse.api.problems import CONTENT_TYPE, TITLES
from acuse.api.schemas import ProblemOut, VoucherIn

_REF = "#/components/schemas/{model}"
_ALWAYS = (401, 403, 422, 500)
_WITH_ID = (404,)
_POSTED = (408, 409, 413, 415)


class Reference(Swagger):
    """With its files from here: ninja isn't an app, and would fetch them elsewhere."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        self.settings["url"] = self.get_openapi_url(api, kwargs)
        context = {"swagger_settings": json.dumps(self.settings, indent=1), "api": api, "add_csrf": False}
        return render(request, self.template, context)


class AcuseAPI(NinjaAPI):
    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        components = document["components"]
        for model in (ProblemOut, VoucherIn):
            schema = model.model_json_schema(ref_template=_REF)
            components["schemas"] |= schema.pop("$defs", {}) | {model.__name__: schema}
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"key": []}]
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                operation["responses"] |= _problems(path, method)
        return document


def _problems(path: str, method: str) -> dict[str, Any]:
    statuses = [*_ALWAYS, *(_WITH_ID if "{" in path else ()), *(_POSTED if method == "post" else ())]
    content = {CONTENT_TYPE: {"schema": {"$ref": _REF.format(model="ProblemOut")}}}
    return {str(status): {"description": TITLES[status][1], "content": content} for status in sorted(statuses)}
