#!/usr/bin/env bash
# @huggingface/transformers 4.3.2 (transformers.js) in Node 20, against a server on this machine; 28 November 2026.
#
# AutoTokenizer.from_pretrained(model, { revision }) takes a commit, as in Python. A good guess would be that every
# file then comes from that commit, whatever has happened to the main branch since.
#
# Seen: it first asks the main branch whether there is a tokenizer_config.json. Where main has none any more, nothing of
# the commit is asked for, though it is whole, and loading fails; where main has one, all is read from the commit.
# AutoConfig with the same revision asks for the commit alone. Output:
#   main without it: main/tokenizer_config.json; failed
#   main with it: main/tokenizer_config.json, COMMIT/tokenizer_config.json, COMMIT/tokenizer.json; loaded
#   AutoConfig: COMMIT/config.json; loaded
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export ONNXRUNTIME_NODE_INSTALL=skip
npm install --silent --no-fund --no-audit --prefix "$work" @huggingface/transformers@4.3.2
cat > ask.mjs <<'JS'
import http from 'node:http';
import { AutoConfig, AutoTokenizer, env } from '@huggingface/transformers';
const commit = '0123456789abcdef0123456789abcdef01234567';
const tokenizer = {
  version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null,
  pre_tokenizer: { type: 'Whitespace' }, post_processor: null, decoder: null,
  model: { type: 'BPE', unk_token: null, vocab: { a: 0, b: 1 }, merges: [] },
};
const files = {
  [`/ann/bot/resolve/${commit}/tokenizer.json`]: tokenizer,
  [`/ann/bot/resolve/${commit}/tokenizer_config.json`]: { tokenizer_class: 'PreTrainedTokenizer' },
  [`/ann/bot/resolve/${commit}/config.json`]: { model_type: 'gpt2' },
};
let asked = new Set();
const server = http.createServer((request, reply) => {
  asked.add(request.url.replace('/ann/bot/resolve/', '').replace(commit, 'COMMIT'));
  const found = files[request.url];
  reply.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
  reply.end(found ? JSON.stringify(found) : '{}');
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
env.allowLocalModels = env.useFSCache = env.useBrowserCache = false;
env.remoteHost = `http://127.0.0.1:${server.address().port}/`;
const said = async (title, load) => {
  asked = new Set();
  const how = await load().then(() => 'loaded', () => 'failed');
  console.log(`${title}: ${[...asked].sort().reverse().join(', ')}; ${how}`);
};
const pinned = { revision: commit };
const [how] = process.argv.slice(2);
if (how === 'with') files['/ann/bot/resolve/main/tokenizer_config.json'] = {};
if (how === 'config') await said('AutoConfig', () => AutoConfig.from_pretrained('ann/bot', pinned));
else await said(`main ${how} it`, () => AutoTokenizer.from_pretrained('ann/bot', pinned));
server.closeAllConnections();
server.close();
JS
for how in without with config; do node ask.mjs "$how" 2>> stderr; done > seen
cat seen
diff seen - <<'SEEN'
main without it: main/tokenizer_config.json; failed
main with it: main/tokenizer_config.json, COMMIT/tokenizer_config.json, COMMIT/tokenizer.json; loaded
AutoConfig: COMMIT/config.json; loaded
SEEN
