"""The version to compare with: a folder as it is, or a git revision of the repository that holds the playbook."""

import io
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from outreach.backtest.trouble import NoVersion


@contextmanager
def version_at(name: str, playbook: Path) -> Iterator[Path]:
    """The playbook folder of the version `name`, kept until the block ends; a folder of that name goes before a revision. Raises NoVersion."""
    if Path(name).is_dir():
        yield Path(name)
        return
    with TemporaryDirectory(prefix="care-backtest-") as folder:
        yield _export(name, playbook, Path(folder))


def _export(revision: str, playbook: Path, into: Path) -> Path:
    prefix = _git(playbook, "rev-parse", "--show-prefix", trouble=f"expected {playbook} in a git repository, or --against a folder").decode().strip()
    commit = _git(playbook, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", trouble=_unknown(revision)).decode().strip()
    top = _git(playbook, "rev-parse", "--show-toplevel", trouble="expected a work tree").decode().strip()
    packed = _git(Path(top), "archive", "--format=tar", commit, "--", prefix or ".", trouble=f"{revision} has no folder {prefix}")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(into, filter="data")
    return into / prefix


def _unknown(revision: str) -> str:
    return f"expected a folder or a git revision, got {revision!r}, which is neither here"


def _git(folder: Path, *words: str, trouble: str) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise NoVersion("expected git on this machine to read a revision; --against also takes a folder")
    # Words are ours but for the revision, which is behind --end-of-options; nothing is run by a shell.
    done = subprocess.run([git, "-C", str(folder), *words], capture_output=True, check=False)  # noqa: S603 - see above
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise NoVersion(f"{trouble} ({said[-1]})" if said else trouble)
    return done.stdout
