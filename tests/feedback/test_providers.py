"""Providers' webhooks: what they tell is believed when it is theirs, of our letters, and once."""

import base64
import json
from typing import Any

import httpx
import pytest
from care_contracts.clock import DAY_MS, Clock
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from feedback.forms import LONGEST_CALL
from feedback.providers.calls import Forged
from feedback.providers.sendgrid import sendgrid_key
from feedback.providers.setup import providers
from feedback.providers.sns import amazon_url
from feedback.settings import FeedbackSettings

from tests.feedback.provider_calls import (
    CERTIFICATE,
    PROVIDERS,
    SENDGRID_PRIVATE,
    TOPIC,
    Amazon,
    Call,
    certificate,
    mailgun,
    payload,
    sendgrid,
    ses,
    set_up,
    sns_message,
)
from tests.feedback.stage import NOW, Service, letter
from tests.feedback.test_reading_returns import ORIGIN


@pytest.fixture
def amazon(service: Service) -> Amazon:
    """All providers are set up, and this is what stands at Amazon's addresses."""
    there = Amazon()
    set_up(service, there)
    return there


async def call(client: httpx.AsyncClient, provider: str, made: Call) -> int:
    """The status of the answer."""
    body, headers = made
    return (await client.post(f"/hooks/{provider}", content=body, headers=headers)).status_code


def told(service: Service) -> list[tuple[str, Any]]:
    """What the topic learnt."""
    return [(event.type.partition(".")[2], event.data.get("class")) for event in service.topic.events]


BOUNCE_AND_COMPLAINT = [("bounced", "hard"), ("complained", None)]
CASES = {
    "ses": (("ses-bounce", "ses-complaint"), BOUNCE_AND_COMPLAINT),
    "postmark": (("postmark-bounce", "postmark-complaint"), BOUNCE_AND_COMPLAINT),
    "sendgrid": (("sendgrid",), BOUNCE_AND_COMPLAINT),
    "mailgun": (("mailgun-failed", "mailgun-complained"), [("bounced", "soft"), ("complained", None)]),
}


@pytest.mark.usefixtures("amazon")
@pytest.mark.parametrize("provider", CASES)
async def test_what_a_provider_tells_becomes_the_same_events_once(service: Service, client: httpx.AsyncClient, provider: str) -> None:
    await service.writes(letter())
    names, expected = CASES[provider]

    for _ in range(2):
        for name in names:
            further = {"token": name} if provider == "mailgun" else {}
            assert await call(client, provider, PROVIDERS[provider](payload(name), **further)) == 200

    assert told(service) == expected
    assert await service.stopped("care") == ["care"]
    assert all("example.org" not in str(event.data) for event in service.topic.events)


@pytest.mark.usefixtures("amazon")
@pytest.mark.parametrize("provider", CASES)
async def test_nobody_else_is_believed(service: Service, client: httpx.AsyncClient, provider: str) -> None:
    await service.writes(letter())
    body, headers = PROVIDERS[provider](payload(CASES[provider][0][0]))

    for forged in _forged(provider, body, headers):
        assert await call(client, provider, forged) == 403

    assert told(service) == []
    assert await service.stopped("care") == []
    assert await call(client, provider, (body, headers)) == 200


