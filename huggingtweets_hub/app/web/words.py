"""What the page says, in words: for people who have never used a command line."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from huggingtweets_hub.app.bases import BaseChoice
from huggingtweets_hub.core.accounts import mention
from huggingtweets_hub.core.text import counted
from huggingtweets_hub.core.wishes import WISHES, Consent

TITLE = "Make a bot of your posts"
LEAD = (
    "Drop an archive of your posts. A small language model learns to write like them, and you get a bot "
    "with an honest description of what it can and cannot do."
)
FORMATS = (
    "An X or Mastodon archive, a Bluesky .car file, or a Threads, Instagram or Reddit export, just as you "
    "downloaded it; or a table or list of posts (.csv, .json, .jsonl, .txt …)."
)
WHERE: Mapping[str, str] = {
    "X": "Settings, Your account, Download an archive of your data. It arrives within about a day.",
    "Bluesky": "Settings, Account, Export my data. Or skip the file and name the account below.",
    "Mastodon": "Preferences, Import and export, Request your archive. Or skip the file and name the account "
    "below.",
    "Threads, Instagram": "Accounts Center, Your information and permissions, Export your information, in "
    "JSON format. Write the account as threads:ann or instagram:ann below.",
    "Reddit": "https://www.reddit.com/settings/data-request. Write the account as reddit:ann below.",
    "Misskey": "Settings, Import and export, All notes, Export. Write the account as ann@host below.",
}
WHERE_TITLE = "Where to get the file"
ACCOUNT = (
    "Only needed if the file does not say whose posts it holds. Without a file, posts are read straight from "
    "Bluesky (ann.bsky.social) or Mastodon (ann@host)."
)
WHOSE, WHICH = "Whose posts are these?", "Which model should learn to write like that?"
BEGINNING = "The bot continues from there. Leave it empty and the bot starts by itself."
FORGET = (
    "This deletes the posts, the bot and everything else made from them here. What you have downloaded or "
    "published stays. Continue?"
)
CONSENTS: Mapping[Consent, str] = {
    "self": "They are mine\nI wrote these posts, and I want a bot that writes like me.",
    "written": "The author agreed\nIn writing, and I can show the agreement if someone asks.",
    "fictional": "The author is made up\nA fictional account, like a character in a story.",
}
CONSENT = (
    "A bot can repeat what it has read, and people may take its words for the author's. So the author has to "
    "agree. Your answer is shown on the card."
)
BASES = "A larger model writes better and takes longer. You can try another one later."
TRAINING = (
    "The model reads the posts and is tested now and then on some it does not learn from. You can close "
    "this page in the meantime: training continues, and you will find it here when you come back."
)
STOPPED = "Stopped. With the same choices, training resumes where it left off."
STAGES: Mapping[str, str] = {
    "Reading": "Reading the posts",
    "Training": "Learning from the posts",
    "Validating": "Learning from the posts",
    "Saving": "Learning from the posts",
    "Scoring": "Measuring what it has learned",
    "Loading": "Measuring what it has learned",
    "Sampling": "Letting it write",
    "Base model": "Measuring the model before training",
    "Preparing": "Preparing to learn",
}
WRITING = "Writing. The first time takes a little longer."
PACKING = "Packing the zip."
CARD = "This is what people read before they use the bot, as it will appear on the Hub."
PICTURE = "The picture shown when someone links to the bot."
KEEP = "Take the finished folder with you, or publish it under your own name for everyone to use."
PUBLISH = "Publish on the Hugging Face Hub"
NAMESPACE = "Your name on the Hub, or an organization you can write to. Leave it empty for your own name."


@dataclass(frozen=True, slots=True)
class Place:
    """What the page says of where it runs.

    Attributes:
        promise: What becomes of the posts.
        no_token: Why nothing can be published without a token, and what to do.
        cost: What a training costs; empty where it costs time alone.
        log_in: How to come by another token; empty where that is done on the command line.
    """

    promise: str
    no_token: tuple[str, str]
    cost: str = ""
    log_in: str = ""


ON_THIS_COMPUTER = Place(
    promise="Everything happens on this computer. Your posts stay here, and the app's copy of your file is "
    "deleted as soon as it is read. Nothing is published unless you press Publish.",
    no_token=(
        "You are not logged in to the Hugging Face Hub on this computer.",
        "Create a token with write access at https://huggingface.co/settings/tokens, run 'hf auth login' in "
        "a terminal, paste it there, and press Publish again. The bot will still be here.",
    ),
)

# What the command line advises, as the page has it.
_ADVICE = (
    (r" with --from( FILE)?", ""),
    (r"--from (archive\.zip|repo\.car|FILE)", "that file, in step 1"),
    (r"say so with --consent self( or --consent written)?", "say so in step 2"),
    (r"with --namespace @me, or ", "by leaving the name empty, or "),
    (r"use --base-model with a folder or 'tiny'", "choose Tiny in step 3"),
    (r"[Uu]se (a smaller|another) --base-model.*", r"Choose \1 model in step 3."),
    (
        r"Use --repo-id to publish somewhere else.*",
        "Publish under another name, or rename that one on the Hub.",
    ),
    (r"Use one of ('\w+', )+", "Drop "),
    (r", or train one model on up to three accounts", ""),
    (r"Run the same command again", "Try it again"),
    (
        r"docs/networks\.md says (where to get it|which files other networks give)",
        f"'{WHERE_TITLE}' says how",
    ),
    (
        r"(Name the column of the posts' text|Say which column holds the text): --column text=NAME",
        "Rename the column of the posts' text to 'text', and drop the file again.",
    ),
    (r"name its key: --column text=NAME", "rename its key to 'text', and drop the file again."),
    (r"Say which one it is: --column text=.*", "Remove the other one, and drop the file again."),
    (r": --column author=NAME says where", ", in a column 'username'"),
    (
        r"say which column holds (them|the handles): --column author=NAME( \(.*?\))?",
        "rename the column of the handles to 'username'",
    ),
    (
        r"say so with an empty name: --column author=",
        "remove the columns that name others, and drop the file again.",
    ),
    (
        r"say which column holds the time: --column time=NAME",
        "rename the column of the times to 'created_at', and drop the file again",
    ),
    (
        r"say which column marks them: --column retweet=NAME",
        "remove the column that marks them, and drop the file again",
    ),
    (
        r"If the account is your own and they may be used, add --include-private.*",
        "Posts that only some may read are not used on this page. Drop a file with others.",
    ),
    (
        r"If they may be used, add --content-warnings keep\.",
        "Posts behind content warnings are not used on this page. Drop a file with others.",
    ),
    (r"Give the handle too", "Type the account's name under the file, and read it again"),
)
_LOG_IN = re.compile(r"(run 'hf auth login'|log in with a token).*", re.IGNORECASE)
_FLAG = re.compile(r"(?<!\w)--[a-z]")


def advice(next_step: str, place: Place = ON_THIS_COMPUTER) -> str:
    """The next step of an error in the words of the page; options that it does not have are explained."""
    if place.log_in:
        next_step = _LOG_IN.sub(place.log_in, next_step)
        next_step = next_step[:1].upper() + next_step[1:]
    for pattern, words in _ADVICE:
        next_step = re.sub(pattern, words, next_step)
    if _FLAG.search(next_step):
        next_step += " (Options that start with -- are for the command line, 'huggingtweets publish'.)"
    return next_step


def left_out(counts: Mapping[str, int]) -> str:
    """How many posts are not used, and why."""
    reasons = [
        (counts.get("reposts", 0), "reposts of others"),
        (counts.get("short", 0), "with fewer than three words"),
    ]
    return ", ".join(f"{number:,} {why}" for number, why in reasons if number)


def days(first: str | None, last: str | None) -> str:
    """The first and the last day of the posts."""
    if first is None or last is None:
        return ""
    return _day(first) if first == last else f"{_day(first)} to {_day(last)}"


def wishes(keys: Sequence[str], handle: str) -> list[str]:
    """What the account says of how it may be used, as sentences."""
    return [f"{mention(handle)} {WISHES[key].says}." for key in keys if key in WISHES]


def perplexity(before: float, after: float) -> str:
    """What was measured on posts that the model has not seen."""
    return (
        f"Asked to guess the next piece of a post it has never seen, the model wavered between about "
        f"{_amount(before)} possibilities before training, and about {_amount(after)} now. "
        "Fewer is better; this number is called perplexity."
    )


def base(choice: BaseChoice) -> str:
    """A base model by what it costs, over what it is."""
    return f"{choice.name}\n{minutes(choice.seconds)} here, {megabytes(choice.bytes)}. {choice.says}"


def minutes(seconds: float) -> str:
    """How long a training takes, roughly."""
    if seconds < 60:
        return "Less than a minute"
    if seconds < 5400:
        return f"About {counted(round(seconds / 60), 'minute')}"
    return f"About {seconds / 3600:.1f} hours"


def megabytes(size: float) -> str:
    """How much is downloaded, once."""
    if not size:
        return "nothing to download"
    return f"downloads {size / 1e9:.1f} GB once" if size >= 1e9 else f"downloads {size / 1e6:.0f} MB once"


def _amount(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def _day(day: str) -> str:
    """A day as people write it: 3 May 2019."""
    found = date.fromisoformat(day)
    return f"{found.day} {found:%B %Y}"
