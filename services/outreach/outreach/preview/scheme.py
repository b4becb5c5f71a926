"""A letter's HTML as it looks in light or in dark, whatever this machine prefers, and harmless: its links lead nowhere from a preview."""

import re

SCHEMES = ("light", "dark")
_STYLE = re.compile(r"(<style[^>]*>)(.*?)(</style>)", re.DOTALL | re.IGNORECASE)
_PREFERS = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_META = re.compile(r'(<meta\s+name="(?:supported-)?color-schemes?"\s+content=")[^"]*(")', re.IGNORECASE)
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
_TRUE, _FALSE = "(min-width: 0)", "(max-width: 0)"


def in_scheme(html: str, scheme: str) -> str:
    """The document as a mail program in that scheme shows it: the styles' questions about the scheme are answered beforehand."""

    def answered(style: re.Match[str]) -> str:
        return style[1] + _PREFERS.sub(lambda asked: _TRUE if asked[1].lower() == scheme else _FALSE, style[2]) + style[3]

    whole = _META.sub(rf"\g<1>{scheme}\g<2>", _STYLE.sub(answered, html))
    return _HEAD.sub(lambda head: f'{head[0]}<base target="_blank">', whole, count=1)
