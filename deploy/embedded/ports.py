"""TCP ports of this machine."""

import random
import socket

# Below the range from which systems take the near ends of connections: there, a listener that comes back could find its port taken.
FIRST, LAST = 20_000, 32_000


def free_port(wanted: int = 0) -> int:
    """`wanted` if nobody listens there, else any free port of 127.0.0.1; 0 asks for any."""
    while not wanted or not _free(wanted):
        wanted = random.randint(FIRST, LAST)  # noqa: S311 - no secret
    return wanted


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
