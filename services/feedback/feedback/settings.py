"""What `python -m feedback` is told by its environment, beyond what every service is told."""

from typing import Literal

from care_contracts.settings import LinkSettings
from pydantic import Field, SecretStr


class FeedbackSettings(LinkSettings):
    """CARE_* variables of `python -m feedback`."""

    http_host: str = Field("127.0.0.1", description="where the pages are served")
    http_port: int = Field(8082, ge=0, le=65535)
    mail_host: str = Field("127.0.0.1", description="where a mail server hands in bounces, complaints and replies")
    mail_port: int = Field(0, ge=0, le=65535, description="0 for no such port")
    mail_protocol: Literal["lmtp", "smtp"] = Field("lmtp", description="what is spoken there")
    ses_topic: str = Field("", description="ARN of the SNS topic (signature version 2) on which Amazon SES tells: /hooks/ses")
    postmark_login: SecretStr = Field(SecretStr(""), description="USER:PASSWORD in the address of Postmark's webhooks: /hooks/postmark")
    sendgrid_key: str = Field("", description="verification key of SendGrid's signed event webhook: /hooks/sendgrid")
    mailgun_key: SecretStr = Field(SecretStr(""), description="HTTP webhook signing key of Mailgun: /hooks/mailgun")
    brand_name: str = Field("", max_length=80, description="the name that customers know, shown on every page; as in the playbook's policy")
    kafka_idempotence: bool = Field(False, description="idempotent producers; the embedded broker has none")
