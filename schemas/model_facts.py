"""What a pushed model says of the dataset it learnt from.

    <version>/assets.extra/dataset.json
        {"repeats": false, "category_words": {"Children": ["kids"]}}

Whoever asks the model for slates needs to know, and may have nothing but the
version's folder. Free of TensorFlow.
"""

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import field
from pathlib import Path

from pydantic import StrictBool
from pydantic import TypeAdapter
from pydantic import ValidationError
from pydantic.dataclasses import dataclass

_FILE = Path("assets.extra") / "dataset.json"


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What holds for the people and items of the dataset.

    Attributes:
        repeats: whether people come back to items, so that slates may show
            what was met before.
        category_words: category to what people say for it beside its name.
    """

    repeats: StrictBool
    category_words: Mapping[str, Sequence[str]] = field(default_factory=dict)


_FACTS = TypeAdapter(ModelFacts)


def write_model_facts(facts: ModelFacts, model_path: Path) -> None:
    """Puts the facts beside an exported SavedModel."""
    file = model_path / _FILE
    file.parent.mkdir(exist_ok=True)
    text = json.dumps(asdict(facts), ensure_ascii=False)
    file.write_text(f"{text}\n", encoding="utf-8")


def read_model_facts(model_path: Path) -> ModelFacts:
    """Reads the facts of a version.

    A version that was exported before there was such a file excludes what
    was met, as all did then.

    Raises:
        ValueError: the file is there, and not what `write_model_facts` wrote.
    """
    return find_model_facts(model_path) or ModelFacts(repeats=False)


def find_model_facts(model_path: Path) -> ModelFacts | None:
    """Reads the facts; None = exported before there was such a file.

    Raises:
        ValueError: the file is there, and not what `write_model_facts` wrote.
    """
    file = model_path / _FILE
    if not file.is_file():
        return None
    text = file.read_text(encoding="utf-8")
    try:
        return _FACTS.validate_json(text)
    except ValidationError as error:
        raise ValueError(
            f'{file} must hold {{"repeats": true or false}}, and perhaps'
            f' "category_words". Received: {text[:100]!r}.'
        ) from error
