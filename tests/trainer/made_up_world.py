"""A made-up world of four genres in which people walk in circles."""

import importlib.resources
import pathlib
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from schemas import events
from schemas.item_text import compose_item_text

GENRES = ("space ship", "love story", "old horror", "war king")
ITEMS_PER_GENRE = 12
NUM_USERS = 48
WINDOW = 10
COLD_ITEM = "i47"  # in the catalogue, in no train event


class World(NamedTuple):
    """Artifact folders of the made-up world.

    Attributes:
        examples: folder with raw.<split>.gz.
        catalog: folder of the Catalog.
        vectors: folder of the ItemVectors.
        transform: folder of Transform's output graph.
        transformed: folder with <split>.gz of transformed examples.
    """

    examples: pathlib.Path
    catalog: pathlib.Path
    vectors: pathlib.Path
    transform: pathlib.Path
    transformed: pathlib.Path


def build_world(root: pathlib.Path, preset: str) -> World:
    """Writes the catalogue and the examples, and runs Transform on them."""
    paths = World(*(root / name for name in World._fields))
    for path in (paths.examples, paths.catalog, paths.vectors):
        path.mkdir()
    paths.transformed.mkdir()
    catalog = _build_catalog()
    pq.write_table(catalog, paths.catalog / "catalog.parquet")
    _write_vectors(catalog, preset, paths.vectors)
    _write_examples(paths.examples)
    transform_examples(paths)
    return paths


def genre_of(item_id: str) -> int:
    """Items are numbered genre by genre."""
    return int(item_id[1:]) // ITEMS_PER_GENRE


def _build_catalog():
    ids = [f"i{n:02d}" for n in range(len(GENRES) * ITEMS_PER_GENRE)]
    genres = [GENRES[genre_of(i)] for i in ids]
    return pa.table(
        {
            "item_id": ids,
            "title": [f"{g} {i}" for i, g in zip(ids, genres, strict=True)],
            "description": ["" for _ in ids],
            "categories": [[g] for g in genres],
            "price": pa.array(
                [float(n % 10) if n % 7 else None for n in range(len(ids))],
                pa.float32(),
            ),
            "created_at": pa.array(range(len(ids)), pa.int64()),
        }
    )


def _write_vectors(catalog, preset, folder):
    from trainer.backbone.text_backbone import encode_texts
    from trainer.backbone.text_backbone import load_text_backbone
    from trainer.config import TextBackboneConfig

    backbone = load_text_backbone(TextBackboneConfig(preset=preset))
    texts = [
        compose_item_text(row["title"], row["description"], row["categories"])
        for row in catalog.to_pylist()
    ]
    vectors = encode_texts(backbone, texts, 16)
    flat = pa.array(vectors.ravel(), pa.float32())
    table = {
        "item_id": catalog["item_id"],
        "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
    }
    pq.write_table(pa.table(table), folder / "item_vectors.parquet")


def _write_examples(folder):
    """Each user stays in one genre and walks it in a circle."""
    import tensorflow as tf

    rng = np.random.default_rng(0)
    options = tf.io.TFRecordOptions(compression_type="GZIP")
    writers = {
        split: tf.io.TFRecordWriter(str(folder / f"{split}.gz"), options)
        for split in events.SPLITS
    }
    for user in range(NUM_USERS):
        genre, start = user % len(GENRES), rng.integers(ITEMS_PER_GENRE)
        steps = (start + np.arange(WINDOW + 3)) % ITEMS_PER_GENRE
        history = [f"i{genre * ITEMS_PER_GENRE + s:02d}" for s in steps]
        history = [i if i != COLD_ITEM else "i46" for i in history]
        for split, end in zip(events.SPLITS, (-2, -1, None), strict=True):
            example = make_example(f"u{user}", history[:end], split)
            writers[split].write(example.SerializeToString())
    for writer in writers.values():
        writer.close()


