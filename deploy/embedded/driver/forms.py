"""Reads a form on a page as a browser would: where it goes, what it carries, which choices it offers."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass
class Form:
    """The first form of a page that is posted. `choices` are the values of its radio buttons by name; `texts` its free fields."""

    action: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.form: Form | None = None
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and said.get("method", "").lower() == "post" and self.form is None:
            self.form, self._inside = Form(said.get("action", "")), True
        elif self._inside and self.form is not None and "name" in said:
            _note(self.form, tag, said)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def _note(form: Form, tag: str, said: dict[str, str]) -> None:
    if tag == "input" and said.get("type") == "hidden":
        form.hidden[said["name"]] = said.get("value", "")
    elif tag == "input" and said.get("type") == "radio":
        form.choices.setdefault(said["name"], []).append(said.get("value", ""))
    elif tag == "textarea":
        form.texts.append(said["name"])


def form_on(html: str, url: str) -> Form | None:
    """The form of the page at `url`, its action made absolute; None when there is none."""
    form = _Forms(html).form
    if form is not None:
        form.action = urljoin(url, form.action)
    return form
