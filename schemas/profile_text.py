"""The text of a user's number, the same in training and in serving."""

import numpy as np


def write_number(value: float) -> str:
    """Writes a number as the profile's vocabulary holds it: 35.0 as "35".

    It has the fewest digits that give its float32 back, and none of them is
    rounded away: 1/3 is "0.33333334". From 1e10 on, and below 1e-6, it has an
    exponent, "1e+10", because Arrow wrote it so for the models that are there.

    Args:
        value: within float32's range.
    """
    number = np.float32(value)
    if number == 0.0 or 1e-6 <= abs(number) < 1e10:
        return np.format_float_positional(number, trim="-")
    return np.format_float_scientific(number, trim="-", exp_digits=1)
