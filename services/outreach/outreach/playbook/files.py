"""The files of a playbook as bytes by their path, wherever they come from: a folder, a revision of one, or the log."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

Files = Mapping[str, bytes]

POOLS = "coupons"

# Every file that says something, and the rules that are called .yml by mistake, which want to be told so.
_SPEAKING = ("*.yaml", "*/*.yaml", "rules/*.yml", "coupons/*.txt", "*/*.md", "*/*.html", "*/*.j2")


def paths(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a playbook folder in the order of their names; hidden ones are editors' and mounts' own business.

    Raises FileNotFoundError when there is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"expected a playbook folder, got {folder}")
    found = {path.relative_to(folder).as_posix(): path for pattern in _SPEAKING for path in folder.glob(pattern)}
    return ((name, found[name]) for name in sorted(found) if not any(part.startswith(".") for part in name.split("/")))


def content_of(name: str, path: Path) -> bytes:
    """What a file says; raises OSError. Of a coupon pool only that it is there: its codes are the courier's business and no part of a version."""
    return b"" if name.startswith(f"{POOLS}/") else path.read_bytes()


def read_files(folder: Path) -> dict[str, bytes]:
    """Everything that says something in a playbook folder; raises OSError, also for a file that goes away meanwhile."""
    return {name: content_of(name, path) for name, path in paths(folder)}


def text_of(content: bytes, errors: str = "strict") -> str:
    """A file's text without a byte order mark, lines ended as everywhere; raises UnicodeDecodeError unless `errors` says otherwise."""
    return content.decode("utf-8-sig", errors).replace("\r\n", "\n").replace("\r", "\n")


def version_of(files: Files) -> str:
    """The content hash of a playbook: 16 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=8)
    for name, content in sorted(files.items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()
