"""The graph's filter against the table of cases that all keep to."""

import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf

from schemas.artifact_files import CATALOG_FILE
from schemas.artifact_files import VECTORS_FILE
from serving.query import Query
from serving.query_tensors import build_recommend_inputs
from tests.constraint_cases import CASES
from tests.constraint_cases import ITEMS
from tests.constraint_cases import build_constraints
from trainer.export.candidate_filter import CandidateFilter
from trainer.export.candidate_filter import find_excluded
from trainer.inputs.item_table import load_item_table
from trainer.inputs.windows import RowLookup
from trainer.scoring.ranks import EXCLUDED
from trainer.scoring.ranks import hold_rows


@pytest.fixture(scope="module")
def items(tmp_path_factory):
    """The items of the table as a run reads them."""
    folder = tmp_path_factory.mktemp("catalogue")
    ids = [item.item_id for item in ITEMS]
    catalog = {
        "item_id": ids,
        "categories": [list(item.categories) for item in ITEMS],
        "price": pa.array([item.price for item in ITEMS], pa.float32()),
        "created_at": pa.nulls(len(ITEMS), pa.int64()),
    }
    catalog |= {"title": ids, "description": [""] * len(ids)}
    pq.write_table(pa.table(catalog), folder / CATALOG_FILE)
    vectors = pa.FixedSizeListArray.from_arrays(
        pa.array(np.zeros(2 * len(ITEMS)), pa.float32()), 2
    )
    pq.write_table(
        pa.table({"item_id": ids, "vector": vectors}), folder / VECTORS_FILE
    )
    return load_item_table(str(folder), str(folder), {})


def _filter_all(candidate_filter, request, met):
    """As small catalogues do: every score passes through."""
    scores = tf.zeros([len(met), len(ITEMS)])
    return candidate_filter(scores, request, met).numpy() > EXCLUDED / 2


def _filter_some(candidate_filter, request, met):
    """As large catalogues do: some rows are asked about, here all."""
    restriction = candidate_filter.bind(request)
    batch = tf.range(len(met))
    rows = tf.tile(tf.range(len(ITEMS))[tf.newaxis], [len(met), 1])
    scores = restriction.apply(
        tf.zeros(rows.shape), lambda: rows, batch
    ).numpy()
    return (scores > EXCLUDED / 2) & ~hold_rows(met, rows).numpy()


@pytest.mark.parametrize("find_allowed", [_filter_all, _filter_some])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_a_request_allows(items, case, find_allowed):
    inputs = build_recommend_inputs(
        Query(item_ids=case.history), 1, build_constraints(case)
    )
    request = {name: tf.constant(value) for name, value in inputs.items()}
    met = find_excluded(request, RowLookup(list(items.item_ids)))
    allowed = find_allowed(CandidateFilter(items), request, met)
    names = items.item_ids[allowed[0]]
    assert "".join(names) == case.allowed


def test_each_request_of_a_batch_has_its_own_constraints(items):
    queries = [Query(item_ids=case.history) for case in CASES.values()]
    constraints = [build_constraints(case) for case in CASES.values()]
    inputs = build_recommend_inputs(queries, 1, constraints)
    request = {name: tf.constant(value) for name, value in inputs.items()}
    met = find_excluded(request, RowLookup(list(items.item_ids)))
    for find_allowed in (_filter_all, _filter_some):
        allowed = find_allowed(CandidateFilter(items), request, met)
        names = ["".join(items.item_ids[row]) for row in allowed]
        assert names == [case.allowed for case in CASES.values()]


def test_catalogue_without_categories_allows_none_of_those_asked(items):

    bare = dataclasses.replace(
        items,
        categories=(),
        category_ids=np.full([len(ITEMS), 1], -1, np.int32),
    )
    inputs = build_recommend_inputs(
        Query(), 1, build_constraints(CASES["one category"])
    )
    request = {name: tf.constant(value) for name, value in inputs.items()}
    met = tf.zeros([1, 0], tf.int32)
    assert not _filter_all(CandidateFilter(bare), request, met).any()
    assert not _filter_some(CandidateFilter(bare), request, met).any()
