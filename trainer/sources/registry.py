"""The sources by name."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic import ValidationError

from trainer.config import TowerConfig
from trainer.inputs.item_table import ItemTable
from trainer.sources.category_source import CategorySource
from trainer.sources.created_at_source import CreatedAtSource
from trainer.sources.id_source import IdSource
from trainer.sources.item_source import ItemSource
from trainer.sources.price_source import PriceSource
from trainer.sources.text_source import TextSource

# To add a source, add a line here.
SOURCES: dict[str, type[ItemSource]] = {
    "text": TextSource,
    "id": IdSource,
    "category": CategorySource,
    "price": PriceSource,
    "created_at": CreatedAtSource,
}


def read_settings(
    sources: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Checks the sources of a configuration.

    Args:
        sources: name to settings, as of `TowerConfig.sources`.

    Returns:
        Name to the settings of the source.

    Raises:
        ValueError: an unknown source or setting, or no source that encodes the
            text of needs; the message names it.
    """
    unknown = sorted(set(sources) - set(SOURCES))
    if unknown:
        raise ValueError(
            f"`sources` must name some of {sorted(SOURCES)}. Received:"
            f" {unknown}."
        )
    if sum(SOURCES[name].reads_words for name in sources) != 1:
        raise ValueError(
            "`sources` must name exactly one that reads the words of a need,"
            f" like `text`. Received: {list(sources)}."
        )
    settings = {}
    for name, values in sources.items():
        adapter = TypeAdapter(SOURCES[name].settings_class)
        try:
            settings[name] = adapter.validate_python(values)
        except ValidationError as error:
            problems = (
                f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
                for problem in error.errors()
            )
            raise ValueError(
                f"settings of the source `{name}` must be those of"
                f" {SOURCES[name].settings_class.__name__}. Received:"
                f" {'; '.join(problems)}."
            ) from error
    return settings


def build_sources(
    items: ItemTable, config: TowerConfig
) -> dict[str, ItemSource]:
    """Builds the sources that a configuration names, in its order.

    Args:
        items: the catalogue, with the columns of `list_columns`.
        config: of the towers.

    Returns:
        Name to source.
    """
    settings = read_settings(config.sources)
    return {
        name: SOURCES[name](items, config, values)
        for name, values in settings.items()
    }


def list_columns(config: TowerConfig) -> list[str]:
    """Lists the columns of the catalogue that the sources in use read."""
    columns = (SOURCES[name].columns for name in config.sources)
    return sorted({column for some in columns for column in some})
