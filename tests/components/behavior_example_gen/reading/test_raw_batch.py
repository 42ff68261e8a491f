import json

import numpy as np
import pyarrow as pa

from components.behavior_example_gen.reading.raw_batch import BadLine
from components.behavior_example_gen.reading.raw_batch import RawBatch


def test_row_text_is_json_even_of_broken_bytes():
    columns = {"a": pa.array([b"\xffx"]), "b": pa.array([None], pa.int64())}
    batch = RawBatch(columns, np.array([2]), [])
    assert json.loads(batch.row_text(0)) == {"a": "\\xffx", "b": None}


def test_batch_of_bad_lines_has_no_rows():
    bad = BadLine(3, "not JSON", "{")
    batch = RawBatch.of_bad_lines([bad], ["a"])
    assert len(batch.lines) == len(batch.columns["a"]) == 0
    assert batch.bad_lines == [bad]
