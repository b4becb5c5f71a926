"""`python -m deploy.house`: prints every broken house rule of the project in this folder and exits 1 if there is one."""

import sys
from pathlib import Path

from deploy.house import edges, lengths, names, texts
from deploy.house.sources import project


def main() -> int:
    """The exit code: 0 when the house is in order."""
    sources = project(Path.cwd())
    problems = sorted({str(problem) for rule in (lengths, names, texts, edges) for problem in rule.check(sources)})
    print(*problems, f"{len(sources)} files, {len(problems)} house rules broken", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
