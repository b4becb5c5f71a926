"""The points at which tests let the process die: nothing happens there unless one is armed, and then at the pass that was named."""

import subprocess
import sys

import pytest
from outreach.delivery.faults import Point as OnACommandsWay
from outreach.faults import Fault
from outreach.stream.faults import Point

PASSES = (
    "from outreach.stream.faults import FAULT, Point\nFAULT.arm('after-decide:3')\nfor n in range(9):\n    print(n, flush=True)\n    FAULT.reached(Point.{})"
)


EVERY_POINT = "from outreach.stream.faults import FAULT, Point\nfor point in Point:\n    FAULT.reached(point)\n    print(point)"


def test_nothing_happens_at_any_point_unless_one_is_armed() -> None:
    done = subprocess.run([sys.executable, "-c", EVERY_POINT], capture_output=True, check=False, text=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert (done.returncode, done.stdout.splitlines()) == (0, list(Point))


@pytest.mark.parametrize(("passed", "code", "lines"), [("AFTER_DECIDE", -9, 3), ("AFTER_FETCH", 0, 9)])
def test_the_process_dies_at_the_pass_that_was_named_and_at_no_other_point(passed: str, code: int, lines: int) -> None:
    done = subprocess.run([sys.executable, "-c", PASSES.format(passed)], capture_output=True, check=False, env={"PYTHONPATH": ":".join(sys.path)})
    assert (done.returncode, len(done.stdout.splitlines())) == (code, lines)


def test_a_point_that_is_none_is_refused() -> None:
    for points in (Point, OnACommandsWay):
        with pytest.raises(ValueError, match="nowhere"):
            Fault(points).arm("nowhere:1")
