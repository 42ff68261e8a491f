"""The settings of a deployment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from typing import Any
from typing import Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator
from pydantic import Field
from pydantic import PositiveFloat
from pydantic import PositiveInt
from pydantic import TypeAdapter
from pydantic import ValidationError
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from schemas.settings_file import describe_problems
from schemas.settings_file import read_settings
from serving.gateway.gateway_config import GatewayConfig

DEFAULT_VALUES = Path(__file__).parent / "values.yaml"

# A DNS label: what Kubernetes takes as a name, and a URL as one segment.
Name = Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$")]

FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$")]


def _check_pin(image: str) -> str:
    """`latest`, or no tag, means another image on each node."""
    tag = image.rpartition("/")[2].partition(":")[2]
    if not tag or tag == "latest":
        raise ValueError(
            "An image must name a version, `name:tag` or `name@sha256:...`."
            f" Received: {image!r}."
        )
    return image


Image = Annotated[str, AfterValidator(_check_pin)]


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class ModelValues:
    """The model, where its versions lie, and which are served.

    Without `versions` the highest number is served: each push is rolled out.
    With them exactly these are loaded, and `labels` say which is stable or
    canary.
    """

    name: Name
    memory_mib: PositiveInt  # of one loaded version
    claim: Name = "models"  # volume claim with <name>/<version>/
    host_folder: str = "./models"  # the same folder, for compose
    versions: tuple[PositiveInt, ...] = ()
    labels: Mapping[Name, PositiveInt] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_labels(self) -> "ModelValues":
        unlisted = sorted(set(self.labels.values()) - set(self.versions))
        if unlisted:
            raise ValueError(
                "`model.labels` must name versions that `model.versions` "
                f"lists, else nothing loads them. Received: {unlisted}."
            )
        return self


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class ImageValues:
    """Images by tag or digest."""

    stock: Image
    embedded: Image
    gateway: Image
    prometheus: Image


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class BatchingValues:
    """Server-side batching of Predict.

    The server pads windows of different lengths with the first element of each
    list. Our clients begin every list with "", which means nothing; callers
    that send raw tensors must do the same, and so it is off by default.
    """

    enabled: bool = False
    max_batch_size: PositiveInt = 32
    batch_timeout_micros: int = Field(default=1000, ge=0)
    max_enqueued_batches: PositiveInt = 64


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class ServerValues:
    """The model server's process."""

    kind: Literal["stock", "embedded"] = "stock"
    cpus: PositiveInt = 2
    overhead_mib: PositiveInt = 1024  # memory without any model
    startup_seconds: PositiveInt = 600  # to load and warm up, then restart
    drain_seconds: PositiveInt = 15  # until callers have noticed the end
    grace_seconds: PositiveInt = 60  # for all of stopping
    file_poll_seconds: PositiveInt = 5  # of the folder with the versions
    config_poll_seconds: PositiveInt = 30  # of models.config
    connection_age_seconds: PositiveInt = 300  # then callers find new pods
    load_retry_seconds: PositiveInt = 10
    batching: BatchingValues = Field(default_factory=BatchingValues)

    @model_validator(mode="after")
    def _check_grace(self) -> "ServerValues":
        if self.grace_seconds <= self.drain_seconds:
            raise ValueError(
                "`server.grace_seconds` must be above `server.drain_seconds`,"
                " which is part of it. Received: "
                f"grace_seconds={self.grace_seconds}, "
                f"drain_seconds={self.drain_seconds}."
            )
        return self


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class AutoscalingValues:
    """How many servers run; one more while p95 or CPU are above target."""

    min_replicas: int = Field(default=2, ge=2)  # one may always go
    max_replicas: PositiveInt = 10
    latency_p95_ms: PositiveFloat = 50.0
    cpu_percent: PositiveInt = 70

    @model_validator(mode="after")
    def _check_order(self) -> "AutoscalingValues":
        if self.max_replicas < self.min_replicas:
            raise ValueError(
                "`autoscaling.max_replicas` must not be below min_replicas. "
                f"Received: max_replicas={self.max_replicas}, "
                f"min_replicas={self.min_replicas}."
            )
        return self


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class AlertValues:
    """Thresholds of the alerts."""

    error_share: PositiveFloat = Field(default=0.01, lt=1)
    unknown_model_share: PositiveFloat = Field(default=0.05, lt=1)
    latency_p99_ms: PositiveFloat = 250.0
    gateway_latency_p99_ms: PositiveFloat = 500.0
    stand_in_share: PositiveFloat = Field(default=0.05, lt=1)  # of slates
    live_log_share: PositiveFloat = Field(default=0.25, lt=1)  # of a volume


