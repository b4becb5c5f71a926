"""A survey link shows a page, and only a press of its button is an answer."""

import httpx
import pytest
from care_contracts.links import Use

from tests.feedback.stage import NOW, Service, letter

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


async def answer(client: httpx.AsyncClient, link: str, **form: str) -> httpx.Response:
    return await client.post(link, data=form)


async def test_an_answer_becomes_an_event_with_everything_that_is_known_of_the_letter(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter("A1"))

    page = await answer(client, service.link(Use.SURVEY, letter("A1")), score="5", comment="Lovely  \r\nkettle\x07")

    assert page.status_code == 200
    assert "makes our day" in page.text
    (event,) = service.topic.events
    assert (event.type, event.source, event.customer_id, event.time, event.recorded) == ("survey.answered", "careloop/feedback", "ada", NOW, NOW)
    assert event.data == {
        "survey": "csat",
        "kind": "csat",
        "score": 5,
        "comment": "Lovely  \nkettle",
        "command_id": letter("A1").command_id,
        "rule": "checkin",
        "letter": "checkin",
        "order_id": "A1",
    }


async def test_the_link_preselects_its_score_and_answers_nothing(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())

    page = await client.get(service.link(Use.SURVEY, letter()), params={"score": "4"})

    assert page.text.count(" checked") == 1
    assert 'value="4" required checked' in page.text
    assert service.topic.events == []


@pytest.mark.parametrize("score", ["0", "6", "04", "²", "-1", "4.0", ""])
async def test_a_score_beyond_the_scale_is_not_preselected(service: Service, client: httpx.AsyncClient, score: str) -> None:
    await service.writes(letter())

    page = await client.get(service.link(Use.SURVEY, letter()), params={"score": score})

    assert page.status_code == 200
    assert " checked" not in page.text


async def test_a_double_click_is_one_event(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())
    link = service.link(Use.SURVEY, letter())

    pages = [await answer(client, link, score="4", comment="fine") for _ in range(2)]

    assert [page.status_code for page in pages] == [200, 200]
    assert len({event.id for event in service.topic.events}) == 1


async def test_changing_an_answer_there_and_back_is_three_events_in_that_order(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())
    link = service.link(Use.SURVEY, letter())

    for score in ("2", "5", "2"):
        await answer(client, link, score=score)

    assert [event.data["score"] for event in service.topic.events] == [2, 5, 2]
    assert len({event.id for event in service.topic.events}) == 3


async def test_the_thanks_fit_the_score(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())
    link = service.link(Use.SURVEY, letter())

    assert "A person will read this" in (await answer(client, link, score="1")).text
    assert "room for us to do better" in (await answer(client, link, score="3")).text


async def test_without_a_choice_the_page_says_what_is_missing_and_keeps_the_comment(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())

    page = await answer(client, service.link(Use.SURVEY, letter()), comment="<b>hm</b>", score="9")

    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert 'href="#score-1"' in page.text
    assert "&lt;b&gt;hm&lt;/b&gt;</textarea>" in page.text
    assert service.topic.events == []


async def test_a_comment_may_have_2000_characters_and_not_one_more(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())
    link = service.link(Use.SURVEY, letter())

    assert (await answer(client, link, score="3", comment="ü" * 2001)).status_code == 422
    assert (await answer(client, link, score="3", comment="😀" * 2000)).status_code == 200
    assert service.topic.events[0].data["comment"] == "😀" * 2000


async def test_a_recommendation_is_asked_from_0_to_10(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter(survey="nps"))
    link = service.link(Use.SURVEY, letter(survey="nps"))

    assert (await client.get(link)).text.count('type="radio"') == 11
    await answer(client, link, score="0")

    (event,) = service.topic.events
    assert (event.data["survey"], event.data["kind"], event.data["score"]) == ("nps", "nps", 0)


async def test_a_survey_of_another_name_asks_on_five_faces_under_that_name(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter(survey="after-delivery"))
    link = service.link(Use.SURVEY, letter(survey="after-delivery"))

    assert (await client.get(link)).text.count('type="radio"') == 5
    await answer(client, link, score="4")

    assert (service.topic.events[0].data["survey"], service.topic.events[0].data["kind"]) == ("after-delivery", "csat")


async def test_nobody_is_thanked_before_the_broker_has_the_answer_and_yet_it_is_not_lost(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())
    link = service.link(Use.SURVEY, letter())
    service.topic.away = True

    page = await answer(client, link, score="2")

    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "nothing more for you to do" in page.text
    assert await service.outbox.waiting() == 1

    service.topic.away = False
    assert (await answer(client, link, score="2")).status_code == 200
    assert [event.data["score"] for event in service.topic.events] == [2]


async def test_a_later_answer_never_overtakes_one_that_waits(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())
    link = service.link(Use.SURVEY, letter())
    service.topic.away = True
    await answer(client, link, score="2")
    service.topic.away = False
    service.hands.seconds += 60

    await answer(client, link, score="5")

    assert [event.data["score"] for event in service.topic.events] == [2, 5]
    assert [(event.time - NOW, event.recorded - NOW) for event in service.topic.events] == [(0, 60_000), (60_000, 60_000)]


async def test_a_form_of_more_than_64_kilobytes_is_refused(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())

    page = await answer(client, service.link(Use.SURVEY, letter()), score="3", comment="x" * 70_000)

    assert page.status_code == 413
    assert service.topic.events == []
