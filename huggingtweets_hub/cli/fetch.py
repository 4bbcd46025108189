"""`fetch`: the timeline only."""

import json
from pathlib import Path
from typing import Any

import click

from huggingtweets_hub.cli import _options, _output
from huggingtweets_hub.core.records import Post
from huggingtweets_hub.pipeline.options import Selection


@click.command()
@click.argument("handle", required=False, default="")
@click.option(
    "-o",
    "--output",
    type=_options.FilePath(dir_okay=False),
    required=True,
    metavar="FILE",
    help="A .jsonl file, which publish --from can read.",
)
@click.option("--from", "source", default="x", show_default=True, metavar="SOURCE", help=_options.source_help)
@_options.of(Selection)
@_options.output_format
def fetch(handle: str, output: Path, source: str, as_json: bool, quiet: bool, **selection: Any) -> None:
    """Write the timeline of HANDLE to a file, one post per line, newest first.

    \b
    Example:
      {program} fetch nasa --max-tweets 500 -o nasa.jsonl
    """
    from huggingtweets_hub.core import files
    from huggingtweets_hub.core.accounts import mention, nouns
    from huggingtweets_hub.core.names import expanded
    from huggingtweets_hub.core.serialization import to_json
    from huggingtweets_hub.pipeline import publish

    if output.suffix != ".jsonl":
        raise click.BadParameter(
            f"{output.name!r} does not end in .jsonl, which publish needs to read it.",
            param_hint="'--output'",
        )
    if not output.parent.is_dir():
        raise click.BadParameter(
            f"There is no folder {str(output.parent)!r}. Create it first.", param_hint="'--output'"
        )

    files.require_not_read(output, map(expanded, (source, handle)))
    files.require_writable(output, "give --output another file")
    timeline = publish.fetch_timeline(
        handle,
        source=source,
        progress=_output.terminal(quiet=quiet, models=False),
        **selection,
    )
    name = timeline.account.handle
    lines = [json.dumps(_row(tweet, name), ensure_ascii=False) + "\n" for tweet in timeline.tweets]
    files.write_whole(output, "".join(lines))
    record = {
        "handle": name,
        "output": str(output),
        "tweets": len(timeline.tweets),
        "tweets_bought": timeline.tweets_bought,
        "cost_usd": timeline.cost_usd,
        "recognised": to_json(timeline.recognised) if timeline.recognised else None,
    }
    post, _ = nouns([name])
    shown = {"File": str(output), f"{post.capitalize()}s": f"{len(timeline.tweets):,} of {mention(name)}"}
    _output.emit(record, as_json=as_json, quiet=quiet, main="output", lines=shown)


def _row(tweet: Post, handle: str) -> dict[str, Any]:
    return {
        "id": tweet.id,
        "text": tweet.text,
        "created_at": tweet.created_at.isoformat() if tweet.created_at else None,
        "lang": tweet.lang,
        "is_retweet": tweet.is_retweet,
        "is_reply": tweet.is_reply,
        "username": handle,
        **({} if tweet.is_quote is None else {"is_quote": tweet.is_quote}),
        **({"visibility": "private"} if tweet.is_private else {}),
    }