# Gateway settings that the deployment sets itself.
_DEPLOYED = (
    ("catalogue",),
    ("upstream", "address"),
    ("upstream", "model_name"),
    ("storage", "state"),
    ("storage", "log"),
)


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class GatewayValues:
    """The gateway: `python -m serving.gateway` on port 8080."""

    enabled: bool = True
    replicas: PositiveInt = 1  # more than one need `redis`; compose runs one
    redis: str | None = None  # redis://host:port/number; None = SQLite on
    # the gateway's volume. Its password: see the rendered README.md
    catalogue: FileName | None = None  # JSON Lines beside the models' folders
    config: Mapping[str, Any] = Field(default_factory=dict)  # as in
    # serving/gateway/example.yaml, without what the deployment knows; spans
    # are closed every 24 hours unless it says otherwise
    keys_secret: Name = "gateway-keys"  # Secret with keys.yaml, and with
    # redis-password if it has one
    keys_host_folder: str = "./secrets"  # the same file, for compose
    storage_gib: PositiveInt = 10  # of each gateway: its log, and SQLite
    startup_seconds: PositiveInt = 300  # until the state has all of the log
    cpus: PositiveInt = 1
    memory_mib: PositiveInt = 512  # 210, of which 120 fill as users come,
    # and 120 for each 100,000 items

    @model_validator(mode="after")
    def _check(self) -> "GatewayValues":
        if self.replicas > 1 and self.redis is None:
            raise ValueError(
                "`gateway.replicas` above 1 must share a Redis, "
                "`gateway.redis`: SQLite is one gateway's own. Received: "
                f"replicas={self.replicas}, redis=None."
            )
        if self.redis is not None:
            _check_redis(self.redis)
        for keys in _DEPLOYED:
            found: object = self.config
            for key in keys:
                found = found.get(key) if isinstance(found, Mapping) else None
            if found is not None:
                raise ValueError(
                    "`gateway.config` must leave `catalogue`, addresses and "
                    f"places to the other values. Received: {'.'.join(keys)}."
                )
        try:
            TypeAdapter(GatewayConfig).validate_python(dict(self.config))
        except ValidationError as error:
            problems = [
                f"`gateway.config.{'.'.join(map(str, one['loc']))}`: "
                f"{one['msg']}"
                for one in error.errors()
            ]
            raise ValueError("; ".join(problems)) from error
        return self


def _check_redis(url: str) -> None:
    """Refuses an address that is not Redis, or that holds a secret."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ValueError(
            "`gateway.redis` must be redis://host:port/number, or rediss:// "
            f"for TLS. Received: {parts.scheme or 'no'}://..."
        )
    if "@" in parts.netloc or "password" in parts.query:
        raise ValueError(
            "`gateway.redis` must hold no user and no password: a ConfigMap "
            "is no place for secrets. Received: one that does."
        )


@dataclass(
    frozen=True,
    kw_only=True,
    # The error message must not show the secret that it refuses.
    config={"extra": "forbid", "hide_input_in_errors": True},
)
class DeployValues:
    """All settings; `values.yaml` holds those that have no default."""

    namespace: Name
    model: ModelValues
    images: ImageValues
    server: ServerValues = Field(default_factory=ServerValues)
    autoscaling: AutoscalingValues = Field(default_factory=AutoscalingValues)
    alerts: AlertValues = Field(default_factory=AlertValues)
    gateway: GatewayValues = Field(default_factory=GatewayValues)
    prometheus_namespace: Name = "monitoring"  # whose pods may scrape


def load_values(path: Path = DEFAULT_VALUES) -> DeployValues:
    """Reads a values file.

    Raises:
        ValueError: a key is unknown, missing or out of range; the message
            names it.
        OSError: the file cannot be read.
    """
    try:
        return TypeAdapter(DeployValues).validate_python(read_settings(path))
    except ValidationError as error:
        problems = describe_problems(error, DeployValues, secret="gateway")
        raise ValueError("\n".join([f"{path}:", *problems])) from error
