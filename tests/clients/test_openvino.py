"""Our GGUF files in OpenVINO, which reads those of Llamas.

It reads neither `add_bos_token` nor the sampling settings of a GGUF file, so its caller gives them. Every
digit is a word of its own to it, whatever the file says: texts with numbers begin in other tokens.
"""

import json
from pathlib import Path

import pytest

from huggingtweets_hub.core.settings import SEPARATOR
from huggingtweets_hub.model.forms import gguf
from tests.clients.running import PROMPTS, answered, continued, installed

WRITE = """
import json, sys, openvino_genai as genai
pipeline, separator = genai.LLMPipeline(sys.argv[1], "CPU"), sys.argv[3]
tokenizer = pipeline.get_tokenizer()
asked = genai.GenerationConfig(max_new_tokens=12, apply_chat_template=False)
asked.eos_token_id, greedy = tokenizer.get_eos_token_id(), []
for prompt in json.loads(sys.argv[2]):
    start = tokenizer.encode(separator + prompt)
    greedy.append([start.input_ids.data[0].tolist(), pipeline.generate(start, asked).tokens[0]])
asked.max_new_tokens, asked.do_sample, asked.num_return_sequences, asked.rng_seed = 160, True, 5, 5
asked.temperature, asked.top_k, asked.top_p = 1.0, 50, 0.95
five = pipeline.generate([separator + "My dream is"], asked)
print()
print(json.dumps([greedy, five.texts, [reason.name for reason in five.finish_reasons]]))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    versions = ("openvino==2026.4.1", "openvino-genai==2026.4.1.0", "openvino-tokenizers==2026.4.1.0")
    return installed(tmp_path_factory.mktemp("openvino"), *versions)


@pytest.mark.slow
def test_openvino_writes_what_transformers_writes(packages: Path, llama: Path, tmp_path: Path) -> None:
    gguf.write(llama, tmp_path / "bot.gguf", "f16", title="bot")
    wordy = [n for n, prompt in enumerate(PROMPTS) if not any(sign.isdigit() for sign in prompt)]
    prompts = json.dumps([PROMPTS[n] for n in wordy])
    (greedy, texts, reasons), stderr = answered(
        packages, WRITE, str(tmp_path / "bot.gguf"), prompts, SEPARATOR
    )
    expected = continued(llama)
    assert greedy == [expected[n] for n in wordy] and not stderr
    assert len(set(texts)) == 5 and set(reasons) == {"STOP"}
