"""`python -m deploy.house.core_speed`: the core's whole test suite passes, and in under half a second."""

import re
import subprocess
import sys

MOST_S = 0.5
TRIES = 3  # the fastest counts: the others tell of whatever else this machine was doing
SUITE = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/outreach/core")


def seconds() -> float:
    """What pytest says its run took, collecting included; raises RuntimeError with its output when a test fails."""
    done = subprocess.run(SUITE, capture_output=True, check=False, text=True)
    took = re.search(r"passed.* in ([0-9.]+)s", done.stdout)
    if done.returncode or not took:
        raise RuntimeError(f"expected the core's tests to pass:\n{done.stdout}{done.stderr}")
    return float(took[1])


def main() -> int:
    """The exit code: 0 when it was fast enough."""
    fastest = seconds()
    for _ in range(TRIES - 1):
        fastest = fastest if fastest < MOST_S else min(fastest, seconds())
    print(f"the core's tests take {fastest:.2f} s, at most {MOST_S} s")
    return 0 if fastest < MOST_S else 1


if __name__ == "__main__":
    sys.exit(main())
