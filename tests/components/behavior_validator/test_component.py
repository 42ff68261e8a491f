"""BehaviorValidator on made-up Examples, through its own executor."""

import json
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf
from pydantic import TypeAdapter
from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.types import standard_artifacts

from components.behavior_validator.component import BehaviorValidatorExecutor
from components.behavior_validator.config import CHECKS
from components.behavior_validator.config import BehaviorValidatorConfig
from components.behavior_validator.config import CheckConfig
from components.behavior_validator.verdict import BehaviorError
from schemas.artifact_types import BehaviorReport
from schemas.artifact_types import Catalog

BEAM_ARGS = ["--runner=FnApiRunner", "--sdk_container_image=unused"]
START = 1_500_000_000
NOW = START + 1_000_000
WARN_ALL = {
    check: CheckConfig(action="warn")
    for check in (
        "future_events",
        "implausible_times",
        "unknown_items",
        "events_in_two_splits",
        "leaking_windows",
        "card_numbers",
        "schema_anomalies",
    )
}


def _bytes(*values):
    data = [value.encode() for value in values]
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=data))


def _ints(*values):
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def _example(user, events, num_context=0, texts=None):
    """The last of `events`, (item, time) pairs, is the label."""
    *window, (label, label_time) = events
    texts = texts or [""] * len(events)
    features = {
        "user_id": _bytes(user),
        "item_id": _bytes(*(item for item, _ in window)),
        "event_type": _bytes(*(["view"] * len(window))),
        "timestamp": _ints(*(time for _, time in window)),
        "text": _bytes(*texts[:-1]),
        "label_item_id": _bytes(label),
        "label_event_type": _bytes("view"),
        "label_timestamp": _ints(label_time),
        "label_text": _bytes(texts[-1]),
        "num_context": _ints(num_context),
    }
    return tf.train.Example(features=tf.train.Features(feature=features))


class Validation:
    """Folders of one run of the executor."""

    def __init__(self, folder):
        self.folder = folder
        self.report = folder / "report"

    def run(self, splits, items=None, anomalies=(), **settings):
        config = BehaviorValidatorConfig(now=NOW, **settings)
        inputs = {
            "examples": [self._write_examples(splits)],
            "catalog": [self._write_catalog(items)],
        }
        if anomalies:
            inputs["anomalies"] = [self._write_anomalies(anomalies)]
        output = BehaviorReport()
        output.uri = str(self.report)
        context = BaseBeamExecutor.Context(
            beam_pipeline_args=BEAM_ARGS,
            tmp_dir=str(self.folder / "tmp"),
            unique_id="1",
        )
        BehaviorValidatorExecutor(context).Do(
            inputs,
            {"report": [output]},
            {
                "config": TypeAdapter(BehaviorValidatorConfig)
                .dump_json(config)
                .decode(),
                "code_version": "1",
            },
        )
        return json.loads((self.report / "report.json").read_text())

    def _write_examples(self, splits):
        for name, examples in splits.items():
            folder = self.folder / f"examples/Split-{name}"
            folder.mkdir(parents=True)
            path = str(folder / "data-00000-of-00001.gz")
            with tf.io.TFRecordWriter(path, options="GZIP") as writer:
                for example in examples:
                    writer.write(example.SerializeToString())
        artifact = standard_artifacts.Examples()
        artifact.uri = str(self.folder / "examples")
        artifact.split_names = json.dumps(list(splits))
        artifact.set_string_custom_property(
            "payload_format", "FORMAT_TF_EXAMPLE"
        )
        return artifact

    def _write_catalog(self, items):
        items = items or {f"i{n}": f"Title {n}" for n in range(10)}
        folder = self.folder / "catalog"
        folder.mkdir()
        table = pa.table(
            {
                "item_id": pa.array(items, pa.string()),
                "title": pa.array(items.values(), pa.string()),
                "description": pa.array([""] * len(items), pa.string()),
            }
        )
        pq.write_table(table, folder / "catalog.parquet")
        artifact = Catalog()
        artifact.uri = str(folder)
        return artifact

    def _write_anomalies(self, names):
        folder = self.folder / "anomalies/Split-train"
        folder.mkdir(parents=True)
        anomalies = anomalies_pb2.Anomalies()
        for feature in ("user_id", "item_id", "value"):
            anomalies.baseline.feature.add(name=feature)
        for name in names:
            anomalies.anomaly_info[name].description = "came as text"
        path = folder / "SchemaDiff.pb"
        path.write_bytes(anomalies.SerializeToString())
        artifact = standard_artifacts.ExampleAnomalies()
        artifact.uri = str(self.folder / "anomalies")
        artifact.split_names = '["train"]'
        return artifact


@pytest.fixture
def validation(tmp_path):
    return Validation(tmp_path)


GOOD = {
    "train": [_example("u1", [("i0", START), ("i1", START + 1)])],
    "eval": [
        _example("u1", [("i0", START), ("i1", START + 1), ("i2", START + 2)], 2)
    ],
    "test": [_example("u2", [("i3", START)])],
}


