"""Text backbone: from strings to unit vectors, live and after export."""

import keras_hub
import numpy as np
import pytest
import tensorflow as tf

from trainer.backbone.text_backbone import TextBackbone
from trainer.backbone.text_backbone import encode_texts
from trainer.backbone.text_backbone import load_text_backbone
from trainer.config import TextBackboneConfig

TEXTS = ["toy story", "", "the big dog and the small cat, a comedy", "war"]


@pytest.fixture(scope="module")
def backbone(tiny_backbone_preset):
    return load_text_backbone(TextBackboneConfig(preset=tiny_backbone_preset))


@pytest.fixture(scope="module")
def decoder():
    letters = [chr(i) for i in range(ord("!"), ord("~") + 1)] + ["Ġ"]
    tokens = ["<|endoftext|>", *letters, "th", "the"]
    tokenizer = keras_hub.models.GPT2Tokenizer(
        vocabulary={token: i for i, token in enumerate(tokens)},
        merges=["t h", "th e"],
    )
    model = keras_hub.models.GPT2Backbone(
        vocabulary_size=len(tokens),
        num_layers=1,
        num_heads=2,
        hidden_dim=8,
        intermediate_dim=16,
        max_sequence_length=32,
    )
    return TextBackbone(TextBackboneConfig(), model, tokenizer)


class _Exported(tf.Module):
    def __init__(self, backbone):
        super().__init__()
        self._backbone_variables = backbone.variables
        self._backbone_tables = backbone.tables
        signature = [tf.TensorSpec([None], tf.string)]
        self.encode = tf.function(
            lambda texts: {"vectors": backbone.encode(texts)},
            input_signature=signature,
        )


def _export(backbone, path):
    module = _Exported(backbone)
    tf.saved_model.save(module, path, signatures={"encode": module.encode})
    return tf.saved_model.load(path).signatures["encode"]


def _get_op_types(function):
    graph_def = function.graph.as_graph_def()
    nodes = [*graph_def.node]
    for inner in graph_def.library.function:
        nodes.extend(inner.node_def)
    return {node.op for node in nodes}


@pytest.mark.parametrize("family", ["backbone", "decoder"])
class TestConformance:
    def test_vectors_have_length_one_and_are_finite(self, family, request):
        backbone = request.getfixturevalue(family)
        vectors = backbone.encode(tf.constant(TEXTS)).numpy()
        assert vectors.shape == (4, backbone.embedding_dim)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(
            np.linalg.norm(vectors, axis=1), np.ones(4), atol=1e-5
        )

    def test_padding_does_not_change_a_vector(self, family, request):
        backbone = request.getfixturevalue(family)
        together = backbone.encode(tf.constant(TEXTS)).numpy()
        alone = [backbone.encode(tf.constant([t])).numpy()[0] for t in TEXTS]
        np.testing.assert_allclose(together, alone, atol=1e-5)

    def test_exported_graph_gives_the_same_vectors(
        self, family, request, tmp_path
    ):
        backbone = request.getfixturevalue(family)
        reloaded = _export(backbone, str(tmp_path))
        for texts in (TEXTS, TEXTS[:1], [""]):
            np.testing.assert_allclose(
                reloaded(tf.constant(texts))["vectors"],
                backbone.encode(tf.constant(texts)),
                atol=1e-5,
            )

    def test_exported_graph_needs_no_python(self, family, request, tmp_path):
        backbone = request.getfixturevalue(family)
        reloaded = _export(backbone, str(tmp_path))
        assert not [op for op in _get_op_types(reloaded) if "PyFunc" in op]

    def test_no_texts_give_no_vectors(self, family, request):
        backbone = request.getfixturevalue(family)
        assert encode_texts(backbone, []).shape == (0, backbone.embedding_dim)
        assert backbone.encode(tf.constant([], tf.string)).shape[0] == 0

    def test_sorted_encoding_keeps_the_callers_order(self, family, request):
        backbone = request.getfixturevalue(family)
        np.testing.assert_allclose(
            encode_texts(backbone, TEXTS, batch_size=2),
            backbone.encode(tf.constant(TEXTS)),
            atol=1e-5,
        )


