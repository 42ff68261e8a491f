import pytest

from schemas import signatures
from serving.export_check.recorded_answers import compare_answers
from serving.export_check.recorded_answers import record_answers
from tests.serving.tiny_recommender import export_tiny_recommender


@pytest.fixture(scope="module")
def recorded(recommender_model, tmp_path_factory):
    file = tmp_path_factory.mktemp("answers") / "answers"
    assert record_answers(recommender_model, file) == len(signatures.INPUTS)
    return file


def test_model_agrees_with_itself(recommender_model, recorded):
    comparison = compare_answers(recommender_model, recorded)
    assert comparison.differences == []
    asked = comparison.num_answers.keys() | comparison.num_refusals.keys()
    assert asked == signatures.INPUTS.keys()


def test_other_scores_are_told(nan_recommender_model, recorded):
    differences = compare_answers(nan_recommender_model, recorded).differences
    assert any(
        line.startswith("rank, output probability: 1 of 1 values differ")
        for line in differences
    )


def test_rounding_is_no_difference(recorded, tmp_path):
    almost = export_tiny_recommender(tmp_path / "almost", scale=1.000001)
    assert compare_answers(almost, recorded).differences == []
