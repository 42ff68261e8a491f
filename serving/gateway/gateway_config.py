"""One YAML file describes one gateway."""

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Annotated
from urllib.parse import quote
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

from pydantic import Field
from pydantic import NonNegativeFloat
from pydantic import NonNegativeInt
from pydantic import PositiveFloat
from pydantic import PositiveInt
from pydantic import TypeAdapter
from pydantic import ValidationError
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from schemas.events import RATING_TYPES
from schemas.rating_scale import RatingScale
from schemas.settings_file import describe_problems
from schemas.settings_file import read_settings
from serving.gateway.api.models import MAX_SLATE
from serving.gateway.behavior.feedback_config import DEFAULT_FEEDBACK
from serving.gateway.behavior.feedback_config import FeedbackConfig
from serving.gateway.behavior.feedback_config import check_ratings
from serving.gateway.behavior.feedback_config import find_kind
from serving.gateway.behavior.feedback_config import guess_scale
from serving.gateway.behavior.state.state_limits import DAY
from serving.gateway.behavior.state.state_limits import StateLimits
from serving.gateway.experiments.experiment_config import ExperimentConfig
from serving.gateway.ranking.ranking_config import RankingConfig
from serving.gateway.records.event import Event
from serving.gateway.upstream.upstream_config import UpstreamConfig

REDIS_PASSWORD_VARIABLE = "TASTEMAKER_GATEWAY_REDIS_PASSWORD"


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class SlateConfig:
    """Settings of slates."""

    repeats: bool | None = None  # as the dataset's `repeats`: whether slates
    # show what the user met, where a request does not say. None = what
    # `tastemaker gateway` finds in the pushed version, else no
    num_candidates: Annotated[int, Field(ge=1, le=1000)] = 50  # asked of the
    # model, to be ordered again; never fewer than the slate is long
    max_title_neighbours: NonNegativeInt = 3  # new items that a slate gains at
    # most because their titles resemble one that the user liked; 0 = none
    num_popular: PositiveInt = 500  # items of the slate for when no model
    # answers
    popularity_seconds: PositiveFloat = 1.0  # how old counts may be
    need_seconds: NonNegativeFloat = 300.0  # how long what a user searched
    # for is the need of a request that names none; 0 = at no time
    last_good_seconds: NonNegativeFloat = 3600.0  # how long a user's last
    # slate stands in for the model
    max_pending: PositiveInt = 10_000  # slates that wait for feedback; fewer
    # where they are long, see pending_slates.py
    settle_seconds: PositiveFloat = 1800.0  # after which a slate has had
    # its chance
    save_seconds: PositiveFloat = 5.0  # between two copies of what was learnt


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class LimitConfig:
    """Limits of one caller, and of all callers."""

    requests_per_second: PositiveInt = 200  # of one key, or one address
    burst_seconds: PositiveInt = 1  # over which they are counted
    max_body_bytes: PositiveInt = 1 << 20
    body_seconds: PositiveFloat = 10.0  # until a head, and a body, must have
    # arrived, and an answer must be taken
    max_concurrency: PositiveInt = 64  # requests at once; beyond it a 503


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class StorageConfig:
    """Where the gateway keeps its state and log."""

    state: str = "sqlite:///gateway/state.sqlite"  # or redis://host:port/0
    log: str = "gateway/log"  # folder of the behaviour log
    max_items: PositiveInt = StateLimits.items  # that came to the gateway,
    max_profiles: PositiveInt = StateLimits.profiles  # and profiles of users;
    # beyond it those whose last change is the oldest leave, with a warning
    popularity_days: PositiveFloat | None = None  # until an event counts half
    # in popularity; None = 7, or as the data of a run that the gateway begins
    # with. Another number begins all counts at zero
    window_spans: PositiveInt = 30  # spans that the newest span goes back
    span_hours: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] | None = (
        None  # closes a span so often, counted from the epoch: 24 = at
    )
    # midnight UTC; None = only `POST /v1/spans` does, which may come on top

    @property
    def state_limits(self) -> StateLimits:
        """What the state keeps at most."""
        limits = StateLimits(items=self.max_items, profiles=self.max_profiles)
        if self.popularity_days is None:
            return limits
        half_life = self.popularity_days * DAY
        return dataclasses.replace(limits, half_life=half_life)

    @model_validator(mode="after")
    def _check(self) -> "StorageConfig":
        # Here, and in our own words: whoever reads the URL later would quote
        # what is wrong in it, perhaps the password.
        try:
            parts = urlsplit(self.state)
            is_readable = bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_readable = False
        if self.state.startswith(("redis:", "rediss:")) and not is_readable:
            raise ValueError(
                "`state` must be redis://HOST:PORT/NUMBER, the password, if it "
                "is there, percent-encoded. Received: what cannot be read so."
            ) from None
        return self


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class GatewayConfig:
    """Everything a gateway depends on, apart from its address and secrets."""

    catalogue: str | None = None  # JSON Lines of items; None = only what
    # `POST /v1/items` brought
    category_words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # category to what people say for it, beside its name; none = as the pushed
    # version of a run tells
    upstream: UpstreamConfig = field(default_factory=UpstreamConfig)
    storage: StorageConfig = field(default_factory=StorageConfig)
    ranking: RankingConfig = field(default_factory=RankingConfig)
    slates: SlateConfig = field(default_factory=SlateConfig)
    experiments: tuple[ExperimentConfig, ...] = ()
    feedback: Annotated[dict[str, FeedbackConfig], Field(min_length=1)] = field(
        default_factory=lambda: dict(DEFAULT_FEEDBACK)
    )
    ratings: RatingScale | None = None  # of the model's data; None = that of
    # the numbers in `feedback`, if there are two and no words, else the default
    limits: LimitConfig = field(default_factory=LimitConfig)
    image_origins: tuple[str, ...] = ()  # where the page may load covers
    # from, such as https://images.example.com

    @model_validator(mode="after")
    def _check(self) -> "GatewayConfig":
        if self.slates.num_popular < MAX_SLATE:
            raise ValueError(
                f"`num_popular` must be at least {MAX_SLATE}, the longest "
                f"slate. Received: {self.slates.num_popular}."
            )
        names = [experiment.name for experiment in self.experiments]
        if len(set(names)) < len(names):
            raise ValueError(
                f"experiments must have names of their own. Received: {names}."
            )
        for experiment in self.experiments:
            for arm in experiment.arms.values():
                for policy in (arm.policy, arm.interleave_with):
                    if policy and policy not in self.ranking.policies:
                        raise ValueError(
                            f"experiment {experiment.name!r} must name "
                            f"policies of `ranking`. Received: {policy!r}."
                        )
        is_said = self.ratings is not None
        check_ratings(self.feedback, self.rating_scale, is_said)
        return self

    @property
    def rating_scale(self) -> RatingScale:
        """Which ratings are likes, and which are dislikes."""
        return self.ratings or guess_scale(self.feedback.values())

    def list_version_labels(self) -> list[str]:
        """Lists the labels of the model's versions that are asked for."""
        labels = {self.upstream.version_label}
        for experiment in self.experiments:
            labels |= {arm.version_label for arm in experiment.arms.values()}
        return sorted(label for label in labels if label is not None)

    def find_value(self, kind: FeedbackConfig) -> float | None:
        """Returns what the event of a feedback says; None = nothing."""
        return kind.find_value(self.rating_scale)

    def judge(self, event_type: str, value: float | None) -> int:
        """Tells whether an event is a like, 1, a dislike, -1, or neither."""
        kind = self.find_feedback(event_type, value)
        if kind is not None:
            return 1 if kind.reward > 0.0 else -1
        if value is None or event_type not in RATING_TYPES:
            return 0
        scale = self.rating_scale
        return int(scale.is_liked(value)) - int(scale.is_disliked(value))

    def find_feedback(
        self, event_type: str, value: float | None
    ) -> FeedbackConfig | None:
        """Finds the kind of feedback of an event; None = none fits."""
        kinds = self.feedback.values()
        return find_kind(kinds, self.rating_scale, event_type, value)

    def name_feedback(self, event: Event) -> str:
        """Names the kind of feedback of an event; "" = none fits."""
        found = self.find_feedback(event.event_type, event.value)
        names = (name for name, kind in self.feedback.items() if kind is found)
        return next(names, "")


