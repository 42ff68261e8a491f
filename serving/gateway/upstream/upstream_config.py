"""Settings of the calls to the model server."""

from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic import PositiveFloat
from pydantic import PositiveInt
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from schemas import signatures


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class UpstreamConfig:
    """Settings of the connection to one model on TensorFlow Serving.

    `retry_share` is a budget over all calls: so many retries for each call
    that succeeds, none once it is used up. Without it a server that falters
    would get `max_attempts` times its load just then.
    """

    address: str = "localhost:8500"  # host:port of gRPC, or unix:PATH
    model_name: str = signatures.MODEL_NAME
    version_label: str | None = None  # of the version to ask where no arm of
    # a test names one, such as `stable`; the highest that is loaded where
    # it is None, or no version has that label
    root_certificates_path: Path | None = None  # PEM; None = no TLS
    client_certificate_path: Path | None = None  # PEM that the gateway shows
    client_key_path: Path | None = None  # and the key of it, PEM
    timeout_seconds: PositiveFloat = 1.0  # of a request, retries included
    slow_timeout_seconds: PositiveFloat = 10.0  # of an explanation, and of
    # each call that encodes new items
    max_attempts: Annotated[int, Field(ge=1, le=5)] = 3  # gRPC's own bounds
    retry_share: Annotated[float, Field(gt=0, le=1)] = 0.1
    breaker_failures: PositiveInt = 5  # in a row, then no calls
    breaker_open_seconds: PositiveFloat = 0.5  # until one request may try
    max_new_items: PositiveInt = 1000  # beyond them the oldest leave

    @model_validator(mode="after")
    def _check(self) -> "UpstreamConfig":
        shown = self.client_certificate_path, self.client_key_path
        if any(shown) and not all([*shown, self.root_certificates_path]):
            raise ValueError(
                "`client_certificate_path` must come with `client_key_path` "
                "and `root_certificates_path`. Received: "
                f"{shown[0]}, {shown[1]}, {self.root_certificates_path}."
            )
        return self
