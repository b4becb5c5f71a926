"""What stands around the body of a letter: the brand's frame, the survey's row, the footer; CSS is moved to where mail programs read it."""

from importlib.resources import files

import css_inline

from outreach.letters.surveys import Survey
from outreach.letters.tags import MARK, Tags
from outreach.letters.words import words_in

PLACES = ("content", "footer")
ROOTS = frozenset({"brand", "subject", "preheader", "language", *PLACES})
FOOTER_HTML = """<p>{{{{ why }}}}</p>
<p><a href="{{{{ links.preferences | link }}}}">{preferences}</a> &nbsp;·&nbsp; <a href="{{{{ links.unsubscribe | link }}}}">{unsubscribe}</a></p>
<p>{{{{ brand.name }}}}{{% if brand.address %}}, {{{{ brand.address }}}}{{% endif %}}</p>"""
FOOTER_TEXT = """---
{{{{ why }}}}

{preferences}: {{{{ links.preferences | link }}}}
{unsubscribe}: {{{{ links.unsubscribe | link }}}}

{{{{ brand.name }}}}{{% if brand.address %}}, {{{{ brand.address }}}}{{% endif %}}
"""
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, remove_inlined_selectors=True)


def built_in_frame() -> str:
    """The frame for playbooks that have none of their own."""
    return files(__package__).joinpath("_brand.html").read_text("utf-8")


def html_around(body: str, tags: Tags, frame: tuple[str, str], language: str, survey: Survey | None) -> str:
    """The whole HTML document with its CSS inlined, all tags set aside; `frame` is the frame's file and source."""
    file, source = frame
    row = f'\n<div class="survey">\n{survey.html(language)}\n</div>' if survey else ""
    words = words_in(language)
    footer = FOOTER_HTML.format(preferences=words.preferences, unsubscribe=words.unsubscribe)
    inside = {"content": body + tags.set_aside(row, "survey", 1), "footer": tags.set_aside(footer, "footer", 1)}
    marked = tags.set_aside(source, file, 1)
    return _INLINER.inline(MARK.sub(lambda found: inside.get(tags[found.group()].inner.strip(), found.group()), marked))


def text_around(body: str, tags: Tags, language: str, survey: Survey | None) -> str:
    """The whole text part, all tags set aside."""
    words = words_in(language)
    footer = FOOTER_TEXT.format(preferences=words.preferences, unsubscribe=words.unsubscribe)
    row = tags.set_aside(survey.text(language), "survey", 1) if survey else ""
    return "\n\n".join(part.strip("\n") for part in (body, row, tags.set_aside(footer, "footer", 1)) if part)
