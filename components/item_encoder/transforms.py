"""Encodes the new texts of a catalogue. Free of TFX."""

import json
import logging
import time
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.io.filesystems import FileSystems
from apache_beam.utils.shared import Shared

from components.item_encoder.config import VectorStoreConfig
from components.item_encoder.vector_store import VectorStore
from components.item_encoder.vector_store import build_vector_column
from components.item_encoder.vector_store import write_table
from schemas.artifact_files import CATALOG_FILE
from schemas.artifact_files import VECTORS_FILE
from schemas.item_text import compose_item_text
from trainer.backbone.text_backbone import TextBackbone
from trainer.backbone.text_backbone import encode_texts
from trainer.backbone.text_backbone import load_text_backbone
from trainer.config import TextBackboneConfig

BACKBONE_FILE = "backbone.json"
METRICS_NAMESPACE = "item_encoder"
NUM_REUSED = "num_reused_items"
NUM_ENCODED = "num_encoded_texts"

_ROWS_PER_CHUNK = 16_384  # items one worker takes at a time
_TEXTS_PER_PART = 4_096  # a killed run loses at most so many
_COLUMNS = ["item_id", "title", "description", "categories"]
_LOGGER = logging.getLogger(__name__)
_SHARED_BACKBONE = Shared()  # one backbone per process


class EncodeItems(beam.PTransform):
    """Writes the text vectors of a catalogue, in its order.

    Input: uris of Catalog artifacts; one.
    Output: the path of item_vectors.parquet, once it is whole.

    Beam counters `num_reused_items` and `num_encoded_texts` count the vectors
    from the store and from the backbone.
    """

    def __init__(
        self,
        config: TextBackboneConfig,
        store_uri: str,
        output_uri: str,
        store_config: VectorStoreConfig | None = None,
    ):
        super().__init__()
        self._config = config
        self._store_uri = store_uri
        self._output_uri = output_uri
        self._store_config = store_config

    def expand(self, catalog_uris):
        encode = _EncodeChunk(
            self._config, self._store_uri, self._output_uri, self._store_config
        )
        return (
            catalog_uris
            | "ListChunks" >> beam.FlatMap(_list_chunks)
            | "SpreadChunks" >> beam.Reshuffle()
            | "EncodeChunk" >> beam.ParDo(encode)
            | "GatherChunks" >> beam.combiners.ToList()
            | "JoinChunks" >> beam.Map(_join_chunks, self._output_uri)
        )


class _EncodeChunk(beam.DoFn):
    """Encodes some consecutive rows; yields (first row, file of vectors)."""

    def __init__(
        self,
        config: TextBackboneConfig,
        store_uri: str,
        output_uri: str,
        store_config: VectorStoreConfig | None,
    ):
        self._config = config
        self._store_uri = store_uri
        self._output_uri = output_uri
        self._store_config = store_config
        self._num_reused = beam.metrics.Metrics.counter(
            METRICS_NAMESPACE, NUM_REUSED
        )
        self._num_encoded = beam.metrics.Metrics.counter(
            METRICS_NAMESPACE, NUM_ENCODED
        )

    def setup(self):
        self._backbone, fingerprint = _SHARED_BACKBONE.acquire(
            lambda: _LoadedBackbone(self._config), tag=self._config
        ).parts
        self._store = VectorStore(
            self._store_uri,
            fingerprint,
            self._backbone.embedding_dim,
            self._store_config,
        )
        _write_backbone_file(
            self._output_uri, self._config, self._backbone, fingerprint
        )

    def process(self, chunk):
        catalog_uri, start, stop = chunk
        rows = _read_rows(catalog_uri, start, stop)
        texts = _compose_texts(rows)
        vectors, is_found, is_aging = self._store.read(texts)
        aging = np.flatnonzero(is_aging)
        self._store.renew([texts[row] for row in aging], vectors[aging])
        missing = sorted({texts[row] for row in np.flatnonzero(~is_found)})
        place = {text: index for index, text in enumerate(missing)}
        encoded = self._encode(missing)
        for row in np.flatnonzero(~is_found):
            vectors[row] = encoded[place[texts[row]]]
        self._num_reused.inc(int(is_found.sum()))
        self._num_encoded.inc(len(missing))
        path = FileSystems.join(self._output_uri, f"chunk-{start:010d}.parquet")
        column = build_vector_column(vectors)
        write_table(
            pa.table({"item_id": rows["item_id"], "vector": column}), path
        )
        yield start, path

    def _encode(self, texts: Sequence[str]) -> np.ndarray:
        """Encodes distinct texts and stores the vectors part by part."""
        # Texts of one length share a part, so that batches stay even.
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        vectors = np.empty(
            (len(texts), self._backbone.embedding_dim), np.float32
        )
        begin = time.monotonic()
        for first in range(0, len(order), _TEXTS_PER_PART):
            rows = order[first : first + _TEXTS_PER_PART]
            part = [texts[row] for row in rows]
            vectors[rows] = encode_texts(self._backbone, part)
            self._store.write(part, vectors[rows])
            done = first + len(rows)
            _LOGGER.info(
                "Encoded %d of %d texts, %.0f a second.",
                done,
                len(texts),
                done / max(time.monotonic() - begin, 1e-9),
            )
        return vectors


