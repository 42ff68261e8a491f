"""Where bfloat16 can be tried."""

import os

import pytest

_WITHOUT = ("SSE41", "AVX", "AVX2")


def require_bfloat16() -> None:
    """Skips a test where oneDNN is told of an older processor than there is.

    TensorFlow asks the processor itself whether oneDNN can, and ends the
    process where it then cannot. On a real old processor it does not try.
    """
    told = os.environ.get("ONEDNN_MAX_CPU_ISA", "").upper()
    if told in _WITHOUT:
        pytest.skip(f"oneDNN may only use {told}, which has no bfloat16")
