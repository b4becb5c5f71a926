"""Pages as bytes: templates, words and style come together here, with the headers that keep a page to itself."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from feedback.metrics import Metrics
from feedback.words import LANGUAGES, Words, language_for, load_words


@dataclass(frozen=True)
class Pages:
    """Every page that a customer can see. Nothing in them comes from elsewhere, and nothing of the letter but what is asked is shown."""

    environment: Environment
    words: dict[str, Words]
    headers: dict[str, str]
    metrics: Metrics

    def show(self, request: Request, name: str, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> HTMLResponse:
        """The page `name` (a template) in the customer's language."""
        language = language_for(getattr(request.state, "wish", ""), request.headers.get("accept-language", ""))
        html = self.environment.get_template(f"{name}.html").render(language=language, words=self.words[language], **values)
        self.metrics.pages.labels(name, status).inc()
        return HTMLResponse(html, status, {**self.headers, "Content-Language": language, **(headers or {})})

    def notice(self, request: Request, name: str, status: int, headers: dict[str, str] | None = None) -> HTMLResponse:
        """A page that only says how things stand, in the words `notices.NAME`."""
        return self.show(request, "notice", status, headers, notice=name)


def open_pages(brand: str, metrics: Metrics) -> Pages:
    """Loads templates, words and style, once."""
    environment = Environment(
        loader=PackageLoader("feedback"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    style, _, _ = environment.loader.get_source(environment, "style.css")  # type: ignore[union-attr]  # it has just been given
    environment.globals["style"] = Markup(style)  # noqa: S704 - our own file
    return Pages(environment, {language: load_words(language, brand) for language in LANGUAGES}, _headers(style), metrics)


def _headers(style: str) -> dict[str, str]:
    """No script, no frame, no foreign request, no index, no cache, and no referrer that would carry a token away."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "interest-cohort=(), browsing-topics=()",
        "Cache-Control": "no-store",
    }
