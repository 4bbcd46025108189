"""What a job runs: `python -m huggingtweets_hub.pipeline.remote FOLDER` makes and publishes what lies there.

It may be run again: what is published already is not published twice.
"""

import json
import sys
import tempfile
import traceback
from pathlib import Path

from huggingtweets_hub.core import files, tokens
from huggingtweets_hub.core.bars import hush, without_library_bars
from huggingtweets_hub.core.errors import HubError, UnexpectedError
from huggingtweets_hub.core.progress import Progress, Terminal
from huggingtweets_hub.core.records import Publication
from huggingtweets_hub.model.context import Context
from huggingtweets_hub.model.loading import Shelf
from huggingtweets_hub.pipeline.publish import publish_gathered
from huggingtweets_hub.pipeline.remote import handover
from huggingtweets_hub.pipeline.send import is_published, unchanged


def main(folder: Path) -> int:
    """Publish all that was handed over; the exit code is 1 if another try of the job may publish more.

    That is so only where the Hub did not answer as it should: whatever else went wrong would go wrong again,
    and be paid for again.

    A line of JSON on stdout for each says what came of it. Whoever has started the job asks the Hub what it
    holds.
    """
    hush()
    shelf, again = Shelf(), False
    for file in sorted(folder.glob("*.json")):
        progress = Terminal()
        try:
            publication = _publish(file, progress, shelf)
        except Exception as error:  # noqa: BLE001  # the others are not to suffer from it
            known = files.understood(error)
            if known is not error and isinstance(known, UnexpectedError):
                # Where it happened, and not what was said, which may quote a post.
                print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)
            again |= isinstance(known, HubError) and known.remedy == "retry"
            _say({"handover": file.stem, "kind": known.kind}, known.message, known.next_step)
        else:
            done = {"repo_id": publication.repo_id, "commit": publication.commit}
            print(json.dumps({**done, "changed": publication.changed}), flush=True)
        finally:
            progress.close()
    return int(again)


def _publish(file: Path, progress: Progress, shelf: Shelf) -> Publication:
    handed = handover.read(file.read_bytes())
    with without_library_bars(), tempfile.TemporaryDirectory() as templates:
        gathered = handover.taken_up(handed, Path(templates))
        is_forced = gathered.order.force and gathered.published.head == handed.head
        if is_published(gathered) and not is_forced:  # by an earlier try of this job
            return unchanged(gathered)
        return publish_gathered(gathered, Context(progress=progress, shelf=shelf))


def _say(what: dict[str, str], message: str, next_step: str) -> None:
    said = {**what, "message": tokens.redacted(message), "next_step": tokens.redacted(next_step)}
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
