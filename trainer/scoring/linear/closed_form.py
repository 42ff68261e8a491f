"""Item-item regression in closed form."""

import numpy as np
from scipy.linalg import lapack


def regress_on_others(gram: np.ndarray, l2: float) -> np.ndarray:
    """Regresses each item on all others, with an L2 penalty.

    Args:
        gram: float32 `[M, M]`, in Fortran order for speed; overwritten.
        l2: added to its diagonal.

    Returns:
        float32 `[M, M]` with a diagonal of zeros; column j predicts item j.

    Raises:
        ArithmeticError: the penalised matrix is not positive definite.

    Source:
        Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW
        2019, doi:10.1145/3308558.3313710, equation 8.
    """
    gram[np.diag_indices_from(gram)] += l2
    factor, failed = lapack.spotrf(gram, lower=1, overwrite_a=1)
    if not failed:
        factor, failed = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed:
        raise ArithmeticError(
            "the Gram matrix must be positive definite. Received: l2="
            f"{l2}. Raise `l2`."
        )
    inverse = np.tril(factor) + np.tril(factor, -1).T
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights
