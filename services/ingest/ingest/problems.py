"""Refusals: every kind of "no" that ingest says, and its answer as problem details (RFC 9457)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from care_contracts.problems import Problem
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
MOST_TOLD = 1000


@dataclass(frozen=True)
class Kind:
    """One kind of refusal; `slug` ends its problem type, which is a section of /docs."""

    slug: str
    status: int
    title: str
    advice: str


MALFORMED = Kind("malformed", 400, "The body is not readable JSON", "Repair the JSON; the detail says where it breaks.")
UNKNOWN_KEY = Kind("no-api-key", 401, "A valid API key is needed", "Send Authorization: Bearer KEY. Ask the operator for a key.")
NOT_FOUND = Kind("not-found", 404, "There is nothing at this address", "Events are posted to /v1/events.")
WRONG_METHOD = Kind("wrong-method", 405, "This address does not know that method", "Use a method that the Allow header names.")
TIMED_OUT = Kind("too-slow", 408, "The body did not arrive in time", "Send the request again.")
TOO_LARGE = Kind("too-large", 413, "The request is too large", "Send fewer events in one request.")
UNSUPPORTED = Kind("not-json", 415, "The body must be plain JSON", "Send Content-Type: application/json, uncompressed.")
INVALID = Kind("invalid-events", 422, "Some events have problems", "Repair what the problems name and send the request again. Nothing of it was accepted.")
FAILED = Kind("failed", 500, "Something went wrong here", "Send the request again with the same ids; if it goes on, tell the operator.")
UNCONFIRMED = Kind("unconfirmed", 503, "The events could not be stored in time", "Send the same request with the same ids again after Retry-After seconds.")

KINDS = (MALFORMED, UNKNOWN_KEY, NOT_FOUND, WRONG_METHOD, TIMED_OUT, TOO_LARGE, UNSUPPORTED, INVALID, FAILED, UNCONFIRMED)


class Refusal(Exception):
    """Why a request is not accepted. `detail` is about this request and holds nothing personal; `types` are those of the events at fault."""

    def __init__(
        self, kind: Kind, detail: str = "", problems: Sequence[Problem] = (), types: Sequence[object] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(kind.slug, detail)
        self.kind = kind
        self.detail = detail
        self.problems = problems
        self.types = types
        self.headers = headers or {}


def told(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Problems as JSON, without empty suggestions."""
    return [
        {"pointer": each.pointer, "expected": each.expected, "got": each.got} | ({"suggestion": each.suggestion} if each.suggestion else {})
        for each in problems
    ]


def answer(refusal: Refusal) -> Response:
    """The response to a refused request; beyond a thousand problems only their number is told."""
    kind, problems = refusal.kind, refusal.problems
    body: dict[str, object] = {"type": f"/docs#{kind.slug}", "title": kind.title, "status": kind.status}
    body |= {"detail": refusal.detail} if refusal.detail else {}
    body |= {"problems": told(problems[:MOST_TOLD])} if problems else {}
    body |= {"more": len(problems) - MOST_TOLD} if len(problems) > MOST_TOLD else {}
    return Response(msgspec.json.encode(body), kind.status, refusal.headers, MEDIA_TYPE)
