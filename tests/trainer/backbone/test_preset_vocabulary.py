import json

import pytest

from trainer.backbone.preset_vocabulary import read_vocabulary
from trainer.config import TextBackboneConfig


def test_default_preset_tells_its_tokens():
    tokens = read_vocabulary(TextBackboneConfig().preset)
    if tokens is None:
        pytest.skip("comes with the extra `demo`")
    assert tokens.index("[PAD]") == 0  # as BERT's vocabulary begins
    assert "horror" in tokens


def test_folder_with_a_tokenizer_file_tells_its_tokens(tmp_path):
    model = {"type": "Unigram", "vocab": [["<s>", 0.0], ["▁film", -1.5]]}
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": model}))
    assert read_vocabulary(str(tmp_path)) == ["<s>", "▁film"]


def test_tokens_of_bytes_and_names_of_presets_tell_nothing(tmp_path):
    model = {"type": "BPE", "vocab": {"Ġfilm": 0}}
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": model}))
    assert read_vocabulary(str(tmp_path)) is None
    assert read_vocabulary("bert_tiny_en_uncased") is None
    assert read_vocabulary("package:no_such_package/model") is None
