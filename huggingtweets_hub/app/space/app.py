"""The page on which a bot is made, as a Space. `huggingtweets app --deploy` writes this file."""

import os
import sys
import tempfile
import zipfile
from pathlib import Path

import spaces  # first: on ZeroGPU it has to come before torch


def unpack() -> None:
    """Make the package importable, here and in processes of ours, if it lies beside this file as a wheel."""
    for wheel in Path(__file__).resolve().parent.glob("*.whl"):
        site = tempfile.mkdtemp(prefix="site-")
        zipfile.ZipFile(wheel).extractall(site)
        sys.path.insert(0, site)
        os.environ["PYTHONPATH"] = site


if __name__ == "__main__":
    unpack()
    from huggingtweets_hub.app.web.on_space import serve

    serve(spaces.GPU)
