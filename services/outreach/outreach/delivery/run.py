"""Puts the courier together from its settings and runs it until it is told to end."""

import asyncio
import contextlib
import logging
import secrets
from dataclasses import dataclass
from functools import partial

import uvloop
from care_contracts import reputation, suppression
from care_contracts.clock import Clock, clock_from
from care_contracts.links import link_keys
from prometheus_client import REGISTRY, CollectorRegistry
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from outreach.backoff import SERVICE_AWAY, Backoff
from outreach.database import open_engine
from outreach.delivery import brake, coupons, ledger_table
from outreach.delivery.addresses import wire_address
from outreach.delivery.brake import Brake
from outreach.delivery.connections import Connections
from outreach.delivery.coupons import Coupons
from outreach.delivery.courier import Courier
from outreach.delivery.dkim import dkim_seal
from outreach.delivery.faults import FAULT
from outreach.delivery.gifts import Gifts
from outreach.delivery.grouped_writes import GroupedWrites
from outreach.delivery.ledger import Ledger
from outreach.delivery.letter import Links
from outreach.delivery.limits import Limits
from outreach.delivery.listening import Listening
from outreach.delivery.metrics import metrics
from outreach.delivery.pace import Pace
from outreach.delivery.publisher import Publisher
from outreach.delivery.smtp_url import mail_server
from outreach.delivery.sweep import Sweep
from outreach.delivery.voices import Voices
from outreach.playbook.versions import Versions
from outreach.published import Published
from outreach.serving import serve
from outreach.settings import DeliverSettings

log = logging.getLogger(__name__)


REAL = Clock()  # leases and tries are between machines and know only real time, whatever the system's clock shows


@dataclass(frozen=True, slots=True)
class Parts:
    """A courier process, put together and not yet connected to anything."""

    courier: Courier
    listening: Listening
    publisher: Publisher
    sweep: Sweep
    published: Published
    gifts: Gifts

    @property
    def ledger(self) -> Ledger:
        """Where claims are kept."""
        return self.sweep.ledger

    def remark(self) -> str:
        """What an operator should know although the courier works."""
        return "; ".join(filter(None, (self.sweep.brake.remark, self.courier.connections.remark)))

    def unready(self) -> str:
        """Which neighbours are away, in words; "" when none is."""
        reachable = {
            "ledger": self.courier.writes.reachable,
            "mail server": self.courier.connections.reachable,
            "broker": self.listening.reachable and self.publisher.reachable,
        }
        return ", ".join(f"{name} away" for name, there in reachable.items() if not there)


def parts(settings: DeliverSettings, versions: Versions, registry: CollectorRegistry) -> Parts:
    """Everything in its place; ValueError for a setting that cannot be meant. Nothing connects yet."""
    clock, figures = clock_from(settings.clock), metrics(registry)
    bounces = wire_address(settings.bounce_address) if settings.bounce_address else ""
    links = Links(link_keys(settings.link_keys.get_secret_value()), settings.public_url, bounces)
    seal = dkim_seal(settings.dkim_keys.get_secret_value(), settings.dkim_selectors, settings.dkim_domain)
    publisher = Publisher(settings.kafka, idempotence=settings.kafka_idempotence)
    urls = filter(None, (settings.smtp_url.get_secret_value(), settings.smtp_second_url.get_secret_value()))
    servers = [partial(mail_server(url).session, settings.smtp_timeout) for url in urls]
    suppressions = suppression.Suppressions(settings.suppression_key.get_secret_value().encode())
    ledger = Ledger(open_engine(settings.database_url), suppressions, f"{settings.courier_instance}/{secrets.token_hex(8)}")
    stops = Brake(ledger.engine)
    gifts = Gifts(Coupons(ledger.engine), versions.folder, figures.coupons_left, figures.coupons_empty)
    courier = Courier(
        Voices(versions, links, clock, seal).of,
        Connections(servers[0], settings.smtp_connections, further=servers[1:]),
        GroupedWrites(ledger, figures.ledger_groups),
        publisher.tell,
        clock,
        REAL.now,
        figures,
        gifts.unpacked,
        Pace(settings.smtp_timeout, Backoff(settings.retry_first, settings.retry_longest)),
        lambda: stops.stopped,
        Limits(settings.smtp_per_second, settings.smtp_per_domain),
    )
    listening = Listening(settings.kafka, settings.in_flight, courier, publisher, settings.courier_instance)
    published = Published(settings.kafka, versions, idempotence=settings.kafka_idempotence)
    return Parts(courier, listening, publisher, Sweep(ledger, courier, REAL.now, stops), published, gifts)


async def deliver(courier: Parts, ending: asyncio.Event) -> None:
    """Connects, however long that takes, and works until `ending` is set and what has begun is finished."""
    try:
        await _prepared(courier.ledger)
        await courier.publisher.start()
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(work) for work in (courier.courier.writes.run(), courier.published.run())]
            async with asyncio.TaskGroup() as work:
                work.create_task(courier.sweep.run(ending))
                work.create_task(courier.gifts.run(ending))
                work.create_task(courier.listening.run(ending))
            for task in beside:
                task.cancel()
    finally:
        await courier.courier.connections.close()
        await courier.publisher.stop()


def prepare(engine: Engine) -> None:
    """Makes every table that a courier needs, where it is missing."""
    for make in (suppression.prepare, reputation.prepare, ledger_table.prepare, coupons.prepare, brake.prepare):
        make(engine)


async def _prepared(ledger: Ledger) -> None:
    """Makes the tables and ends this instance's earlier lives, as soon as the database is there."""
    failures = 0
    while True:
        try:
            await asyncio.to_thread(prepare, ledger.engine)
            await asyncio.to_thread(ledger.end_earlier_lives, REAL.now())
        except (OperationalError, InterfaceError) as error:
            failures += 1
            log.warning("ledger: expected a connection, got %s (failure %d in a row)", type(error.orig).__name__, failures)
            await SERVICE_AWAY.pause(failures)
        else:
            return


async def _serve(settings: DeliverSettings, versions: Versions, registry: CollectorRegistry) -> None:
    courier = parts(settings, versions, registry)
    await serve(lambda ending: deliver(courier, ending), courier.unready, registry, settings.ops_host, settings.ops_port, courier.remark)


def run_courier(settings: DeliverSettings, versions: Versions, registry: CollectorRegistry = REGISTRY) -> None:
    """The whole process, until SIGTERM or SIGINT; raises what no new try can help: broken code, a stall, wrong settings."""
    FAULT.arm(settings.fault)
    with contextlib.suppress(asyncio.CancelledError):
        uvloop.run(_serve(settings, versions, registry))
