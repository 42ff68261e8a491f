"""Every signature says what goes in and what comes out."""

import numpy as np
import pytest

from schemas import signatures


def test_every_signature_has_inputs_and_outputs():
    assert signatures.INPUTS.keys() == signatures.OUTPUTS.keys()
    assert len(signatures.INPUTS) == 6


@pytest.mark.parametrize("name", signatures.INPUTS)
def test_every_tensor_has_a_known_type_and_the_batch_in_front(name):
    tensors = signatures.INPUTS[name] | signatures.OUTPUTS[name]
    for dtype, rank in tensors.values():
        assert rank >= 1
        assert dtype == "string" or np.dtype(dtype).name == dtype


def test_whatever_ranks_is_asked_with_the_same_query():
    query = signatures.QUERY_INPUTS.items()
    for name in (signatures.RECOMMEND, signatures.RANK, signatures.EXPLAIN):
        assert query <= signatures.INPUTS[name].items()