def make_example(user_id: str, history: list[str], split: str = "test"):
    """Builds the window example whose label is the last item."""
    import tensorflow as tf

    *window, label = history

    def encode(values):
        if isinstance(values[0], str):
            value = tf.train.BytesList(value=[v.encode() for v in values])
            return tf.train.Feature(bytes_list=value)
        if isinstance(values[0], float):
            value = tf.train.FloatList(value=values)
            return tf.train.Feature(float_list=value)
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))

    ratings = [3.0 + genre_of(i) % 3 for i in window]
    features = {
        events.ITEM_ID: window,
        events.EVENT_TYPE: ["rate"] * len(window),
        events.TIMESTAMP: [1000 + 60 * n for n in range(len(window))],
        events.VALUE: ratings,
        events.POSITIVE: [int(r >= 4.0) for r in ratings],
        events.SCENARIO: [""] * len(window),
        events.USER_ID: [user_id],
        events.PROFILE: [f"fan_of={genre_of(label)}"],
        events.LABEL_ITEM_ID: [label],
        events.LABEL_EVENT_TYPE: ["rate"],
        events.LABEL_TIMESTAMP: [1000 + 60 * len(window)],
        events.LABEL_VALUE: [3.0 + genre_of(label) % 3],
        events.LABEL_VALUE_WEIGHT: [1.0],
        events.LABEL_POSITIVE: [float(genre_of(label) % 3 >= 1)],
        events.LABEL_SCENARIO: [""],
        events.NUM_CONTEXT: [0 if split == "train" else len(window)],
        events.HISTORY_BUCKET: ["5-19"],
        events.ITEM_BUCKET: ["head"],
    }
    kept = {name: encode(v) for name, v in features.items() if v}
    return tf.train.Example(features=tf.train.Features(feature=kept))


def transform_examples(paths: World) -> None:
    """Runs Transform on the examples."""
    import apache_beam as beam
    import tensorflow_transform.beam as tft_beam
    from google.protobuf import text_format
    from tensorflow_metadata.proto.v0 import schema_pb2
    from tensorflow_transform.tf_metadata import dataset_metadata
    from tensorflow_transform.tf_metadata import metadata_io
    from tfx_bsl.coders.example_coder import RecordBatchToExamplesEncoder
    from tfx_bsl.public import tfxio

    from trainer.preprocessing import preprocessing_fn

    text = importlib.resources.files("schemas") / "schema.pbtxt"
    schema = text_format.Parse(text.read_text(), schema_pb2.Schema())
    metadata_io.write_metadata(
        dataset_metadata.DatasetMetadata(schema),
        str(paths.transform / "metadata"),
    )
    options = beam.options.pipeline_options.PipelineOptions(
        runner="FnApiRunner"
    )
    with (
        beam.Pipeline(options=options) as pipeline,
        tft_beam.Context(temp_dir=str(paths.transform) + "-temp"),
    ):
        sources = {}
        for split in ("train", "eval"):
            source = tfxio.TFExampleRecord(
                str(paths.examples / f"{split}.gz"), schema=schema
            )
            batches = pipeline | f"Read{split}" >> source.BeamSource()
            sources[split] = (batches, source.TensorAdapterConfig())
        transform_fn = sources["train"] | tft_beam.AnalyzeDataset(
            preprocessing_fn
        )
        _ = transform_fn | tft_beam.WriteTransformFn(str(paths.transform))
        for split, source in sources.items():
            batches, metadata = (
                source,
                transform_fn,
            ) | f"Transform{split}" >> tft_beam.TransformDataset(
                output_record_batches=True
            )
            encoder = RecordBatchToExamplesEncoder(metadata.schema)
            _ = (
                batches
                | f"Encode{split}"
                >> beam.FlatMapTuple(lambda b, _, e=encoder: e.encode(b))
                | f"Write{split}"
                >> beam.io.WriteToTFRecord(
                    str(paths.transformed / f"{split}.gz"),
                    shard_name_template="",
                )
            )
