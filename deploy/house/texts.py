"""What no committed file may say: where packages come from, and where somebody's machine keeps its folders."""

import re
from collections.abc import Iterator, Sequence

from deploy.house.sources import Problem, Source

_REGISTRIES = (
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io|rubygems\.org|proxy\.golang\.org"
    r"|repo1?\.maven\.(?:apache\.)?org|deb\.debian\.org|docker\.io|ghcr\.io|quay\.io"
)
_FOLDERS = r"(?<![\w.])/(?:work|root|Users|home/\w+)/"

BANNED = (
    (re.compile(_REGISTRIES), "the host of a package registry; every installation has its own"),
    (re.compile(_FOLDERS), "a folder of one machine"),
)


def check(sources: Sequence[Source]) -> Iterator[Problem]:
    """Every line of every text file that names a registry's host or a path of somebody's machine."""
    for source in sources:
        for number, line in enumerate(source.text.splitlines(), 1):
            yield from (Problem(source.path, number, f'names "{found[0]}": {why}') for pattern, why in BANNED if (found := pattern.search(line)))
