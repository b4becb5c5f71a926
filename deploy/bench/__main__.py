"""`python -m deploy.bench NAME [N]`: prints one line of JSON with what was measured."""

import sys

from deploy.bench import backtest, check, state, timers
from deploy.bench.decide import command

BENCHES = {
    "backtest": backtest.measure,
    "lint": check.lint,
    "examples": check.examples,
    "decide": command.measure,
    "state": state.measure,
    "timers": timers.measure,
}


if __name__ == "__main__":
    name, *size = sys.argv[1:] or [""]
    if name not in BENCHES:
        sys.exit(f"expected one of {', '.join(BENCHES)}, got {name!r}")
    print(BENCHES[name](*map(int, size)))
