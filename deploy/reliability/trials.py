"""What can go wrong, one function each: it lets it go wrong once or several times while the load flows, and gets everything going again."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from outreach.stream.faults import Point

from deploy.reliability.nodes import Jars
from deploy.reliability.proxy import Proxy
from deploy.reliability.scene import Scene
from deploy.reliability.waiting import NotInTime
from deploy.reliability.workers import Worker

_PASSES = {Point.AFTER_DECODE: 60, Point.WHILE_COMMITTING: 4, Point.DURING_REBALANCE: 2, Point.DURING_RECOVERY: 1}
_USUAL_PASSES = 15
_PATIENCE_S = 40.0
_SLEEPS_AT = (Point.OUTPUTS_HALF_SENT, Point.CHANGELOG_HALF_WRITTEN, Point.STATE_WRITTEN)
_dice = random.Random()  # noqa: S311 - which batch it meets is left to chance; no secret


@dataclass(frozen=True)
class Trial:
    """Does `what` to a scene so many times; the name is what the report says."""

    name: str
    what: Callable[[Scene, int], Awaitable[None]]


def killed(name: str, points: Sequence[Point]) -> Trial:
    """SIGKILL so many times at each of the points: half of the deaths to one worker, then half to the other."""

    async def what(scene: Scene, times: int) -> None:
        deaths = [point for _ in range(times) for point in points]
        _dice.shuffle(deaths)
        for number, worker in enumerate(scene.workers):
            await _killed(scene, worker, deaths[number::2])
        await scene.calm()

    return Trial(name, what)


async def _killed(scene: Scene, victim: Worker, points: Sequence[Point]) -> None:
    """One death after the other: it is started again at once, and already meant to die again."""
    if points:
        await victim.end()
        _start(victim, points[0])
    for point, following in zip(points, [*points[1:], None], strict=True):
        await _until_dead(scene, victim, point)
        scene.kills += 1
        died, ends = time.monotonic(), Counter(scene.load.ends)
        _start(victim, following)
        await scene.recovered(died, ends)


def _start(victim: Worker, point: Point | None) -> None:
    if point is Point.DURING_RECOVERY:
        victim.lose_state()
    victim.start(f"{point}:{_dice.randint(1, _PASSES.get(point, _USUAL_PASSES))}" if point else "")


async def _until_dead(scene: Scene, victim: Worker, point: Point) -> None:
    """A point that is not passed in time is no miss of the worker's: it is killed where it stands, and that is counted."""
    try:
        await victim.dead(_PATIENCE_S)
    except NotInTime:
        scene.missed[point] += 1
        victim.send(signal.SIGKILL)
        await victim.dead()


async def slept(scene: Scene, times: int) -> None:
    """Stopped for longer than the session, in the middle of a batch; somebody else goes on meanwhile, and then it wakes up."""
    for number in range(times):
        victim, point = scene.workers[number % 2], _SLEEPS_AT[number % len(_SLEEPS_AT)]
        await victim.end()
        victim.start(f"{point}:{_dice.randint(5, _USUAL_PASSES)}:STOP")
        await _stopped(victim)
        stopped, ends = time.monotonic(), Counter(scene.load.ends)
        await scene.recovered(stopped, ends)
        await asyncio.sleep(scene.node.session_s * _dice.random())
        victim.send(signal.SIGCONT)
        await _either_way(victim)
    await scene.calm()


async def _stopped(victim: Worker) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not victim.stopped:  # noqa: ASYNC110 - the kernel tells nobody but the parent's wait
            await asyncio.sleep(0.02)


async def _either_way(victim: Worker) -> None:
    """It may go on or end: a batch that cannot be given up in time ends the process."""
    try:
        await victim.ready()
    except RuntimeError:
        victim.start()
        await victim.ready()


async def broker_crashed(scene: Scene, times: int) -> None:
    """SIGKILL to the broker, which comes back with what it had acknowledged."""
    for _ in range(times):
        died, ends = time.monotonic(), Counter(scene.load.ends)
        await _jars(scene).crash()
        await asyncio.sleep(_dice.random() * 2)
        await _jars(scene).start()
        await scene.recovered(died, ends)
        await asyncio.sleep(1 + _dice.random() * 2)
        await scene.calm()


async def cut_off(scene: Scene, times: int) -> None:
    """One worker's network is silent for longer than its session, then whole again."""
    async with _BehindProxy(scene) as proxy:
        for _ in range(times):
            await asyncio.sleep(1 + _dice.random())
            began, ends = time.monotonic(), Counter(scene.load.ends)
            proxy.silent = True
            await scene.recovered(began, ends)
            await asyncio.sleep(scene.node.session_s * (0.5 + _dice.random()))
            proxy.silent = False
            await _either_way(scene.workers[0])


async def slow(scene: Scene, times: int) -> None:
    """One worker's network takes a fifth of a second for everything, and breaks off now and then."""
    async with _BehindProxy(scene) as proxy:
        proxy.delay_s = 0.2
        for _ in range(times):
            await asyncio.sleep(3)
            began, ends = time.monotonic(), Counter(scene.load.ends)
            proxy.reset()
            await scene.recovered(began, ends)


class _BehindProxy:
    """The first worker speaks with the broker through a proxy."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._proxy = Proxy(_jars(scene).proxy, _jars(scene).proxied)

    async def __aenter__(self) -> Proxy:
        await self._proxy.start()
        await self._again(CARE_KAFKA=f"127.0.0.1:{_jars(self._scene).proxy}")
        return self._proxy

    async def __aexit__(self, *_: object) -> None:
        await self._again()
        await self._proxy.stop()

    async def _again(self, **told: str) -> None:
        worker = self._scene.workers[0]
        await worker.end()
        worker.start(**told)
        await worker.ready()


async def disk_full(scene: Scene, times: int) -> None:
    """A worker can write no more: it ends, and goes on once there is room."""
    for number in range(times):
        victim = scene.workers[number % 2]
        victim.fill_disk()
        code = await victim.dead(_PATIENCE_S)
        if code <= 0:
            raise RuntimeError(f"expected the exit code of a failure when the disk is full, got {code}")
        died, ends = time.monotonic(), Counter(scene.load.ends)
        victim.start()
        await scene.recovered(died, ends)
        await scene.calm()


async def disk_lost(scene: Scene, times: int) -> None:
    """A worker dies and its databases are gone."""
    for number in range(times):
        victim = scene.workers[number % 2]
        victim.send(signal.SIGKILL)
        await victim.dead()
        scene.kills += 1
        died, ends = time.monotonic(), Counter(scene.load.ends)
        victim.lose_state()
        victim.start()
        await scene.recovered(died, ends)
        await scene.calm()


def _jars(scene: Scene) -> Jars:
    if not isinstance(scene.node, Jars):
        raise TypeError(f"expected Apache Kafka, got the broker {scene.node.name}")
    return scene.node


def deaths(*, long: bool) -> Iterable[Trial]:
    """Point by point in the long form, mixed in the quick one."""
    if not long:
        return [killed("killed at every point", tuple(Point))]
    return [killed(f"killed {point}", (point,)) for point in Point]


def others() -> Iterable[Trial]:
    """Those that no broker is needed for."""
    return (Trial("slept through its session", slept), Trial("disk full", disk_full), Trial("databases lost", disk_lost))


def on_kafka() -> Iterable[Trial]:
    """Those that need Apache Kafka."""
    return (Trial("broker crashed", broker_crashed), Trial("network cut", cut_off), Trial("network slow and breaking off", slow))
