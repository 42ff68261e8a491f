import numpy as np
import pyarrow as pa
import pytest

from components.window_examples.reader import decode_windows
from serving.gateway.records.profile import read_profile
from tests.components.window_examples.written_window import encode_record


def test_number_is_written_as_training_writes_it():
    rng = np.random.default_rng(0)
    numbers = [35.0, 0.5, -2.0, 1e6, 0.1, 1975.0, 12345678.0, 1 / 3, 1e7]
    numbers += (10.0 ** rng.uniform(-8.0, 12.0, 200)).tolist()
    names = [f"a{place}" for place in range(len(numbers))]
    users = {"user_id": ["u"]} | {
        f"user_attribute_{name}": pa.array([number], pa.float32())
        for name, number in zip(names, numbers, strict=True)
    }
    (window,) = decode_windows([encode_record(pa.table(users))])
    told = {}
    for name, number in zip(names, numbers, strict=True):
        told |= read_profile({name: number})
    assert told == window.profile


def test_text_stays_as_it_is():
    assert read_profile({"taste": "a=b"}) == {"taste": "a=b"}


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"": "x"}, "1 to 512 characters"),
        ({"a=b": "x"}, "'a=b'"),
        ({"user_id": "x"}, "must not be called user_id"),
        ({"age": ""}, "value of 'age'"),
        ({"age": "x" * 513}, "Received: 513"),
        ({"age": "\ud800"}, r"must be Unicode. Received: '\\ud800'"),
        ({"é\udfff": "x"}, r"must be Unicode. Received: '\\xe9\\udfff'"),
        ({f"a{n}": "x" for n in range(65)}, "Received: 65"),
    ],
)
def test_what_is_no_profile_is_refused(told, message):
    with pytest.raises(ValueError, match=message):
        read_profile(told)
