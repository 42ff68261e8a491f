import pyarrow as pa
import pytest

from serving.gateway.records.profile import read_profile


@pytest.mark.parametrize("number", [35.0, 0.5, -2.0, 1e6, 0.1, 1975.0])
def test_number_is_written_as_training_wrote_it(number):
    # components/window_examples/writer.py casts float32 to text.
    column = pa.array([number], pa.float32()).cast(pa.string())
    assert read_profile({"age": number}) == {"age": column[0].as_py()}


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
        ({f"a{n}": "x" for n in range(65)}, "Received: 65"),
    ],
)
def test_what_is_no_profile_is_refused(told, message):
    with pytest.raises(ValueError, match=message):
        read_profile(told)
