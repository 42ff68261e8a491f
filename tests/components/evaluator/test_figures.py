"""The figures are read without what wrote them. Data: conftest.py."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from components.evaluator.evaluation import read_evaluation
from components.evaluator.evaluation import write_figures
from components.evaluator.figures import FIGURES_FILE
from components.evaluator.figures import load_figures
from tests.components.evaluator.conftest import configure


@pytest.fixture
def evaluated(evaluate, good):
    return evaluate(configure(), good)[1]


def test_figures_are_those_of_tfma(evaluated):
    write_figures(evaluated)
    assert load_figures(Path(evaluated)) == read_evaluation(evaluated)


def test_evaluation_from_before_is_read_by_tfma(evaluated):
    assert not (Path(evaluated) / FIGURES_FILE).exists()
    assert load_figures(Path(evaluated)) == read_evaluation(evaluated)


def test_folder_that_holds_no_evaluation_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="must hold an evaluation"):
        load_figures(tmp_path)


def test_reading_loads_no_tensorflow(tmp_path):
    (tmp_path / FIGURES_FILE).write_text(json.dumps({"is_ok": True}))
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from components.evaluator.figures import load_figures\n"
        "assert load_figures(Path(sys.argv[1]))['is_ok']\n"
        "sys.exit(int('tensorflow' in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)])
    assert done.returncode == 0
