"""Meta's error codes: their title, HTTP status and type (Meta, error codes; OpenAPI v23.0), and the body."""

import secrets
from dataclasses import dataclass
from typing import Any

HREF = "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes/"


@dataclass(frozen=True)
class Known:
    http: int
    title: str
    prefixed: bool = True  #: messages of the WhatsApp codes open with "(#code) "


CODES: dict[int, Known] = {
    0: Known(401, "AuthException", prefixed=False),
    2: Known(503, "Service temporarily unavailable", prefixed=False),
    4: Known(400, "Application request limit reached"),
    10: Known(403, "Application does not have permission for this action"),
    100: Known(400, "Invalid parameter"),
    104: Known(401, "An access token is required to request this resource.", prefixed=False),
    190: Known(401, "Invalid OAuth access token", prefixed=False),
    200: Known(403, "Permissions error"),
    368: Known(403, "Temporarily blocked for policies violations"),
    2200: Known(400, "Callback verification failed"),
    2500: Known(404, "Unknown path components", prefixed=False),
    130429: Known(400, "Rate limit hit"),
    131000: Known(500, "Something went wrong"),
    131008: Known(400, "Required parameter is missing"),
    131009: Known(400, "Parameter value is not valid"),
    131021: Known(400, "Recipient cannot be sender"),
    131026: Known(400, "Message undeliverable"),
    131030: Known(400, "Recipient phone number not in allowed list"),
    131042: Known(400, "Business eligibility payment issue"),
    131047: Known(400, "Re-engagement message"),
    131048: Known(400, "Spam rate limit hit"),
    131049: Known(400, "This message was not delivered to maintain healthy ecosystem engagement."),
    131051: Known(400, "Message type is not currently supported."),
    131053: Known(400, "Media upload error"),
    131056: Known(400, "(Business Account, Consumer Account) pair rate limit hit"),
    132000: Known(400, "Number of parameters does not match the expected number of params"),
    132001: Known(404, "Template name does not exist in the translation"),
    132005: Known(400, "Translated text too long"),
    132012: Known(400, "Parameter format does not match format in the created template"),
    132015: Known(400, "Template is paused"),
    132016: Known(400, "Template is disabled"),
    132018: Known(400, "Template parameter validation failed"),
    133005: Known(400, "Two step verification PIN mismatch"),
    133006: Known(400, "Phone number re-verification needed"),
    133008: Known(400, "Too many two step verification PIN guesses"),
    133009: Known(400, "Two step verification PIN guessed too fast"),
    133010: Known(400, "Phone number not registered"),
    133015: Known(400, "Please wait a few minutes before attempting to register this phone number"),
    133016: Known(400, "Account register deregister rate limit exceeded"),
    # of the verification by code; reported by integrators, Meta's page doesn't list them
    136024: Known(400, "Request code error"),
    136025: Known(400, "Verify code error"),
    80007: Known(400, "Rate limit issues"),
    131031: Known(403, "Business account locked"),
}
TRANSIENT = {2, 4, 130429, 131000, 131056}


def title_of(code: int) -> str:
    return CODES[code].title if code in CODES else "An error without a name"


class GraphError(Exception):
    """A refusal in Meta's form. `details`: `error_data` of messaging errors; `user`: (title, text) for people."""

    def __init__(
        self,
        code: int,
        details: str = "",
        *,
        message: str = "",
        subcode: int | None = None,
        http: int | None = None,
        user: tuple[str, str] | None = None,
    ) -> None:
        self.code = code
        self.details = details
        self.subcode = subcode
        self.user = user
        self.type = "OAuthException"
        known = CODES.get(code)
        self.http = http or (known.http if known else 400)
        text = message or title_of(code)
        self.message = text if known and not known.prefixed else f"(#{code}) {text}"
        super().__init__(self.message)

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"message": self.message, "type": self.type, "code": self.code}
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.user is not None:
            error["error_user_title"], error["error_user_msg"] = self.user
        if self.code in TRANSIENT:
            error["is_transient"] = True
        error["fbtrace_id"] = "A" + secrets.token_urlsafe(16)
        return {"error": error}


def unknown_object(node: str, verb: str) -> GraphError:
    """What the Graph answers for an id that it doesn't know or that the token may not see."""
    error = GraphError(
        100,
        message=(
            f"Unsupported {verb} request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
            "permissions, or does not support this operation"
        ),
        subcode=33,
    )
    error.message = error.message.removeprefix("(#100) ")
    error.type = "GraphMethodException"
    return error


def missing(parameter: str) -> GraphError:
    return GraphError(100, message=f"The parameter {parameter} is required.")


def asynchronous(code: int) -> dict[str, Any]:
    """The item of `statuses[].errors[]`."""
    return {
        "code": code,
        "title": title_of(code),
        "message": title_of(code),
        "error_data": {"details": f"{title_of(code)}."},
        "href": HREF,
    }
