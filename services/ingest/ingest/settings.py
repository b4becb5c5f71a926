"""What the environment tells ingest."""

from care_contracts.settings import CareSettings
from pydantic import Field, SecretStr


class IngestSettings(CareSettings):
    """CARE_* variables of ingest; every limit has a default that suits a shop."""

    http_host: str = Field("127.0.0.1", description="the address to listen on")
    http_port: int = Field(8080, ge=0, le=65535, description="the port to listen on; 0 for any free one")
    api_keys: SecretStr = Field(description="who may post: NAME:SHA256[,NAME:SHA256…], as printed by `python -m ingest new-key NAME`")
    kafka_idempotence: bool = Field(False, description="true with Apache Kafka; the embedded broker cannot do it")
    delivery_timeout: float = Field(5.0, gt=0, le=60, description="seconds to wait for the broker's acknowledgement before answering 503")
    in_flight: int = Field(5000, ge=1, description="events that may wait for the broker at once; beyond it the answer is 503 right away")
    max_body: int = Field(262_144, ge=1024, description="bytes of a request's body")
    max_event: int = Field(32_768, ge=1024, description="bytes of one event as it goes to the stream")
    max_depth: int = Field(16, ge=3, le=100, description="objects and lists inside each other in one event")
    max_events: int = Field(500, ge=1, description="events in one request")
    body_timeout: float = Field(10.0, gt=0, description="seconds a client may take to send its body")
