"""Coupons and points: each code is given once, the same grant always has the same code, and a letter waits for an empty pool."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from care_contracts.suppression import Suppressions
from outreach.backoff import Backoff
from outreach.delivery.coupons import Coupons, read_pools
from sqlalchemy import Engine

from deploy.mail.scripted import scripted
from tests.outreach.delivery.post_office import courier_for, order, real_ms

GIFT = {"coupon": {"pool": "thanks", "reward_id": "r-1"}}


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    fill(tmp_path, "# made up\nCODE-1\n\nCODE-2\n")
    return tmp_path


def fill(folder: Path, text: str) -> None:
    (folder / "coupons").mkdir(exist_ok=True)
    (folder / "coupons" / "thanks.txt").write_text(text)


def test_a_pool_holds_a_code_on_each_line(playbook: Path) -> None:
    assert read_pools(playbook) == {"thanks": ["CODE-1", "CODE-2"]}


def test_what_is_no_readable_line_is_no_code(playbook: Path) -> None:
    long = "x" * 101
    (playbook / "coupons" / "thanks.txt").write_bytes(b"\xef\xbb\xbfCODE-1\r\nGR\xfcN\r\n" + long.encode() + b"\r\nBELL\x07\r\n CODE-2 \r\n")
    assert read_pools(playbook) == {"thanks": ["CODE-1", "CODE-2"]}


def test_many_couriers_at_once_give_each_code_to_one_grant(engine: Engine) -> None:
    coupons = Coupons(engine)
    coupons.fill({"thanks": [f"CODE-{number}" for number in range(20)]})
    wishes = [f"r-{number}" for number in range(25)] * 2
    with ThreadPoolExecutor(8) as couriers:
        given = list(couriers.map(lambda wish: (wish, coupons.claim("thanks", wish)), wishes))
    codes: dict[Any, Any] = {wish: code for wish, code in given if code}
    assert len(set(codes.values())) == len(codes) == 20
    assert all(coupons.claim("thanks", wish) == code for wish, code in codes.items())
    assert coupons.left("thanks") == 0


def test_filling_up_adds_what_is_new_and_takes_nothing_back(engine: Engine) -> None:
    coupons = Coupons(engine)
    assert coupons.fill({"thanks": ["A", "B"]}) == {"thanks": 2}
    code = coupons.claim("thanks", "r-1")
    assert coupons.fill({"thanks": ["A", "B", "C", "C"]}) == {"thanks": 2}
    assert coupons.claim("thanks", "r-1") == code


async def test_the_letter_shows_the_code_and_a_replay_shows_it_again(engine: Engine, suppressions: Suppressions, playbook: Path) -> None:
    async with scripted() as server, courier_for(server.port, engine, suppressions, pools=playbook) as desk:
        await desk.deliver(order(options=GIFT))
        await desk.deliver(order("second letter of the rule", options=GIFT))
        await desk.deliver(order(options=GIFT))
    assert len(server.inbox) == 2
    assert all(b"CODE-1" in mail and b"CODE-2" not in mail for mail in server.inbox)


async def test_an_empty_pool_holds_the_letter_until_codes_come(sqlite: Engine, suppressions: Suppressions, tmp_path: Path, caplog: Any) -> None:
    fill(tmp_path, "# none left\n")
    moment = [real_ms()]
    command = order(options=GIFT)
    async with scripted() as server, courier_for(server.port, sqlite, suppressions, pools=tmp_path, real=lambda: moment[0], retry=Backoff(1, 1)) as desk:
        await desk.deliver(command)
        assert (desk.row(command).state, desk.row(command).category) == ("retry_at", "coupons")
        assert "the coupon pool thanks is empty" in caplog.text
        fill(tmp_path, "LATE-1\n")
        await desk.gifts.look()
        moment[0] += 2_000
        await desk.deliver(command)
    assert b"LATE-1" in server.inbox[0]
    assert desk.told_ids() == [f"{command.command_id}.sent"]
    assert "LATE-1" not in caplog.text


async def test_a_grant_is_told_once_by_its_pool_or_its_points(engine: Engine, suppressions: Suppressions, playbook: Path) -> None:
    coupon = order("coupon", kind="reward", what="thanks", options=GIFT, in_doubt="resend")
    points = order("points", kind="reward", what="50 points", options={"points": 50}, in_doubt="resend")
    async with courier_for(1, engine, suppressions, pools=playbook) as desk:
        await asyncio.gather(*(desk.deliver(command) for command in (coupon, points, coupon, points)))
    told = {event.id: (event.type, event.data) for event in desk.told}
    assert len(desk.told) == 2
    rule = {"rule": "checkin-after-delivery"}
    assert told[f"{coupon.command_id}.granted"] == ("reward.granted", {"reward_id": coupon.command_id, "coupon": "thanks"} | rule)
    assert told[f"{points.command_id}.granted"] == ("reward.granted", {"reward_id": points.command_id, "points": 50} | rule)


async def test_what_comes_too_late_takes_no_code_and_points_are_told_however_late(sqlite: Engine, suppressions: Suppressions, playbook: Path) -> None:
    late = {"not_after": real_ms() - 1000}
    coupon = order("coupon", kind="reward", what="thanks", options={"coupon": {"pool": "thanks", "reward_id": "r-late"}}, **late)
    letter = order("letter", options={"coupon": {"pool": "thanks", "reward_id": "r-late"}}, **late)
    points = order("points", kind="reward", what="50 points", options={"points": 50}, **late)
    async with courier_for(1, sqlite, suppressions, pools=playbook) as desk:
        for command in (coupon, letter, points):
            await desk.deliver(command)
    assert [(event.type, event.data.get("class", "")) for event in desk.told] == [
        ("message.failed", "expired"),
        ("message.failed", "expired"),
        ("reward.granted", ""),
    ]
    assert desk.gifts.coupons.left("thanks") == 2
