"""A small Graph client of the tests' own, on the standard library."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

NUMBER = "106540352242922"
WABA = "102290129340398"
TOKEN = "simulator-token"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
ORDINARY = "5491155551234"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.json["error"]
        return error

    @property
    def wamid(self) -> str:
        wamid: str = self.json["messages"][0]["id"]
        return wamid


class Graph:
    def __init__(self, url: str, token: str | None = TOKEN) -> None:
        self.address = urlsplit(url).netloc
        self.token = token

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str | None = None,
        timeout: float = 10.0,
    ) -> Answer:
        """`path` begins with a slash; raises what http.client raises."""
        headers = {"Content-Type": content_type} if content_type else {}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        connection = http.client.HTTPConnection(self.address, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.call("GET", f"/v26.0/{path}")

    def post(self, path: str, value: Any, timeout: float = 10.0) -> Answer:
        return self.call("POST", f"/v26.0/{path}", json.dumps(value).encode(), "application/json", timeout)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", f"/v26.0/{path}")

    def upload(
        self,
        content: bytes = PDF,
        *,
        number: str = NUMBER,
        mime_type: str = "application/pdf",
        filename: str = "factura.pdf",
        product: str = "whatsapp",
    ) -> Answer:
        boundary = "frontera"
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="messaging_product"\r\n\r\n{product}\r\n'.encode(),
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'.encode(),
            f"Content-Type: {mime_type}\r\n\r\n".encode() + content + f"\r\n--{boundary}--\r\n".encode(),
        ]
        return self.call("POST", f"/v26.0/{number}/media", b"".join(parts), f"multipart/form-data; boundary={boundary}")

    def media(self, content: bytes = PDF, **values: Any) -> str:
        media: str = self.upload(content, **values).json["id"]
        return media

    def send(self, body: dict[str, Any], timeout: float = 10.0, number: str = NUMBER) -> Answer:
        return self.post(f"{number}/messages", body, timeout)

    def send_voucher(self, to: str = ORDINARY, *, timeout: float = 10.0, **values: Any) -> Answer:
        """The whole way: upload, then the template."""
        return self.send(voucher(self.media(), to, **values), timeout)


def voucher(
    media: str, to: str = ORDINARY, *, parameter: str = "Factura A 00003-00000042", **top: Any
) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "type": "template",
        "template": {
            "name": "comprobantes",
            "language": {"code": "es_AR"},
            "components": [
                {
                    "type": "header",
                    "parameters": [{"type": "document", "document": {"id": media, "filename": "Factura A.pdf"}}],
                },
                {"type": "body", "parameters": [{"type": "text", "text": parameter}]},
            ],
        },
        **top,
    }


def text(body: str, to: str = ORDINARY) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": body}}