class _LoadedBackbone:
    """Weakly referable holder, as `Shared` asks for."""

    def __init__(self, config: TextBackboneConfig):
        backbone = load_text_backbone(config)
        self.parts = backbone, backbone.fingerprint


def _list_chunks(catalog_uri: str) -> Iterator[tuple[str, int, int]]:
    with FileSystems.open(_get_catalog_path(catalog_uri)) as stream:
        count = pq.ParquetFile(stream).metadata.num_rows
    if not count:
        raise ValueError(
            "The catalogue must hold at least one item. Received: none in"
            f" {_get_catalog_path(catalog_uri)}."
        )
    for start in range(0, count, _ROWS_PER_CHUNK):
        yield catalog_uri, start, min(start + _ROWS_PER_CHUNK, count)


def _read_rows(catalog_uri: str, start: int, stop: int) -> pa.Table:
    with FileSystems.open(_get_catalog_path(catalog_uri)) as stream:
        table = pq.read_table(stream, columns=_COLUMNS)
    return table.slice(start, stop - start)


def _compose_texts(rows: pa.Table) -> list[str]:
    return [
        compose_item_text(title, description or "", categories or ())
        for title, description, categories in zip(
            rows["title"].to_pylist(),
            rows["description"].to_pylist(),
            rows["categories"].to_pylist(),
            strict=True,
        )
    ]


def _join_chunks(chunks: Iterable[tuple[int, str]], output_uri: str) -> str:
    """Joins the chunks in catalogue order and deletes them."""
    paths = [path for _, path in sorted(chunks)]
    tables = []
    for path in paths:
        with FileSystems.open(path) as stream:
            tables.append(pq.read_table(stream))
    result = FileSystems.join(output_uri, VECTORS_FILE)
    write_table(pa.concat_tables(tables), result)
    FileSystems.delete(paths)
    return result


def _write_backbone_file(
    output_uri: str,
    config: TextBackboneConfig,
    backbone: TextBackbone,
    fingerprint: str,
) -> None:
    content = {
        "preset": config.preset,
        "max_tokens": config.max_tokens,
        "fingerprint": fingerprint,
        "embedding_dim": backbone.embedding_dim,
    }
    path = FileSystems.join(output_uri, BACKBONE_FILE)
    with FileSystems.create(path) as stream:
        stream.write(json.dumps(content, indent=2).encode())


def _get_catalog_path(catalog_uri: str) -> str:
    return FileSystems.join(catalog_uri, CATALOG_FILE)
