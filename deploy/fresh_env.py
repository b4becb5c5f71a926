"""Writes .env for docker compose: .env.example with fresh secrets in place of the public ones."""

import hashlib
import re
import secrets
import sys
from pathlib import Path


def fresh(example: str, key: str) -> str:
    """The text of an .env: every secret of `example` replaced, `key` being the one that may post events."""
    values = {
        "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "CARE_LINK_KEYS": f"1:{secrets.token_urlsafe(32)}",
        "CARE_SUPPRESSION_KEY": secrets.token_urlsafe(32),
        "CARE_API_KEYS": f"shop:{hashlib.sha256(key.encode()).hexdigest()}",
    }
    for name, value in values.items():
        example = re.sub(rf"(?m)^{name}=.*$", f"{name}={value}", example)
    return re.sub(r"(?m)^# (?:Without any \.env|This one is the hash).*\n", "", example)


def main(example: Path, target: Path) -> int:
    """Writes `target`, readable by its owner alone; an existing one stays as it is, and the exit code says so."""
    try:
        target.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        print(f"{target} exists and stays as it is")
        return 1
    key = f"care_{secrets.token_urlsafe(32)}"
    target.write_text(fresh(example.read_text(), key))
    print(f"wrote {target}; the key that may post events, shown only now: {key}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(".env.example"), Path(".env")))
