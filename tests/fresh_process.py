"""What code loads in a process of its own."""

import subprocess
import sys

HEAVY = frozenset(("apache_beam", "tfx", "tensorflow", "keras"))


def list_loaded(code: str) -> set[str]:
    """Runs code and lists the modules that are loaded behind it.

    Raises:
        subprocess.CalledProcessError: the code failed.
    """
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())
