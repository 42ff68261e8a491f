"""Files of a dataset whose content does not matter."""

from pathlib import Path

from components.behavior_example_gen.config import DatasetConfig
from components.behavior_example_gen.config import EventsConfig
from components.behavior_example_gen.config import ItemsConfig


def build_dataset(
    folder: Path, events: str = "e.csv", items: str = "i.csv", **settings
) -> DatasetConfig:
    """Builds a config; `settings` are those of events."""
    return DatasetConfig(
        events=EventsConfig(
            path=str(folder / events),
            columns={"user_id": "u", "item_id": "i", "timestamp": "t"},
            default_event_type="view",
            **settings,
        ),
        items=ItemsConfig(
            path=str(folder / items),
            columns={"item_id": "i", "title": "t"},
        ),
    )


def touch(folder: Path, *names: str) -> None:
    """Writes files that hold their names."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
