"""What stands around the body of a letter: the brand's frame, the survey's row, the footer; CSS is moved to where mail programs read it."""

from importlib.resources import files

import css_inline

from outreach.letters.surveys import Survey
from outreach.letters.tags import MARK, Tags
from outreach.letters.words import words_in

PLACES = ("content", "footer")
LARGEST_FRAME = 32_768
MOST_TAGS = 1000
DEAREST_FRAME = 5_000
# Each rule may be copied to each element: the length of the frame times the number of tags is what moving the CSS can cost.
MOST_STYLING = 5_000_000
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


def too_large(source: str) -> str:
    """What is too much about a frame, or ""."""
    if len(source.encode()) > LARGEST_FRAME:
        return f"expected at most {LARGEST_FRAME // 1024} KB"
    return f"expected at most {MOST_TAGS} tags" if source.count("<") > MOST_TAGS else ""


def html_around(body: str, tags: Tags, frame: tuple[str, str], language: str, survey: Survey | None) -> str:
    """The whole HTML document with its CSS inlined, all tags set aside; `frame` is the frame's file and source. Raises ValueError when it is too much."""
    file, source = frame
    row = f'\n<div class="survey">\n{survey.html(language)}\n</div>' if survey else ""
    words = words_in(language)
    footer = FOOTER_HTML.format(preferences=words.preferences, unsubscribe=words.unsubscribe)
    inside = {"content": body + tags.set_aside(row, "survey", 1), "footer": tags.set_aside(footer, "footer", 1)}
    marked = tags.set_aside(source, file, 1)
    whole = MARK.sub(lambda found: inside.get(tags[found.group()].inner.strip(), found.group()), marked)
    if len(source) * whole.count("<") > MOST_STYLING:
        raise ValueError("expected a frame with fewer styles, or a letter with fewer paragraphs, lists and links")
    return _INLINER.inline(whole)


def text_around(body: str, tags: Tags, language: str, survey: Survey | None) -> str:
    """The whole text part, all tags set aside."""
    words = words_in(language)
    footer = FOOTER_TEXT.format(preferences=words.preferences, unsubscribe=words.unsubscribe)
    row = tags.set_aside(survey.text(language), "survey", 1) if survey else ""
    return "\n\n".join(part.strip("\n") for part in (body, row, tags.set_aside(footer, "footer", 1)) if part)
