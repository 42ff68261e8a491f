"""Encode benchmark: both sides compute the same thing."""

from benchmarks.encode import compare
from benchmarks.encode import load_movie_texts
from trainer.backbone.text_backbone import load_text_backbone
from trainer.config import TextBackboneConfig


def test_both_sides_give_the_same_vectors(tiny_backbone_preset):
    config = TextBackboneConfig(preset=tiny_backbone_preset)
    texts = ["toy story", "big house of horror", "war"] * 20
    result = compare(load_text_backbone(config), texts, num_rounds=1)
    assert result["num_texts"] == 60
    assert result["max_abs_difference"] < 1e-5
    assert result["throughput_over_onnxruntime_fp32"] > 0


def test_movie_texts_are_titles_with_year_and_genres():
    texts = load_movie_texts()
    assert "Toy Story (1995)." in " ".join(texts)
    assert len(set(texts)) > 9_000
