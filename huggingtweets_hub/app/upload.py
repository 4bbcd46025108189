"""A file that a visitor has uploaded, while a job reads it."""

import os
import shutil
from pathlib import Path

from huggingtweets_hub.core import files


class Upload:
    """The file under a name of the job's own, as the upload goes with the first job that has read it.

    Args:
        upload: Where the page has put it; the same for all who upload the same file.
        folder: The job's.
    """

    def __init__(self, upload: Path, folder: Path) -> None:
        self._upload = upload
        self.path = files.folder(folder / "upload") / upload.name
        try:
            os.link(upload, self.path)
        except OSError:  # a disk without links
            shutil.copyfile(upload, self.path)

    def leave(self) -> None:
        """Delete it if its reader has; else it only lacks a handle, and stays to be given again with one."""
        if not self.path.parent.is_dir():  # it went with the job
            return
        if not self.path.exists():
            self._upload.unlink(missing_ok=True)
        shutil.rmtree(self.path.parent, ignore_errors=True)
