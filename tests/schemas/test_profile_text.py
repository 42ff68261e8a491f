import numpy as np
import pyarrow as pa
import pytest

from schemas.profile_text import write_number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (35.0, "35"),
        (0.5, "0.5"),
        (-2.0, "-2"),
        (0.0, "0"),
        (12345678.0, "12345678"),
        (1 / 3, "0.33333334"),
        (1e7, "10000000"),
        (1e-5, "0.00001"),
        (1e10, "1e+10"),
        (1e-7, "1e-7"),
    ],
)
def test_number_has_the_digits_of_its_float32(number, text):
    assert write_number(number) == text


def test_numbers_read_as_in_the_models_that_are_there():
    # Their vocabularies were written by Arrow's cast.
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 1 << 32, 5000, np.uint32).view(np.float32)
    usual = (10.0 ** rng.uniform(-9.0, 12.0, 5000)).astype(np.float32)
    numbers = np.concatenate([bits[np.isfinite(bits)], usual])
    texts = pa.array(numbers).cast(pa.string()).to_pylist()
    assert [write_number(number) for number in numbers] == texts
