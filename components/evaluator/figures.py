"""The figures of an evaluation as JSON, which anybody reads in no time.

    <evaluation>/figures.json   what `read_evaluation` returns

TFMA keeps them as records that nothing but TFMA reads, and to load that takes
half a minute. Free of TensorFlow.
"""

import json
from pathlib import Path
from typing import Any

FIGURES_FILE = "figures.json"

CANDIDATE = "candidate"
BASELINE = "baseline"  # the model that was served while this one was judged
CHANGE = "change"  # candidate minus baseline


def load_figures(evaluation_path: Path) -> dict[str, Any]:
    """Reads the figures of an evaluation.

    Of one that was made before there was such a file, TFMA reads the records.

    Args:
        evaluation_path: folder of the `ModelEvaluation` artifact.

    Returns:
        As `read_evaluation`.

    Raises:
        FileNotFoundError: nothing was written there.
    """
    file = evaluation_path / FIGURES_FILE
    if file.exists():
        return json.loads(file.read_text(encoding="utf-8"))
    from components.evaluator.evaluation import read_evaluation

    return read_evaluation(str(evaluation_path))
