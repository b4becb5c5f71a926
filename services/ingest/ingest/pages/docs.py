"""/docs: the page about the events, made here and needing nothing from elsewhere."""

import base64
import hashlib
import json
import shlex
from collections.abc import Awaitable, Callable
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from care_contracts.catalogue import TYPES, EventType, field_notes
from care_contracts.envelope import Envelope
from care_contracts.published import example_of
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import Response

from ingest.limits import Limits
from ingest.problems import KINDS

FOLDER = Path(__file__).parent
FIRST = {"id": "A-1001-delivered", "type": "order.delivered", "customer_id": "cust-1", "data": {"order_id": "A-1001", "product_name": "Kind of Blue"}}
BROKEN = {"id": "A-1001-delivered", "type": "order.delivered", "custmer_id": "cust-1", "data": {"total": "12.50"}}


def page(limits: Limits) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint. Commands on the page name the address by which the reader came."""

    async def endpoint(request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        html = _template().render(groups=_groups(base), first=curl(base, FIRST), broken=curl(base, BROKEN), limits=limits, **_FIXED)
        return Response(html, media_type="text/html", headers={"Content-Security-Policy": _policy()})

    return endpoint


def curl(base: str, event: Any) -> str:
    """A command to copy that posts an event."""
    body = shlex.quote(json.dumps(event, indent=2, ensure_ascii=False))
    lines = [f"curl -sS {shlex.quote(base + '/v1/events')}", '-H "Authorization: Bearer $CARE_API_KEY"', "-H 'Content-Type: application/json'", f"-d {body}"]
    return " \\\n  ".join(lines)


def _groups(base: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """The catalogue by what an event is about, each type with its fields and a command."""
    by_subject = groupby(TYPES, key=lambda each: each.name.partition(".")[0])
    return [(subject, [_described(base, each) for each in types]) for subject, types in by_subject]


def _described(base: str, each: EventType) -> dict[str, Any]:
    """Without a time the example happens now, whatever the clock of the system shows."""
    example = {key: value for key, value in example_of(each.name).items() if key not in ("time", "history")}
    return {"name": each.name, "meaning": each.meaning, "fields": list(field_notes(each.model)), "curl": curl(base, example)}


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("docs.html.j2")


_STYLE = (FOLDER / "docs.css").read_text(encoding="utf-8")
_SCRIPT = (FOLDER / "docs.js").read_text(encoding="utf-8")
_FIXED = {"envelope": list(field_notes(Envelope)), "kinds": KINDS, "style": _STYLE, "script": _SCRIPT}


def _policy() -> str:
    """Allows exactly the style and the script that the page itself contains (CSP level 3, section 2.3.1)."""
    style, script = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (_STYLE, _SCRIPT))
    return f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; frame-ancestors 'none'"
