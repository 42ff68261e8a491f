import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf

from components.serving_validator.config import ServingValidatorConfig
from components.serving_validator.replay import replay_windows
from components.window_examples.window import Window
from components.window_examples.window import WindowEvent
from schemas.model_facts import ModelFacts
from schemas.model_facts import write_model_facts
from tests.serving.tiny_recommender import ITEM_IDS
from tests.serving.tiny_recommender import TinyRecommender
from tests.serving.tiny_recommender import export_model

_CONFIG = ServingValidatorConfig(num_warm_up_requests=1)


def _window(*item_ids: str, older: tuple[str, ...] = ()) -> Window:
    return Window(
        user_id="u",
        events=[WindowEvent(item_id) for item_id in item_ids],
        label=WindowEvent("i20"),
        older_item_ids=older,
    )


_WINDOWS = [_window("i01", "i02"), _window(), _window("i03", older=("i04",))]


def _report(model, windows=_WINDOWS, config=_CONFIG) -> dict:
    return replay_windows(model, windows, config).build_report()


def test_healthy_model_passes_every_check(recommender_model):
    report = _report(recommender_model)
    assert report["reason"] == ""
    assert report["blessed"]
    assert report["num_requests"] == 3
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p99"]


def test_model_without_a_graph_does_not_start(broken_recommender_model):
    report = _report(broken_recommender_model)
    assert not report["blessed"]
    assert report["reason"].startswith(
        "starts: UNKNOWN: 1 servable(s) did not become available"
    )


def test_nan_scores_are_refused(nan_recommender_model):
    report = _report(nan_recommender_model)
    assert report["reason"].startswith("finite: scores hold nan")
    assert report["checks"]["finite"]["num_failures"] == 3


def test_slow_model_is_refused(slow_recommender_model):
    config = ServingValidatorConfig(
        num_warm_up_requests=0, max_p50_ms=200.0, max_p99_ms=300.0
    )
    report = _report(slow_recommender_model, _WINDOWS[:2], config)
    assert report["reason"].startswith("latency: p50 was ")
    assert [name for name, c in report["checks"].items() if not c["ok"]] == [
        "latency"
    ]


def test_split_without_windows_is_refused(recommender_model):
    report = _report(recommender_model, [])
    assert report["reason"] == "windows: the split `test` holds no window"


def test_slate_shorter_than_asked_is_refused(recommender_model):
    # 18 of 20 items were seen: 2 are left where 10 are asked for.
    report = _report(recommender_model, [_window(*ITEM_IDS[:18])])
    assert report["reason"].startswith("complete: 10 different items asked")


def test_short_slate_is_fine_when_the_catalogue_holds_no_more(
    recommender_model, tmp_path
):
    model = _copy_with_catalog(recommender_model, tmp_path)
    config = ServingValidatorConfig(num_titles=0)  # this model reads no needs
    report = _report(model, [_window(*ITEM_IDS[:18])], config)
    assert report["reason"] == ""
    assert report["found_by_title"]["share"] is None


def test_model_that_does_not_find_items_by_title_is_refused(
    recommender_model, tmp_path
):
    model = _copy_with_catalog(recommender_model, tmp_path)
    report = _report(model)
    # Without a look at the need, it shows the same ten of twenty items.
    assert report["reason"] == (
        "search: 10 of 20 items were found by their title, at least 90% must be"
    )


def _copy_with_catalog(model, tmp_path):
    copy = shutil.copytree(model, tmp_path / "model")
    (copy / "assets.extra").mkdir()
    titles = [f"Title {item_id}" for item_id in ITEM_IDS]
    pq.write_table(
        pa.table({"item_id": ITEM_IDS, "title": titles}),
        copy / "assets.extra" / "catalog.parquet",
    )
    return copy


class _Forgetful(TinyRecommender):
    """Recommends what the user has just seen."""

    def _forbidden(self, item_id, rest):
        return super()._forbidden(
            item_id, rest | {"exclude_history": tf.constant([False])}
        )


class _Moody(TinyRecommender):
    """Never gives the same scores twice."""

    def _encode(self, item_id):
        query = super()._encode(item_id)
        return query + tf.random.normal(tf.shape(query))


@pytest.mark.parametrize(
    ("kind", "check"), [(_Forgetful, "unseen"), (_Moody, "equal")]
)
def test_model_that_misbehaves_is_refused(kind, check, tmp_path):
    path = export_model(kind(), tmp_path / "model")
    report = _report(path, [_window("i02", "i07")] * 3)
    assert report["checks"][check]["num_failures"] == 3
    assert not report["blessed"]


def test_model_of_a_dataset_that_repeats_may_show_what_was_met(tmp_path):
    path = export_model(_Forgetful(), tmp_path / "model")
    write_model_facts(ModelFacts(repeats=True), path)
    # 18 of 20 items were met, and 10 can be shown all the same.
    report = _report(path, [_window("i02", older=ITEM_IDS[:18])])
    assert report["reason"] == ""


def test_model_without_the_signature_is_refused(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path / "model"))
    report = _report(tmp_path / "model")
    assert not report["blessed"]
    assert "signature `recommend` must exist" in report["reason"]