def test_encoder_pools_by_the_mean_over_its_tokens(backbone):
    token_ids, mask = backbone.tokenize(tf.constant(["toy story"]))
    output = backbone.model(
        {
            "token_ids": token_ids,
            "padding_mask": mask,
            "segment_ids": tf.zeros_like(token_ids),
        }
    )["sequence_output"][0]
    # [CLS] toy story [SEP]: four tokens, none of them padding.
    assert output.shape[0] == 4
    mean = np.mean(output, axis=0)
    np.testing.assert_allclose(
        backbone.encode(tf.constant(["toy story"]))[0],
        mean / np.linalg.norm(mean),
        atol=1e-5,
    )


def test_decoder_pools_by_its_last_token(decoder):
    ids, mask = decoder.tokenize(tf.constant(["the", "t"]))
    output = decoder.model({"token_ids": ids, "padding_mask": mask}).numpy()
    # A start token, then "the" as one merged token: two tokens, index 1.
    assert mask.numpy().sum(axis=1).tolist() == [2, 2]
    np.testing.assert_allclose(
        decoder.encode(tf.constant(["the", "t"]))[0],
        output[0, 1] / np.linalg.norm(output[0, 1]),
        atol=1e-5,
    )


def test_long_text_is_cut_at_max_tokens(tiny_backbone_preset):
    config = TextBackboneConfig(preset=tiny_backbone_preset, max_tokens=5)
    backbone = load_text_backbone(config)
    token_ids, _ = backbone.tokenize(tf.constant(["red blue green big old"]))
    # [CLS] red blue green [SEP]; [CLS] is 2 and [SEP] is 3 in the vocabulary.
    assert token_ids.shape == (1, 5)
    assert token_ids[0, 0] == 2
    assert token_ids[0, -1] == 3


def test_batch_is_padded_only_to_its_longest_text(backbone):
    token_ids, mask = backbone.tokenize(tf.constant(["dog", "dog cat"]))
    # [CLS] dog cat [SEP]
    assert token_ids.shape == (2, 4)
    assert mask.numpy().tolist() == [[1, 1, 1, 0], [1, 1, 1, 1]]


def test_fingerprint_follows_weights_and_settings(tiny_backbone_preset):
    config = TextBackboneConfig(preset=tiny_backbone_preset)
    first = load_text_backbone(config)
    again = load_text_backbone(config)
    assert first.fingerprint == again.fingerprint
    again.variables[0].assign_add(tf.ones_like(again.variables[0]))
    assert first.fingerprint != again.fingerprint
    shorter = load_text_backbone(
        TextBackboneConfig(preset=tiny_backbone_preset, max_tokens=8)
    )
    assert first.fingerprint != shorter.fingerprint


def test_saved_weights_bring_the_vectors_back(tiny_backbone_preset, tmp_path):
    config = TextBackboneConfig(preset=tiny_backbone_preset)
    changed = load_text_backbone(config)
    changed.variables[0].assign_add(tf.ones_like(changed.variables[0]) * 0.1)
    path = str(tmp_path / "adapted.weights.h5")
    changed.save_weights(path)
    restored = load_text_backbone(config)
    assert restored.fingerprint != changed.fingerprint
    restored.load_weights(path)
    assert restored.fingerprint == changed.fingerprint


def test_minilm_wheel_finds_similar_films_similar():
    backbone = load_text_backbone(TextBackboneConfig())
    texts = [
        "Toy Story. Animation, Children",
        "A Bug's Life. Animation, Children",
        "Saw. Horror, Thriller",
    ]
    story, bug, saw = encode_texts(backbone, texts)
    assert story.shape == (384,)
    assert story @ bug > story @ saw
