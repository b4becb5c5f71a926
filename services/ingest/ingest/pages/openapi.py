"""/openapi.json: the OpenAPI 3.1 document, its schemas and examples drawn from the contracts."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from care_contracts.catalogue import TYPES
from care_contracts.jsonschemas import ENVELOPE
from care_contracts.published import examples, schemas
from starlette.requests import Request
from starlette.responses import Response

from ingest.limits import MEDIA_TYPES, Limits
from ingest.problems import FAILED, INVALID, KINDS, MEDIA_TYPE, NOT_FOUND, UNCONFIRMED, WRONG_METHOD, Kind

Json = dict[str, Any]
_REF = "#/components/schemas/"
_SUFFIX = ".schema.json"


def page(limits: Limits) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint; the document is made when it is first asked for."""
    made: list[bytes] = []

    async def endpoint(_request: Request) -> Response:
        if not made:
            made.append(msgspec.json.encode(document(limits)))
        return Response(made[0], media_type="application/json")

    return endpoint


def document(limits: Limits) -> Json:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Careloop ingest", "version": "1", "description": "Post what happens to customers; Careloop takes care of the rest."},
        "servers": [{"url": "/"}],
        "paths": {
            "/v1/events": {"post": _post_events(limits)},
            "/healthz": {"get": _probe("Whether the process is alive", {"200": "alive"})},
            "/readyz": {"get": _probe("Whether the broker is there", {"200": "ready", "503": "not ready"})},
        },
        "components": {"schemas": _components(limits), "securitySchemes": _KEYS},
    }


_KEYS: Json = {"bearer": {"type": "http", "scheme": "bearer"}, "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}}


def _post_events(limits: Limits) -> Json:
    several = {"type": "array", "items": {"$ref": f"{_REF}event"}, "minItems": 1, "maxItems": limits.events}
    body = {"schema": {"oneOf": [{"$ref": f"{_REF}event"}, several]}, "examples": _examples()}
    refusals = {str(kind.status): _refusal(kind) for kind in KINDS if kind not in (NOT_FOUND, WRONG_METHOD, FAILED)}
    accepted = {"description": "The broker has acknowledged every event", "content": {"application/json": {"schema": {"$ref": f"{_REF}accepted"}}}}
    return {
        "operationId": "postEvents",
        "summary": "Post one event, or an array of which all are accepted or none",
        "description": "Sending the same id from the same source again is safe: it is the same event.",
        "security": [{"bearer": []}, {"header": []}],
        "requestBody": {"required": True, "content": dict.fromkeys(MEDIA_TYPES, body)},
        "responses": {"202": accepted, **refusals},
    }


def _refusal(kind: Kind) -> Json:
    response: Json = {"description": f"{kind.title}. {kind.advice}", "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}problem"}}}}
    if kind is UNCONFIRMED:
        response["headers"] = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
    return response


def _probe(summary: str, answers: dict[str, str]) -> Json:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {"summary": summary, "responses": {status: {"description": what, "content": content} for status, what in answers.items()}}


def _examples() -> Json:
    return {f"{event_type}.{name}": {"summary": f"{event_type}: {name.replace('-', ' ')}", "value": event} for event_type, name, event in examples()}


def _components(limits: Limits) -> Json:
    """Every schema under its name, the parts that several share hoisted beside them."""
    found: Json = {"accepted": _ACCEPTED, "problem": _PROBLEM}
    for name, schema in schemas().items():
        parts = schema.get("$defs", {})
        own = {key: value for key, value in schema.items() if key not in ("$id", "$schema", "$defs")}
        found |= {part: _relinked(value) for part, value in parts.items()} | {_component(name): _relinked(own)}
    known = [each.name for each in TYPES]
    other = {"allOf": [{"$ref": f"{_REF}envelope"}], "properties": {"type": {"not": {"enum": known}}}, "description": "an event of a type of your own"}
    found["other"] = other
    found["event"] = {"anyOf": [{"$ref": _REF + name} for name in (*known, "other")], "description": f"at most {limits.event} bytes"}
    return found


def _component(file: str) -> str:
    return "envelope" if file == ENVELOPE else file.removesuffix(_SUFFIX)


def _relinked(value: Any) -> Any:
    """A schema whose references lead to the components of this document."""
    if isinstance(value, list):
        return [_relinked(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _link(inner) if key == "$ref" else _relinked(inner) for key, inner in value.items()}


def _link(reference: str) -> str:
    return _REF + (_component(reference) if reference.endswith(_SUFFIX) else reference.removeprefix("#/$defs/"))


_RECEIPT: Json = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": "string"},
        "status": {"const": "accepted"},
        "note": {"type": "string", "description": "something to look at, such as a type that is nearly one of the catalogue"},
    },
}
_ACCEPTED: Json = {"type": "object", "required": ["accepted"], "properties": {"accepted": {"type": "array", "items": _RECEIPT}}}
_FINDING: Json = {
    "type": "object",
    "required": ["pointer", "expected", "got"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) into the body"},
        "expected": {"type": "string"},
        "got": {"type": "string", "description": "what came, described without repeating personal data"},
        "suggestion": {"type": "string"},
    },
}
_PROBLEM: Json = {
    "type": "object",
    "description": f"Problem details (RFC 9457); problems are listed for {INVALID.status}",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "problems": {"type": "array", "items": _FINDING},
        "more": {"type": "integer", "description": "how many further problems there are"},
    },
}
