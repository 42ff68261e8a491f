"""Starts the embedded model server with a candidate and sends requests.

The server runs in a thread of this process: TensorFlow is loaded already, so it
starts in the time the model takes to load, and no process remains when the run
is killed. Client and server share one interpreter lock, so the latency measured
here is an upper bound for a separate server. A model that crashes the process
fails the node, and the push.
"""

import logging
import tempfile
import time
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import tensorflow as tf

from components.serving_validator.config import ServingValidatorConfig
from components.serving_validator.findings import Findings
from components.window_examples.window import Window
from schemas import signatures
from schemas.artifact_files import PUSHED_CATALOG_FILE
from schemas.model_facts import read_model_facts
from serving.client import RecommenderClient
from serving.model_server.server import ModelServer
from serving.model_server.server import ServerOptions
from serving.query import Query
from serving.query import Slate
from serving.query_tensors import build_constraint_inputs
from serving.query_tensors import build_query_inputs

_logger = logging.getLogger(__name__)

_HOST = "localhost"


def replay_windows(
    model_path: Path,
    windows: Sequence[Window],
    config: ServingValidatorConfig,
) -> Findings:
    """Serves a SavedModel, replays windows over gRPC, checks every answer.

    Args:
        model_path: the exported SavedModel.
        windows: what to ask.
        config: bounds.

    Returns:
        What was found; a server that does not start or answer is a finding.
    """
    findings = Findings(config)
    if not windows:
        findings.add("windows", f"the split `{config.split}` holds no window")
        return findings
    options = ServerOptions(
        host=_HOST, max_num_load_retries=0, file_system_poll_wait_seconds=0
    )
    with tempfile.TemporaryDirectory() as base_path:
        (Path(base_path) / "1").symlink_to(model_path.resolve())
        server = ModelServer(signatures.MODEL_NAME, base_path, 0, options)
        try:
            server.start(config.load_timeout_seconds)
        except (RuntimeError, TimeoutError) as error:
            findings.add("starts", str(error))
            return findings
        try:
            _ask(f"{_HOST}:{server.port}", model_path, windows, findings)
        except (
            ConnectionError,
            LookupError,
            NotImplementedError,
            RuntimeError,
            TimeoutError,
            ValueError,
        ) as error:
            findings.add("answers", str(error))
        finally:
            server.stop()
    return findings


def _ask(
    address: str,
    model_path: Path,
    windows: Sequence[Window],
    findings: Findings,
) -> None:
    config = findings.config
    # Kept in a variable: a signature keeps no reference to its model.
    model = tf.saved_model.load(str(model_path))
    if signatures.RECOMMEND not in model.signatures:
        found = sorted(model.signatures)
        findings.add(
            "answers",
            f"signature `{signatures.RECOMMEND}` must exist, found {found}",
        )
        return
    recommend = model.signatures[signatures.RECOMMEND]
    catalog = _read_catalog(model_path)
    repeats = read_model_facts(model_path).repeats
    with RecommenderClient(address) as client:
        for window in windows[: config.num_warm_up_requests]:
            constraints = window.to_constraints(repeats)
            client.recommend(window.to_query(), config.k, constraints)
        for window in windows:
            query, constraints = (
                window.to_query(),
                window.to_constraints(repeats),
            )
            started = time.perf_counter()
            slates = client.recommend(query, config.k, constraints)
            findings.add_latency(time.perf_counter() - started)
            inputs = build_query_inputs([query])
            inputs |= build_constraint_inputs([constraints])
            inputs["k"] = np.array([config.k], np.int32)
            expected = recommend(
                **{name: tf.constant(array) for name, array in inputs.items()}
            )
            _check_slate(slates[0], expected, findings)
            met = set() if repeats else _list_met(window)
            _check_content(slates[0], met, catalog, findings)
        _check_search(client, catalog, findings)


def _list_met(window: Window) -> set[str]:
    met = {event.item_id for event in window.events}
    return met.union(window.older_item_ids)


def _read_catalog(model_path: Path) -> dict[str, str] | None:
    """Reads the title of each item; None = the model has no catalogue."""
    file = model_path / PUSHED_CATALOG_FILE
    if not file.is_file():
        return None
    table = pq.read_table(file, columns=["item_id", "title"])
    return dict(zip(*(c.to_pylist() for c in table.columns), strict=True))


def _check_search(
    client: RecommenderClient,
    catalog: Mapping[str, str] | None,
    findings: Findings,
) -> None:
    """Asks for titles: a model that does not find them cannot search."""
    config = findings.config
    if not catalog or not config.num_titles:
        return
    # Spread over the catalogue, the same in every run.
    step = max(1, len(catalog) // config.num_titles)
    asked = list(catalog.values())[::step][: config.num_titles]
    found = 0
    for title in asked:
        (slate,) = client.recommend(Query(need=title), config.k)
        # Any item of the title: a catalogue may have many of one.
        found += title in {catalog.get(item.item_id) for item in slate.items}
    findings.add_search(found, len(asked))


def _check_slate(
    slate: Slate, expected: Mapping[str, tf.Tensor], findings: Findings
) -> None:
    """Compares a served slate with what the signature returned in-process."""
    served = np.array(
        [(i.score, i.probability, i.rating) for i in slate.items]
    ).reshape(-1, 3)
    if not np.isfinite(served).all():
        findings.add("finite", f"scores hold {served[~np.isfinite(served)][0]}")
        return
    item_ids = [i.item_id for i in slate.items]
    wanted = [i.decode() for i in expected["item_id"].numpy()[0] if i]
    if item_ids != wanted:
        findings.add("equal", f"served {item_ids}, in-process {wanted}")
        return
    if not item_ids:
        return
    names = ("score", "probability", "rating")
    in_process = np.stack(
        [expected[name].numpy()[0, : len(wanted)] for name in names], axis=1
    )
    difference = float(np.abs(served - in_process).max())
    findings.add_difference(difference)


def _check_content(
    slate: Slate,
    met: set[str],
    catalog: Mapping[str, str] | None,
    findings: Findings,
) -> None:
    """Checks how many items came, and that none is to be left out."""
    item_ids = [item.item_id for item in slate.items]
    wanted = findings.config.k
    if catalog is not None:
        wanted = min(wanted, len(catalog.keys() - met))
    if len(set(item_ids)) != wanted:
        findings.add(
            "complete", f"{wanted} different items asked for, got {item_ids}"
        )
    seen = met.intersection(item_ids)
    if seen:
        findings.add("unseen", f"{sorted(seen)} were met before")
