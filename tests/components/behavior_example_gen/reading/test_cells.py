import numpy as np
import pyarrow as pa

from components.behavior_example_gen.config import ItemsConfig
from components.behavior_example_gen.reading.cells import Cells
from components.behavior_example_gen.reading.raw_batch import RawBatch


def _cells(values, **settings) -> Cells:
    columns = {"item_id": "id", "title": "name", "price": "cost"}
    config = ItemsConfig(path="i.csv", columns=columns, **settings)
    array = pa.array(values)
    arrays = dict.fromkeys(columns.values(), array)
    lines = np.arange(2, len(values) + 2)
    return Cells(RawBatch(arrays, lines, []), config)


def test_row_without_an_id_is_rejected_and_quotes_what_stands_there():
    cells = _cells(["NULL", " a "])
    assert cells.required_ids("item_id").to_pylist() == [None, "a"]
    assert cells.check.failures() == [(0, "missing item_id")]
    value, remedy = cells.check.explain("missing item_id")
    assert value == "'NULL'"
    assert "`null_words`" in remedy


def test_null_words_are_a_setting():
    cells = _cells(["NULL", "?"], null_words=["?"])
    assert cells.required_ids("item_id").to_pylist() == ["NULL", None]


def test_price_that_cannot_be_read_is_empty_and_its_row_stays():
    cells = _cells(["cheap", "2", "-"])
    assert cells.numbers("price").to_pylist() == [None, 2.0, None]
    assert cells.check.passed().all()
    (warned,) = cells.check.warnings()
    assert (warned.count, warned.value) == (1, "'cheap'")


def test_decimal_mark_is_that_of_the_table():
    assert _cells(["1,299"], decimal=",").numbers("price").to_pylist() == [
        np.float64(1.299)
    ]


def test_title_is_text_even_where_it_looks_like_a_number():
    # The film 2.0 is not the film 2.
    assert _cells(["2.0"]).required_texts("title").to_pylist() == ["2.0"]
    assert _cells([1984, 2012]).required_texts("title").to_pylist() == [
        "1984",
        "2012",
    ]


def test_column_that_is_not_mapped_is_empty():
    cells = _cells(["a", "b"])
    assert cells.texts("description").to_pylist() == [None, None]
    assert cells.vectors("image_vector").to_pylist() == [None, None]