def _forged(provider: str, body: bytes, headers: dict[str, str]) -> list[Call]:
    """The genuine call with something wrong about it, where the provider signs it."""
    forged: list[Call] = [(b"", headers), (b"[[", headers), (b"null", {})]
    if provider in ("postmark", "sendgrid"):
        forged += [(body, headers | {name: value[:-9] + value[-9:].swapcase()}) for name, value in headers.items() if not value.isdecimal()]
        forged += [(body, {})]
    if provider == "sendgrid":
        forged += [(body, headers | {"X-Twilio-Email-Event-Webhook-Timestamp": str(NOW // 1000 + 1)})]
    if provider in ("ses", "sendgrid"):
        forged += [(body.replace(b"5.1.1", b"5.1.2"), headers)]
    if provider in ("ses", "mailgun"):
        forged += [(body.replace(b'ignature": "', b'ignature": "0'), headers), (body.replace(b'ignature"', b'ignatura"'), headers)]
    return forged


@pytest.mark.usefixtures("amazon")
@pytest.mark.parametrize("provider", ["ses", "sendgrid", "mailgun"])
@pytest.mark.parametrize("at", [NOW - DAY_MS - 1000, NOW + 600_000])
async def test_a_call_of_another_time_is_refused(service: Service, client: httpx.AsyncClient, provider: str, at: int) -> None:
    await service.writes(letter())

    assert await call(client, provider, PROVIDERS[provider](payload(CASES[provider][0][0]), at)) == 403
    assert told(service) == []


@pytest.mark.usefixtures("amazon")
async def test_mailguns_signature_is_good_for_one_body_only(service: Service, client: httpx.AsyncClient) -> None:
    await service.writes(letter())

    assert await call(client, "mailgun", mailgun({"event": "opened"})) == 200
    assert await call(client, "mailgun", mailgun(payload("mailgun-complained"))) == 403
    assert told(service) == []


@pytest.mark.usefixtures("amazon")
async def test_a_letter_that_is_not_known_yet_is_to_come_again(service: Service, client: httpx.AsyncClient) -> None:
    assert await call(client, "sendgrid", sendgrid(payload("sendgrid"))) == 503
    await service.writes(letter())
    assert await call(client, "sendgrid", sendgrid(payload("sendgrid"))) == 200
    assert told(service) == BOUNCE_AND_COMPLAINT


@pytest.mark.parametrize(
    ("changes", "event"),
    [
        ({"type": "blocked", "status": "5.7.1"}, ("bounced", "policy")),
        ({"type": "blocked", "status": "", "reason": "refused"}, ("bounced", "policy")),
        ({"type": "blocked", "status": "5.1.1"}, ("bounced", "soft")),
        ({"type": "bounce", "status": ""}, ("bounced", "hard")),
        ({"type": "bounce", "status": "5.2.2"}, ("bounced", "soft")),
    ],
)
@pytest.mark.usefixtures("amazon")
async def test_whose_fault_a_provider_says_it_was(service: Service, client: httpx.AsyncClient, changes: dict[str, str], event: tuple[str, str]) -> None:
    await service.writes(letter())

    assert await call(client, "sendgrid", sendgrid([payload("sendgrid")[2] | changes])) == 200
    assert told(service) == [event]


async def test_a_provider_that_is_not_set_up_has_no_door_and_a_flood_ends(service: Service, client: httpx.AsyncClient) -> None:
    assert await call(client, "postmark", (b"{}", {})) == 404
    set_up(service, Amazon())
    assert await call(client, "sendgrid", (b"x" * (LONGEST_CALL + 1), {})) == 413
    assert await call(client, "sendgrid", (b"[" * 100_000, {})) == 403


async def test_the_certificate_is_fetched_once_and_a_topics_subscription_is_confirmed(service: Service, client: httpx.AsyncClient, amazon: Amazon) -> None:
    await service.writes(letter())
    confirm = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t"
    asking = {"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe", "Token": "t", "SubscribeURL": confirm}

    assert await call(client, "ses", sns_message(asking)) == 200
    assert await call(client, "ses", ses(payload("ses-bounce"))) == 200

    assert amazon.asked == [CERTIFICATE, confirm]


@pytest.mark.parametrize(
    "changes",
    [
        {"TopicArn": "arn:aws:sns:eu-west-1:999999999999:somebody-elses"},
        {"SignatureVersion": "1"},
        {"Type": "Other"},
        {"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/x.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem"},
        {"SigningCertURL": "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem"},
    ],
)
async def test_another_topics_or_servers_message_makes_us_ask_nobody(service: Service, client: httpx.AsyncClient, amazon: Amazon, changes: Any) -> None:
    await service.writes(letter())

    assert await call(client, "ses", ses(payload("ses-bounce"), **changes)) == 403
    assert amazon.asked == []
    assert told(service) == []


async def test_a_confirmation_leads_only_to_amazon(client: httpx.AsyncClient, amazon: Amazon) -> None:
    asking = {"Type": "SubscriptionConfirmation", "Message": "", "Token": "t", "SubscribeURL": "https://169.254.169.254/latest/meta-data"}

    assert await call(client, "ses", sns_message(asking)) == 403
    assert amazon.asked == [CERTIFICATE]


async def test_a_certificate_that_cannot_be_had_or_is_over_stops_nothing_for_good(service: Service, client: httpx.AsyncClient, amazon: Amazon) -> None:
    await service.writes(letter())
    amazon.away = True
    assert await call(client, "ses", ses(payload("ses-bounce"))) == 503
    amazon.away, amazon.certificate = False, certificate(days=-1)
    assert await call(client, "ses", ses(payload("ses-bounce"))) == 403
    assert told(service) == []


async def test_amazons_words_to_people_are_no_event(service: Service, client: httpx.AsyncClient, amazon: Amazon) -> None:
    assert await call(client, "ses", ses({}, Message="Successfully validated SNS topic for Amazon SES event publishing.")) == 200
    assert await call(client, "ses", ses({}, Message=json.dumps([1, None]))) == 200
    assert told(service) == []
    assert amazon.asked == [CERTIFICATE]


@pytest.mark.parametrize(
    "url",
    [
        "https://user@sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
        "https://sns.eu-west-1.amazonaws.com/a/../x.pem",
        "https://sns.eu-west-1.amazonaws.com/x.pem?y",
        "https://bucket.s3.amazonaws.com/x.pem",
        "ftp://sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com\n.evil.example/x.pem",
        "",
    ],
)
def test_no_other_address_is_amazons(url: str) -> None:
    with pytest.raises(Forged):
        amazon_url(url, certificate=True)
    assert amazon_url("https://sns.us-gov-west-1.amazonaws.com/x.pem", certificate=True)
    assert amazon_url("https://sns.cn-north-1.amazonaws.com.cn/x.pem", certificate=True)


@pytest.mark.parametrize("text", ["nonsense", "", "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="])
def test_an_unfit_key_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="SendGrid"):
        sendgrid_key(text)


def test_a_provider_is_set_up_by_its_setting(service: Service) -> None:
    told = {"link_keys": "1:a secret of some length", "suppression_key": "a secret of some length", "database_url": "sqlite://"}
    public = SENDGRID_PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    keys = {"ses_topic": TOPIC, "postmark_login": "a:b", "sendgrid_key": base64.b64encode(public).decode(), "mailgun_key": "x"}
    for given in ({}, *({name: value} for name, value in keys.items()), keys):
        settings = FeedbackSettings(**told, **given)  # type: ignore[arg-type] # pydantic reads the texts
        assert set(providers(settings, ORIGIN, service.database, Clock())) == {name.partition("_")[0] for name in given}
