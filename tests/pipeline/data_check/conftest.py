"""Configs of small data that a test writes."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from pipeline.config import PipelineConfig
from pipeline.config import load_config

_EVENTS = {
    "columns": {"user_id": "user", "item_id": "item", "timestamp": "time"},
    "default_event_type": "purchase",
}
_ITEMS = {"columns": {"item_id": "item", "title": "title"}}


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[..., PipelineConfig]:
    """Returns a function that writes tables and a config of them.

    Arguments: text of each table, None = no file; `events_config` and
    `items_config` merged over small defaults; further settings of the run.
    """

    def write(
        events: str | None,
        items: str | None = "item,title\na,Alpha\nb,Beta\n",
        events_config: dict | None = None,
        items_config: dict | None = None,
        **settings,
    ) -> PipelineConfig:
        for name, text in (("events", events), ("items", items)):
            if text is not None:
                (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        dataset = settings.pop("dataset", {})
        path = tmp_path / "run.yaml"
        values = {
            "name": "test",
            "dataset": {
                "events": {
                    "path": str(tmp_path / "events.csv"),
                    **_EVENTS,
                    **(events_config or {}),
                },
                "items": {
                    "path": str(tmp_path / "items.csv"),
                    **_ITEMS,
                    **(items_config or {}),
                },
                **dataset,
            },
            **settings,
        }
        path.write_text(yaml.safe_dump(values), encoding="utf-8")
        return load_config(path)

    return write


def write_rows(*rows: tuple) -> str:
    """Writes (user, item, time) as CSV."""
    lines = [",".join(map(str, row)) for row in rows]
    return "\n".join(["user,item,time", *lines, ""])
