#!/usr/bin/env bash
# gradio 6.31.0; 1 December 2026, Python 3.11 on Linux.
#
# gr.Examples(cache_examples=True) calls the function once for each example and shows what it gave when a visitor
# clicks one. A good guess would be that the visitor sees what a call would give.
#
# Seen: the cache is a CSV file made safe for spreadsheets. A text that begins with @, - or + comes out of it with an
# apostrophe in front, which nothing takes away again: each post that begins with a handle, each list and each negative
# number of a text box. A carriage return before a line feed is lost. Numbers of a gr.Number stay. Output:
#   '@ann good morning' is shown as "'@ann good morning"
#   '- milk' is shown as "'- milk"
#   '+1' is shown as "'+1"
#   '-5' is shown as "'-5"
#   'one\r\ntwo' is shown as 'one\ntwo'
#   'good morning @ann' is shown as 'good morning @ann'
#   -5 is shown as -5
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q gradio==6.31.0 gradio_client==2.7.2
cd "$work"
cat > ask.py <<'PYTHON'
import gradio

texts, numbers = ["@ann good morning", "- milk", "+1", "-5", "one\r\ntwo", "good morning @ann"], [-5]


def show(kind, values):
    came, goes = kind(), kind()
    examples = gradio.Examples(
        [[value] for value in values], came, goes, lambda value: value, cache_examples=True, cache_mode="eager"
    )
    return values, examples


with gradio.Blocks() as app:
    shown = [show(gradio.Textbox, texts), show(gradio.Number, numbers)]
app.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")
for values, examples in shown:
    for number, value in enumerate(values):
        print(f"{value!r} is shown as {examples.load_from_cache(number)[0]!r}")
app.close()
PYTHON
export GRADIO_ANALYTICS_ENABLED=False GRADIO_TEMP_DIR=$work/uploads HF_HOME=$work/hf HF_HUB_OFFLINE=1
venv/bin/python ask.py 2> stderr > said || { cat stderr; exit 1; }
grep "is shown as" said | tee seen
diff seen - <<'SEEN'
'@ann good morning' is shown as "'@ann good morning"
'- milk' is shown as "'- milk"
'+1' is shown as "'+1"
'-5' is shown as "'-5"
'one\r\ntwo' is shown as 'one\ntwo'
'good morning @ann' is shown as 'good morning @ann'
-5 is shown as -5
SEEN
