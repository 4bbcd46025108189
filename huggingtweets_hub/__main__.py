"""`python -m huggingtweets_hub`."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    # What `python -m` puts first on the path: no module comes from there, unless this package does.
    if not sys.flags.safe_path and sys.path[0] == os.getcwd() != str(Path(__file__).resolve().parents[1]):
        del sys.path[0]
    from huggingtweets_hub.cli import main

    main()
