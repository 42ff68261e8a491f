import pytest

from serving.export_check.__main__ import main


@pytest.fixture(scope="module")
def answers(recommender_model, tmp_path_factory):
    file = tmp_path_factory.mktemp("answers") / "answers"
    assert main([str(recommender_model), "--record", str(file)]) == 0
    return str(file)


def test_healthy_export_passes(recommender_model, capsys):
    assert main([str(recommender_model)]) == 0
    assert "Every op and attribute is known" in capsys.readouterr().out


def test_same_answers_pass(recommender_model, answers, capsys):
    assert main([str(recommender_model), "--compare", answers]) == 0
    assert "agree with those of TensorFlow" in capsys.readouterr().out


def test_other_answers_fail(nan_recommender_model, answers, capsys):
    assert main([str(nan_recommender_model), "--compare", answers]) == 1
    assert "differ from those of TensorFlow" in capsys.readouterr().out


def test_missing_export_is_told_apart_from_a_bad_one(tmp_path, capsys):
    assert main([str(tmp_path)]) == 2
    assert "must be a version directory" in capsys.readouterr().err
