"""Residuals whose dimensions differ in size, and queries."""

import numpy as np

RESIDUALS = np.random.default_rng(2).uniform(-1, 1, (5, 4, 3))
RESIDUALS = (RESIDUALS * [1.0, 10.0, 0.0]).astype(np.float32)
QUERIES = np.array([[1.0, 0.5, 2.0], [0.0, 1.0, 1.0]], np.float32)
# Half a code of int8 is 1 / 254 and 10 / 254; float16 has 11 bits.
ERROR = {"float32": 1e-6, "float16": 10 / 2**11, "int8": 11 / 254}
