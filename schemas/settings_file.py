"""Reads settings from YAML, and says what is wrong with them."""

import dataclasses
import types
import typing
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

_MERGE = "tag:yaml.org,2002:merge"  # of the key `<<`


def read_settings(path: Path) -> dict[str, Any]:
    """Reads one mapping; an empty file gives an empty mapping.

    Raises:
        ValueError: the file is no YAML mapping, or a key occurs twice: YAML
            itself would keep the last value.
        OSError: the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values = yaml.load(text, Loader=_UniqueKeyLoader)
    except yaml.MarkedYAMLError as error:
        # Not the line itself, which YAML would show: it may hold a secret.
        mark = error.problem_mark
        raise ValueError(
            f"{path} must be YAML. Received: {error.problem}, in line "
            f"{mark.line + 1}, column {mark.column + 1}."
        ) from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path} must be YAML. Received: {error}") from error
    if values is not None and not isinstance(values, dict):
        raise ValueError(
            f"{path} must hold `key: value` lines. "
            f"Received: {type(values).__name__}."
        )
    return values or {}


def describe_problems(
    error: ValidationError, config_class: type, secret: str | None = None
) -> list[str]:
    """Writes each problem as one line that names its key.

    Args:
        error: of validating the mapping.
        config_class: a dataclass; for an unknown key the line lists the allowed
            keys.
        secret: key of a section whose values are never shown.
    """
    return [
        _describe(problem, config_class, secret) for problem in error.errors()
    ]


class _UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key that occurs twice."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, Any]:
        keys = [
            self.construct_object(key, deep=True)
            for key, _ in node.value
            if key.tag != _MERGE
        ]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(
                None,
                None,
                f"the key `{twice[0]}` stands twice",
                node.start_mark,
            )
        return super().construct_mapping(node, deep)


def _describe(problem, config_class, secret) -> str:
    place = problem["loc"]
    location = ".".join(str(part) for part in place)
    is_secret = place[:1] == (secret,)
    if problem["type"] == "unexpected_keyword_argument":
        allowed = sorted(_allowed_keys(config_class, place[:-1]))
        # Where a space is missing, the key holds the value.
        if is_secret and not str(place[-1]).isidentifier():
            location = ".".join(map(str, place[:-1])) + ".…"
        return (
            f"  `{location}` is not a setting. "
            f"Allowed here: {', '.join(allowed)}."
        )
    if problem["type"] == "missing":
        return f"  `{location}` must be set."
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "value_error":
        # A problem of the whole mapping has no key to name.
        return f"  `{location}`: {message}" if location else f"  {message}"
    if is_secret:
        return f"  `{location}`: {message}."
    return f"  `{location}`: {message}. Received: {problem['input']!r}."


def _allowed_keys(config_class: type, location: tuple[int | str, ...]):
    """Returns the keys of the config class at `location`."""
    classes = [config_class]
    for part in location:
        below = []
        for config in classes:
            hints = typing.get_type_hints(config)
            if part in hints:
                below += _config_classes(hints[part])
        # List indices and tags of unions are no keys: stay where we are.
        classes = below or classes
    return {f.name for config in classes for f in dataclasses.fields(config)}


def _config_classes(hint: Any) -> list[type]:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return [hint]
    if isinstance(hint, types.GenericAlias | types.UnionType) or (
        typing.get_origin(hint) is not None
    ):
        return [
            found
            for argument in typing.get_args(hint)
            for found in _config_classes(argument)
        ]
    return []
