"""Items whose texts share rare words."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import numpy as np
import scipy.sparse as sp

from benchmarks.quality.interactions import Interactions
from benchmarks.quality.queries import Queries

_WORD = re.compile(r"\w\w+")  # one letter or digit says nothing


@dataclass
class TextSimilarity:
    """Adds up the tf-idf similarity of an item to those of the history."""

    texts: Sequence[str] = field(repr=False)

    def fit(self, train: Interactions) -> None:
        """Reads the texts; events are not used."""
        self._vectors = build_tfidf(self.texts)

    def score(self, weights: sp.csr_array, queries: Queries) -> np.ndarray:
        """Returns float32 `[Q, I]`."""
        return ((weights @ self._vectors) @ self._vectors.T).toarray()


def build_tfidf(texts: Sequence[str]) -> sp.csr_array:
    """Turns texts into unit vectors, rare words counting more.

    A word that occurs n > 0 times in a text and in d of the N texts weighs
    (1 + ln n) * (1 + ln((1 + N) / (1 + d))), as scikit-learn's
    TfidfVectorizer does with `sublinear_tf`.

    Args:
        texts: N of them; case does not matter.

    Returns:
        float32 `[N, words]`; a text without words is zero.
    """
    counts = [Counter(_WORD.findall(text.lower())) for text in texts]
    columns = {word: n for n, word in enumerate(sorted(set().union(*counts)))}
    indices = [columns[word] for one in counts for word in one]
    values = [times for one in counts for times in one.values()]
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in counts])])
    matrix = sp.csr_array(
        (np.log(np.array(values, float)) + 1.0, indices, offsets),
        shape=(len(texts), len(columns)),
    )
    num_texts = np.bincount(indices, minlength=len(columns))
    idf = np.log((1 + len(texts)) / (1 + num_texts)) + 1.0
    matrix = matrix @ sp.diags_array(idf)
    norms = np.sqrt(matrix.power(2).sum(axis=1))
    scale = 1.0 / np.where(norms > 0, norms, 1.0)
    return (sp.diags_array(scale) @ matrix).tocsr().astype(np.float32)
