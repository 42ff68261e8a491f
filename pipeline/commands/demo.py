"""The demo on MovieLens small: `python -m pipeline.commands.demo`."""

import sys
import time
from pathlib import Path

from pipeline.commands.cli import EXIT_NOT_PUSHED
from pipeline.commands.cli import EXIT_OK
from pipeline.commands.cli import main as tastemaker
from pipeline.commands.console import write_error
from pipeline.commands.console import write_line
from pipeline.runs.native_output import keep_tensorflow_quiet

CONFIG_PATH = Path("configs/movielens-small.yaml")
DATA_PATH = Path("data/movielens-small")
TITLE = "Toy Story"
NEED = "a dark thriller with a detective"
_NUM_ITEMS = 5


def main() -> int:
    """Exports the data, runs the pipeline and prints slates.

    Returns:
        The exit code of `tastemaker run`; 0 also where the new model is not
        better than the one pushed before, which then answers.
    """
    started_at = time.monotonic()
    from pipeline.commands.demo_data import export_movielens_small

    export_movielens_small(str(DATA_PATH))
    code = tastemaker(["run", str(CONFIG_PATH)])
    if code not in (EXIT_OK, EXIT_NOT_PUSHED):
        return code
    write_line()
    try:
        with keep_tensorflow_quiet():
            _show_slates()
    except (OSError, LookupError, ValueError, RuntimeError) as error:
        write_error(f"error: {error}")
        return code or 1
    minutes = (time.monotonic() - started_at) / 60
    write_line(f"The demo took {minutes:.1f} minutes.")
    write_line("Next: tastemaker recommend --history 'Heat; Fargo'")
    write_line("      tastemaker report      tastemaker status")
    write_line("      tastemaker gateway     (http://localhost:8080)")
    return EXIT_OK


def _show_slates() -> None:
    """Prints slates for four kinds of users, from one server."""
    from pipeline.commands.query_builder import build_history_query
    from pipeline.commands.recommendation import describe_history
    from pipeline.commands.recommendation import describe_slate
    from pipeline.commands.recommendation import find_examples
    from pipeline.commands.recommendation import find_served_version
    from pipeline.commands.recommendation import open_client
    from pipeline.commands.title_lookup import load_title_lookup
    from pipeline.config import load_config
    from pipeline.runs.run_folder import RunFolder
    from pipeline.runs.user_history import find_heaviest_user
    from pipeline.runs.user_history import keep_first_event
    from pipeline.runs.user_history import load_user_history
    from serving.query import Constraints
    from serving.query import Query

    root = Path("runs") / load_config(CONFIG_PATH).name
    folder = RunFolder(root.resolve())
    version = find_served_version(folder)
    titles = load_title_lookup(version)
    examples_path = find_examples(folder)
    user_id = find_heaviest_user(examples_path)
    heavy = load_user_history(examples_path, user_id)
    first = keep_first_event(heavy)
    # As the gateway asks for what is similar to an item.
    like, _ = build_history_query(folder, TITLE, TITLE, titles)
    asked = (
        (f"User {user_id}, the heaviest", heavy.query, heavy.constraints),
        ("A user with one event", first, Constraints()),
        ("A new user: empty history", Query(), Constraints()),
        (f"More like '{TITLE}'", like, Constraints()),
        (f"A new user who needs '{NEED}'", Query(need=NEED), Constraints()),
    )
    with open_client(folder, None) as client:
        for heading, query, constraints in asked:
            slate = client.recommend(query, _NUM_ITEMS, constraints)[0]
            write_line(heading)
            for line in (
                *describe_history(query.item_ids, titles),
                *describe_slate(slate, query, titles),
            ):
                write_line(f"  {line}")
            write_line()


if __name__ == "__main__":
    sys.exit(main())