def test_sound_data_passes_and_each_target_counts_once(validation):
    report = validation.run(GOOD)
    assert all(verdict["ok"] for verdict in report.values())
    # Two targets in train, one each in eval and test; the context of the
    # eval example repeats the two of train and is no target again.
    assert report["future_events"]["population"] == 4
    assert report["duplicate_events"]["count"] == 0
    assert report["events_in_two_splits"]["count"] == 0
    assert report["leaking_windows"]["population"] == 3
    assert report["inhuman_users"]["population"] == 2
    assert "schema_anomalies" in report


def test_every_fault_is_counted(validation):
    faulty = {
        "train": [
            _example("ahead", [("i0", NOW), ("i1", NOW + 1)]),
            _example("old", [("i0", 1), ("i1", START)]),
            _example("lost", [("gone", START), ("i1", START + 5)]),
            # The same event three times: two too many.
            _example("twice", [("i0", START)] * 3),
            _example("back", [("i0", START + 9), ("i1", START)]),
            _example("bot", [(f"i{n}", START + n) for n in range(4)]),
        ],
        # A target of train too.
        "eval": [_example("bot", [("i3", START + 3)])],
    }
    report = validation.run(
        faulty,
        items={**{f"i{n}": f"Title {n}" for n in range(4)}, "i4": "i4"},
        anomalies=["value"],
        max_events_per_minute=3,
        **WARN_ALL,
    )
    counts = {name: verdict["count"] for name, verdict in report.items()}
    assert counts == dict.fromkeys(CHECKS, 0) | {
        "future_events": 1,
        "implausible_times": 1,
        "duplicate_events": 2,
        "inhuman_users": 1,
        "unknown_items": 1,
        "items_without_text": 1,
        "events_in_two_splits": 1,
        "leaking_windows": 1,
        "schema_anomalies": 1,
    }
    offenders = {
        name: " ".join(verdict["offenders"])
        for name, verdict in report.items()
        if verdict["count"]
    }
    expected = {
        "future_events": "user ahead, item i1",
        "implausible_times": "user old, item i0",
        "duplicate_events": "user twice, item i0",
        "inhuman_users": "user bot",
        "unknown_items": "item gone",
        "items_without_text": "item i4",
        "events_in_two_splits": "user bot, item i3",
        "leaking_windows": "train: user back",
        "schema_anomalies": "train: value: came as text",
    }
    for name, part in expected.items():
        assert part in offenders[name]
    # 15 targets in train and 1 in eval.
    assert report["unknown_items"]["share"] == pytest.approx(1 / 16)


def test_personal_data_is_found_and_never_shown_in_full(validation):
    train = [
        _example(
            "u1",
            [("i0", START), ("i1", START + 1), ("i2", START + 2)],
            texts=[
                "mail jane.doe@example.org",
                "call (212) 555-0187 now",
                "my card 4111 1111 1111 1111",
            ],
        )
    ]
    report = validation.run(
        {"train": train}, items={"i0": "<b>bold</b>@x.com"}, **WARN_ALL
    )
    assert report["emails"]["count"] == 1
    assert report["phone_numbers"]["count"] == 1
    assert report["card_numbers"]["count"] == 1
    # Three event texts and one item.
    assert report["emails"]["population"] == 4
    assert report["card_numbers"]["population"] == 3
    assert report["item_card_numbers"]["population"] == 1
    page = (validation.report / "report.html").read_text()
    both = json.dumps(report) + page
    for secret in ("jane.doe", "555-0187", "4111 1111", "1111 1111"):
        assert secret not in both
    assert "j***@***" in page
    assert "***87" in page


def test_page_escapes_what_came_from_the_data(validation):
    train = [_example("<script>alert(1)</script>", [("gone", START)])]
    validation.run({"train": train}, **WARN_ALL)
    page = (validation.report / "report.html").read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_stop_names_check_count_share_threshold_and_offender(validation):
    train = [_example("u1", [("i0", NOW + 5), ("i1", NOW + 6)])]
    with pytest.raises(BehaviorError) as caught:
        validation.run({"train": train})
    message = str(caught.value)
    assert "future_events" in message
    assert "2 of 2, share 1, allowed 0.01" in message
    assert "user u1, item i0" in message
    assert not validation.report.exists()


def test_check_that_is_off_is_not_reported(validation):
    report = validation.run(
        {"train": [_example("u1", [("i0", NOW + 5)])]},
        future_events=CheckConfig(action="off"),
    )
    assert "future_events" not in report


def test_share_at_the_threshold_still_passes(validation):
    train = [_example("u1", [("gone", START), ("i0", START + 1)])]
    report = validation.run(
        {"train": train},
        unknown_items=CheckConfig(max_share=0.5, action="stop"),
    )
    assert report["unknown_items"]["share"] == 0.5


def test_empty_split_is_no_fault(validation):
    report = validation.run({"train": GOOD["train"], "eval": []})
    assert Counter(v["ok"] for v in report.values()) == {True: len(report)}
