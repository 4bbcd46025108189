"""Our folders in CTranslate2, with the tokenizers library and no other."""

import json
from pathlib import Path

import pytest

from huggingtweets_hub.model.forms import ctranslate2
from tests.clients.running import PROMPTS, answered, continued

WRITE = """
import json, sys, ctranslate2, tokenizers
folder, prompts, compute = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
generator = ctranslate2.Generator(folder, compute_type=compute)
tokenizer = tokenizers.Tokenizer.from_file(folder + "/tokenizer.json")
asked = {"include_prompt_in_result": False, "return_end_token": True}
greedy = []
for prompt in prompts:
    start = tokenizer.encode(prompt)
    (said,) = generator.generate_batch([start.tokens], sampling_topk=1, max_length=12, **asked)
    greedy.append([start.ids, said.sequences_ids[0]])
ctranslate2.set_random_seed(5)
start, sampling = tokenizer.encode("My dream is").tokens, {"sampling_topk": 50, "sampling_topp": 0.95}
ten = generator.generate_batch([start] * 10, max_length=160, **sampling, **asked)
print(json.dumps([greedy, [text.sequences_ids[0] for text in ten]]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bot", "llama"])
def test_ctranslate2_writes_what_transformers_writes(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder: Path = request.getfixturevalue(kind)
    separator = json.loads((folder / "config.json").read_text())["eos_token_id"]
    for stored, computed in (("float16", "float32"), ("int8", "int8_float32")):
        ctranslate2.write(folder, tmp_path / stored, stored, title="bot")
        (greedy, ten), stderr = answered(
            tmp_path / "none", WRITE, str(tmp_path / stored), json.dumps(PROMPTS), computed
        )
        assert [ids.count(separator) for ids, _ in greedy] == [1] * len(PROMPTS) and not stderr
        assert len({str(text) for text in ten if text[-1] == separator}) >= 5
        if stored == "float16":
            assert greedy == continued(folder)
