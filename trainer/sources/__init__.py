"""Sources of the item representation, one module each."""

from trainer.sources.item_source import ItemSource
from trainer.sources.registry import SOURCES
from trainer.sources.registry import build_sources
from trainer.sources.registry import list_columns
from trainer.sources.registry import read_settings

__all__ = [
    "SOURCES",
    "ItemSource",
    "build_sources",
    "list_columns",
    "read_settings",
]