def load_gateway_config(
    path: Path | None, environment: Mapping[str, str] = os.environ
) -> GatewayConfig:
    """Reads a gateway's settings.

    Args:
        path: a YAML file; an empty one, or None, means the defaults.
        environment: may hold the password of the state's Redis, because its URL
            is in files that must not hold secrets.

    Raises:
        ValueError: the file is no YAML mapping, or holds a key, type or value
            that is not allowed; the message names the key. Or there is a
            password, and no Redis, or one that has a password.
        OSError: the file cannot be read.
    """
    values = {} if path is None else read_settings(path)
    try:
        config = TypeAdapter(GatewayConfig).validate_python(values)
    except ValidationError as error:
        problems = describe_problems(error, GatewayConfig, secret="storage")
        raise ValueError("\n".join([f"{path}:", *problems])) from error
    password = environment.get(REDIS_PASSWORD_VARIABLE)
    if not password:
        return config
    state = add_redis_password(config.storage.state, password)
    storage = dataclasses.replace(config.storage, state=state)
    return dataclasses.replace(config, storage=storage)


def add_redis_password(url: str, password: str) -> str:
    """Puts a password into the URL of a Redis.

    Raises:
        ValueError: the URL is of something else, or has a password.
    """
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    if parts.scheme not in ("redis", "rediss", "unix") or ":" in user:
        received = "one with a password" if ":" in user else parts.scheme
        raise ValueError(
            f"${REDIS_PASSWORD_VARIABLE} must come with a state whose URL "
            "begins with redis://, rediss:// or unix:// and holds no "
            f"password. Received: {received}."
        )
    netloc = f"{user}:{quote(password, safe='')}@{host}"
    return urlunsplit(parts._replace(netloc=netloc))
