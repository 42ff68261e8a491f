"""What is rounded to codes, and how far off it may be."""

import pytest

from tests.trainer.index.samples import ERROR


@pytest.fixture(params=ERROR)
def precision(request):
    return request.param
