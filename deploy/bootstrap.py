"""What `deploy/up` and `deploy/test` do first: set up what is missing, then go on inside the virtual environment.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from deploy import options
from deploy.debian import ensure_libraries
from deploy.environment import ensure_environment, only_set_up
from deploy.folders import PROJECT, Folders
from deploy.installer import SetupError
from deploy.weights import ensure_weights
from shared.settings import InvalidSettingError, Settings

MODULES = {"up": "deploy.up", "test": "deploy.checks"}


def main(arguments: Sequence[str]) -> None:
    """Set up for `up` or `test` (the first argument) and become it."""
    command, *rest = arguments
    if command == "up":
        options.parse(rest)
    folders = Folders.from_env()
    try:
        with only_set_up(folders):
            ensure_libraries()
            ensure_environment(folders, dev=command == "test", traced=Settings.from_env().tracing)
            ensure_weights(folders, folders.python)
    except (InvalidSettingError, SetupError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("\nInterrupted; the next start goes on from here.", file=sys.stderr)
        sys.exit(130)
    os.chdir(PROJECT)
    sys.stdout.flush()
    os.execve(
        folders.python,
        [str(folders.python), "-m", MODULES[command], *rest],
        os.environ | folders.variables(),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
