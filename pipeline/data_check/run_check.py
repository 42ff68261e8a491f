"""Says what a run of a config would make of its data: `tastemaker check`."""

import json
from collections.abc import Callable

from pipeline.config import ConfigError
from pipeline.config import PipelineConfig
from pipeline.config import load_config

_FIRST_ROWS = 100_000  # of each table, before a run: it reads the rest soon


def run_check(
    path: str,
    max_rows: int,
    is_json: bool,
    write_line: Callable[[str], None],
) -> bool:
    """Checks the data of a config and writes what was found.

    Args:
        path: of the config.
        max_rows: about how many rows of each table are read.
        is_json: one JSON object instead of lines.
        write_line: takes one line of text.

    Returns:
        Whether a run would go on to training.
    """
    try:
        config = load_config(path)
    except ConfigError as error:
        if not is_json:
            raise
        finding = {"level": "error", "code": "config", "text": str(error)}
        fields = {"ok": False, "findings": [{**finding, "remedy": ""}]}
        write_line(json.dumps(fields, indent=2, ensure_ascii=False))
        return False
    from pipeline.data_check.check_text import describe_check
    from pipeline.data_check.check_text import dump_check
    from pipeline.data_check.dataset_check import check_dataset

    check = check_dataset(config, max_rows)
    if is_json:
        write_line(dump_check(check))
    else:
        for line in describe_check(check):
            write_line(line)
    return not check.errors


def check_before_run(
    config: PipelineConfig, write_line: Callable[[str], None]
) -> None:
    """Says what can be said before TensorFlow and TFX load.

    Args:
        config: of the run.
        write_line: takes one line of text.

    Raises:
        ValueError: the run would stop at its data.
    """
    from pipeline.data_check.check_text import describe_finding
    from pipeline.data_check.dataset_check import check_dataset

    check = check_dataset(config, _FIRST_ROWS)
    for finding in check.findings:
        if finding.level == "warning":
            for line in describe_finding(finding):
                write_line(line)
    if check.errors:
        raise ValueError(
            "\n".join(
                line
                for finding in check.errors
                for line in describe_finding(finding)
            ).removeprefix("error: ")
        )
