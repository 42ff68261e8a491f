"""The gateway's API over a trained model, asked in this process."""

import dataclasses
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from benchmarks.serving.processes import ServingProcess
from pipeline.commands.gateway_inputs import choose_popularity_days
from pipeline.commands.gateway_inputs import read_rating_scale
from pipeline.commands.gateway_inputs import read_users
from pipeline.commands.gateway_inputs import write_catalogue
from schemas import signatures
from schemas.rating_scale import RatingScale
from serving.gateway.access.access import Access
from serving.gateway.access.rate_limits import RateLimits
from serving.gateway.api.app import build_app
from serving.gateway.gateway import Gateway
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_config import StorageConfig
from serving.gateway.records.event import Event
from serving.gateway.records.item_facts import ItemFacts
from serving.gateway.slates.catalogue import read_catalogue
from serving.gateway.upstream.upstream_config import UpstreamConfig

Slate = list[dict[str, Any]]  # items as the API answers them


@dataclasses.dataclass(frozen=True)
class Api:
    """The routes that people's requests go to.

    Attributes:
        client: of the gateway's app.
        items: the catalogue by id.
        users: user id to events, oldest first.
        scale: of ratings.
    """

    client: TestClient
    items: dict[str, ItemFacts]
    users: dict[str, list[Event]]
    scale: RatingScale

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """Returns the JSON of an answer.

        Raises:
            RuntimeError: the gateway refuses the request.
        """
        answer = self.client.request(method, f"/v1/{path}", **arguments)
        if not answer.is_success:
            raise RuntimeError(
                f"{method} {path} must be answered. Received: status "
                f"{answer.status_code}, {answer.text}"
            )
        return answer.json()

    def recommend(self, *, is_preview: bool = True, **body: Any) -> Slate:
        """Returns the slate of the default policy."""
        body["preview"] = is_preview
        return self.call("POST", "recommendations", json=body)["items"]

    def list_most_rated(self, count: int) -> list[str]:
        """Lists the items with most events, the first with most."""
        counts = self.count_events()
        return [item_id for item_id, _ in counts.most_common(count)]

    def count_events(self) -> Counter[str]:
        """Counts events by item."""
        return Counter(
            event.item_id for events in self.users.values() for event in events
        )

    def list_categories(self) -> list[str]:
        """Lists the categories, the one with most items first."""
        counts = Counter(
            name for item in self.items.values() for name in item.categories
        )
        return [name for name, _ in counts.most_common()]

    def list_active_users(self, count: int, min_events: int) -> list[str]:
        """Lists users with so many events, by id."""
        found = (
            user_id
            for user_id in sorted(self.users)
            if len(self.users[user_id]) >= min_events
        )
        return [*found][:count]


@contextmanager
def open_api(export: Path, examples: Path) -> Iterator[Api]:
    """Starts a model server and a gateway that knows a run's users.

    Args:
        export: folder of one version of the model, in that of all versions.
        examples: folder of the run's `Examples` artifact.
    """
    events, profiles = read_users(examples)
    events.sort(key=lambda event: event.timestamp)
    scale = read_rating_scale(export) or RatingScale()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_catalogue(export, folder / "items.jsonl")
        flags = (
            "--port={port}",
            f"--model_name={signatures.MODEL_NAME}",
            f"--model_base_path={export.parent}",
        )
        with ServingProcess(
            "serving.model_server", flags, folder / "server.log"
        ) as server:
            gateway = Gateway(
                GatewayConfig(
                    catalogue=str(folder / "items.jsonl"),
                    ratings=scale,
                    upstream=UpstreamConfig(
                        address=server.address, timeout_seconds=30.0
                    ),
                    storage=StorageConfig(
                        state=f"sqlite:///{folder}/state.sqlite",
                        log=f"{folder}/log",
                        popularity_days=choose_popularity_days(events),
                    ),
                )
            )
            app = build_app(gateway, Access(None, RateLimits(1_000_000)))
            with TestClient(app) as client:
                gateway.store.put_profiles(profiles)
                gateway.store.import_events(events)
                users: dict[str, list[Event]] = {}
                for event in events:
                    users.setdefault(event.user_id, []).append(event)
                catalogue = read_catalogue(folder / "items.jsonl")
                items = {one.item_id: one for one in catalogue}
                yield Api(client, items, users, scale)
