"""How long the checks of a large playbook take, from the start of the command to its end; the shipped rules stand in it under many ids."""

import json
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "playbook"
RULES = 500
EXAMPLES = 1000
_EXAMPLE = "\n  - name: "
_BEGINNING = re.compile(r"^id: .*$", re.MULTILINE)
_STEPS = re.compile(r"^then:\n", re.MULTILINE)

Rule = tuple[str, str]


def lint(rules: int = RULES) -> str:
    """`care lint` over so many rules; `cpu_seconds` is what is left of the time on a machine that does nothing else."""
    took, cpu, said = _care("lint", islice(_copies(), rules))
    if not said.startswith(f"{rules} rules, 0 errors"):
        raise RuntimeError(f"expected {rules} rules without an error, got: {said}")
    return json.dumps({"rules": rules, "seconds": took, "cpu_seconds": cpu})


def examples(at_least: int = EXAMPLES) -> str:
    """`care test` over at least so many examples, the reading of their rules included."""
    took, cpu, said = _care("test", _enough(at_least), "--format", "json")
    return json.dumps({"examples": json.loads(said)["passed"], "seconds": took, "cpu_seconds": cpu})


def _enough(examples: int) -> Iterator[Rule]:
    for name, text in _copies():
        if examples <= 0:
            return
        examples -= text.count(_EXAMPLE)
        yield name, text


def _copies() -> Iterator[Rule]:
    """Each copy has an id of its own, and begins with a tag, lest two rules say the same. What chance chooses hangs on the id: such rules are left out."""
    shipped = {path.stem: text for path in sorted((SHIPPED / "rules").glob("[!_]*.yaml")) if "variant:" not in (text := path.read_text("utf-8"))}
    for number in count():
        for stem, text in shipped.items():
            tagged = _STEPS.sub(f"then:\n  - tag: copy-{number}\n", text, count=1)
            yield f"{stem}-{number}", _BEGINNING.sub(f"id: {stem}-{number}", tagged, count=1)


def _care(command: str, rules: Iterable[Rule], *words: str) -> tuple[float, float, str]:
    """Its seconds over these rules, those of them that it computed, and its last line; raises RuntimeError when it finds something."""
    with TemporaryDirectory(prefix="care-bench-") as folder:
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("rules", "review", "schemas"))
        (Path(folder) / "rules").mkdir()
        for name, text in rules:
            (Path(folder) / "rules" / f"{name}.yaml").write_text(text, "utf-8")
        return _run(sys.executable, "-m", "outreach.cli", command, folder, *words)


def _run(*command: str) -> tuple[float, float, str]:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"expected nothing to be found, got: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return round(took, 2), round(cpu, 2), done.stdout.splitlines()[-1]
