"""`python -m huggingtweets_hub`."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is loaded ends it without a traceback."""
    try:
        if __name__ == "__main__":
            _leave_folder()
        from huggingtweets_hub.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)  # as `cli._output.INTERRUPTED`, which may not be loaded yet


def _leave_folder() -> None:
    """Take off the path what `python -m` puts first: no module comes from there, unless this package does."""
    import os
    from pathlib import Path

    if not sys.flags.safe_path and sys.path[0] == os.getcwd() != str(Path(__file__).resolve().parents[1]):
        del sys.path[0]


if __name__ == "__main__":
    main()
