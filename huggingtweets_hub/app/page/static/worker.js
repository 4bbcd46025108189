// Runs one bot, away from the page, so that the page stays responsive.
//
// Asked {type: "load", …}, then {type: "write", id, prompt, number} and {type: "stop"}. Answers "progress", "ready",
// "text" (so far), "done" (one text), "finished" (all of them) and "failed", with its kind.
import {
  AutoModelForCausalLM,
  AutoTokenizer,
  BaseStreamer,
  LogitsProcessor,
  LogitsProcessorList,
  StoppingCriteria,
  env,
} from "./vendor/transformers.min.js";
import { Problem, kindOf } from "./problems.js";
import { draw } from "./sampling.js";

const CACHE = "huggingtweets";
let tokenizer, model;
let isStopped = false;

addEventListener("message", async ({ data }) => {
  try {
    if (data.type === "load") await load(data);
    else if (data.type === "write") await write(data);
    else if (data.type === "stop") isStopped = true;
  } catch (error) {
    postMessage({ type: "failed", id: data.id, kind: kindOf(error), detail: String(error?.message ?? error) });
  }
});

async function load({ hub, repo, revision, kind, file, bytes, device, wasmBytes }) {
  const places = `${hub}/${repo}/resolve/`;
  const wanted = fileSizes(bytes, wasmBytes);
  env.allowLocalModels = false;
  env.allowRemoteModels = true;
  env.remoteHost = `${hub}/`;
  env.cacheKey = CACHE;
  env.useWasmCache = false; // it would import the runtime from a blob, which the page does not allow
  // The library looks for a tokenizer on "main", whatever the revision is.
  env.fetch = (url, options) =>
    fetched(String(url).replace(`${places}main/`, `${places}${revision}/`), options, `${places}${revision}/`);
  await forget(places, `${places}${revision}/`);
  const build = new URL(`vendor/ort-wasm-simd-threaded${device === "webgpu" ? ".asyncify" : ""}`, import.meta.url).href;
  const { wasm } = env.backends.onnx;
  wasm.wasmPaths = { mjs: `${build}.mjs`, wasm: `${build}.wasm` };
  wasm.wasmBinary = await runtime(`${build}.wasm`, (loaded) => wanted.tell("runtime", loaded));
  const options = {
    revision,
    progress_callback: (event) => {
      if (event.status === "progress" && event.file === file) wanted.tell("model", event.loaded);
    },
  };
  const loading = AutoModelForCausalLM.from_pretrained(repo, { ...options, dtype: kind, device });
  try {
    [tokenizer, model] = await Promise.all([AutoTokenizer.from_pretrained(repo, options), loading]);
  } catch (error) {
    // What arrived damaged must not be found again; what did arrive before the connection went is sound.
    const found = kindOf(error);
    if (found === "broken") await forget(places);
    throw missing.size && found === "broken" ? new Problem("incomplete", [...missing].join(", ")) : error;
  }
  wasm.wasmBinary = undefined;
  const forward = model.forward.bind(model);
  model.forward = async (inputs) => {
    await pause(); // so that "stop" is heard between two tokens
    return forward(inputs);
  };
  postMessage({ type: "ready", device });
}

// --- files

const missing = new Set();

/** What is asked for, only from the bot's own place on the Hub; a refusal is told from a lost connection. */
async function fetched(url, options, place) {
  if (!url.startsWith(place)) throw new Problem("broken", `not a file of the bot: ${url}`);
  let reply;
  try {
    reply = await fetch(url, { ...options, credentials: "omit" });
  } catch (error) {
    throw new Problem("network", String(error));
  }
  if (reply.status === 404 && !url.endsWith(".jinja")) missing.add(url.slice(place.length));
  if (reply.status === 401 || reply.status === 403) throw new Problem("refused");
  if (!reply.ok && reply.status !== 404) throw new Problem("busy", `status ${reply.status}`);
  return reply;
}

/** The compiled runtime, with its progress told. */
async function runtime(url, tell) {
  let reply;
  try {
    reply = await fetch(url);
  } catch (error) {
    throw new Problem("network", String(error));
  }
  if (!reply.ok || !reply.body) throw new Problem("runtime", `status ${reply.status}`);
  const parts = [];
  let loaded = 0;
  for (const reader = reply.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    tell((loaded += value.length));
  }
  return new Blob(parts).arrayBuffer();
}

/** Progress over all that is large: the bot and what runs it. */
function fileSizes(model, runtime) {
  const loaded = { model: 0, runtime: 0 };
  return {
    tell(part, bytes) {
      loaded[part] = bytes;
      postMessage({ type: "progress", loaded: loaded.model + loaded.runtime, total: model + runtime });
    },
  };
}

/** Deletes what the browser keeps of a bot, but what begins with `except`: an earlier publication. */
async function forget(places, except = null) {
  try {
    const cache = await caches.open(CACHE);
    for (const { url } of await cache.keys()) {
      if (url.startsWith(places) && !(except && url.startsWith(except))) await cache.delete(url);
    }
  } catch {
    // This browser, or this way of opening the page, keeps nothing.
  }
}

// --- writing

class Drawn extends LogitsProcessor {
  _call(ids, logits) {
    const token = draw(logits.data, model.generation_config ?? {});
    logits.data.fill(-Infinity);
    logits.data[token] = 0;
    return logits;
  }
}

class Stopped extends StoppingCriteria {
  _call(ids) {
    return ids.map(() => isStopped);
  }
}

class Told extends BaseStreamer {
  constructor(tell) {
    super();
    this.tokens = [];
    this.tell = tell;
    this.isPrompt = true;
  }

  put(ids) {
    if (this.isPrompt) this.isPrompt = false;
    else {
      this.tokens.push(...ids[0]);
      this.tell(decoded(this.tokens));
    }
  }

  end() {}
}

const DECODING = { skip_special_tokens: true, clean_up_tokenization_spaces: false };

/** What tokens say; bytes that do not form a character are unreadable, such as one that was cut in half. */
function decoded(tokens) {
  return tokenizer.decode(tokens, DECODING).replaceAll("\ufffd", "");
}

async function write({ id, prompt, number }) {
  isStopped = false;
  const longest = model.config.max_position_embeddings ?? model.config.n_positions ?? 1024;
  let beginning = prompt;
  let inputs = tokenizer(beginning);
  const room = Math.floor(longest / 2);
  if (inputs.input_ids.dims[1] > room) {
    beginning = tokenizer.decode(inputs.input_ids.tolist()[0].slice(-room), DECODING);
    inputs = tokenizer(beginning);
  }
  const settings = model.generation_config ?? {};
  const most = Math.min(settings.max_new_tokens ?? 160, Math.max(longest - inputs.input_ids.dims[1], 1));
  const processors = new LogitsProcessorList();
  processors.push(new Drawn());
  for (let index = 0; index < number && !isStopped; index++) {
    const began = performance.now();
    const streamer = new Told((text) => postMessage({ type: "text", id, index, text: (prompt + text).trim() }));
    await model.generate({
      ...inputs,
      do_sample: false, // one token is left to choose
      max_new_tokens: most,
      min_new_tokens: Math.min(settings.min_new_tokens ?? 0, most),
      logits_processor: processors,
      stopping_criteria: new Stopped(),
      streamer,
    });
    const tokens = streamer.tokens.length;
    const text = (prompt + decoded(streamer.tokens)).trim();
    postMessage({ type: "done", id, index, text, tokens, seconds: (performance.now() - began) / 1000 });
    await pause();
  }
  postMessage({ type: "finished", id });
}

/** Lets a message in; unlike a timer it costs nothing. */
function pause() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
