"""Settings of the Pusher. Free of TFX."""

from pydantic import Field
from pydantic import PositiveInt
from pydantic.dataclasses import dataclass

from schemas import signatures


@dataclass(frozen=True, kw_only=True, config={"extra": "forbid"})
class PusherConfig:
    """Under which name a model is pushed, and how many versions stay."""

    model_name: str = Field(
        default=signatures.MODEL_NAME, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
    )
    keep_versions: PositiveInt = 5  # newest ones; those with a label stay
    # besides (`tastemaker label`), and those that a server's config pins
    server_configs: tuple[str, ...] = ()  # `models.config` files of servers
    # that are configured by hand
