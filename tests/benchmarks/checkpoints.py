"""What checkpoints cost: the same training with and without them, by turns, in one process.

    python tests/benchmarks/checkpoints.py --rounds 3 --width 256 --layers 6

The base is a GPT-2 of random weights. On a busy machine, look at the share that was spent on writing.
"""

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from huggingtweets_hub.core import bars  # noqa: E402
from huggingtweets_hub.core.progress import Silent  # noqa: E402
from huggingtweets_hub.model import base as base_models  # noqa: E402
from huggingtweets_hub.model import training  # noqa: E402
from huggingtweets_hub.model.context import Context  # noqa: E402
from huggingtweets_hub.model.training import recipes, states  # noqa: E402
from huggingtweets_hub.posts import corpus  # noqa: E402
from huggingtweets_hub.posts.sample import Sample  # noqa: E402


def base(folder: Path, width: int, layers: int) -> Path:
    """A GPT-2 of random weights, with a tokenizer for the sample."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel

    from huggingtweets_hub.model import loading

    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(["the lamp, the sea and the bread"], vocab_size=300, show_progress=False)
    tokenizer = loading.gpt2_tokenizer(bpe.to_str(), 256)
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=len(tokenizer), n_positions=256, n_embd=width, n_layer=layers, n_head=4,
        bos_token_id=tokenizer.eos_token_id, eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    GPT2LMHeadModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def main() -> None:
    """Print a line for each training, then the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=1)
    arguments = parser.parse_args()
    bars.hush()
    written: list[tuple[float, int]] = []
    write = states.write

    def timed(path: Path, state: states.State) -> None:
        began = time.perf_counter()
        write(path, state)
        written.append((time.perf_counter() - began, state.bytes))

    states.write = timed
    texts = corpus.build([Sample().fetch("lighthouse_ada", max_tweets=None, since=None, progress=Silent())])
    wall: dict[bool, list[float]] = {False: [], True: []}
    files = []
    with TemporaryDirectory() as folder:
        checkpoint = base_models.resolve(base(Path(folder) / "base", arguments.width, arguments.layers))
        recipe = recipes.choose(
            "default", base="folder", characters=sum(map(len, texts.train)), epochs=arguments.epochs
        )
        for number in range(2 * arguments.rounds):
            keeps = number % 2 == 1
            unfinished = Path(folder) / "unfinished"
            context = Context()
            written.clear()
            trained = training.train(
                texts, checkpoint, recipe, Path(folder) / "model", context=context,
                unfinished=unfinished if keeps else None,
            )  # fmt: skip
            unfinished.unlink(missing_ok=True)
            files.append(trained.files)
            wall[keeps].append(context.clock.seconds["training"])
            cost = sum(seconds for seconds, _ in written)
            largest = max((size for _, size in written), default=0)
            print(
                f"{'with' if keeps else 'without':7} {wall[keeps][-1]:7.1f} s, {len(written)} written, "
                f"{largest / 1e6:.0f} MB, {cost:.2f} s ({cost / wall[keeps][-1]:.1%})",
                flush=True,
            )
    assert all(found == files[0] for found in files), "the weights differ"
    print(f"with checkpoints / without, the best of each: {min(wall[True]) / min(wall[False]):.3f}")


if __name__ == "__main__":
    main()
