// A bot that runs in a worker, from the side of the page.
import { HUB } from "./hub.js";
import { Problem } from "./problems.js";

const sizes = document.documentElement.dataset;
const FILES = { q4: "onnx/model_q4.onnx", q8: "onnx/model_quantized.onnx", q4f16: "onnx/model_q4f16.onnx" };
const FOR = { webgpu: ["q4f16", "q4"], wasm: ["q4", "q8"] };
const SHARE_OF_MEMORY = 0.25; // of what the browser says there is; a bot takes several times its size

/** How a bot would run here: the device and the file; null where it has no file for this browser. */
export async function plan(bot, devices = ["webgpu", "wasm"]) {
  for (const device of devices) {
    const adapter = device === "webgpu" ? await navigator.gpu?.requestAdapter().catch(() => null) : null;
    if (device === "webgpu" && !adapter) continue;
    const kinds = FOR[device].filter((kind) => kind !== "q4f16" || adapter.features.has("shader-f16"));
    const fit = bot.forms.filter((form) => kinds.includes(form.kind) && form.file === FILES[form.kind]);
    const form = fit.sort((one, other) => one.bytes - other.bytes)[0];
    if (form) {
      const wasmBytes = Number(device === "webgpu" ? sizes.webgpuBytes : sizes.wasmBytes);
      return { device, form, wasmBytes, bytes: form.bytes + wasmBytes };
    }
  }
  return null;
}

/** Whether the bot is kept in this browser since an earlier visit. */
export async function isKept(bot, { form }) {
  try {
    const cache = await caches.open("huggingtweets");
    return Boolean(await cache.match(`${HUB}/${bot.repo}/resolve/${bot.revision}/${form.file}`));
  } catch {
    return false;
  }
}

/** Whether this device may have too little memory; only some browsers say how much there is. */
export function isTight({ bytes }) {
  return Boolean(navigator.deviceMemory) && bytes > navigator.deviceMemory * 1e9 * SHARE_OF_MEMORY;
}

/** A bot at work. `told` gets what the worker says, "failed" as an error. */
export class Writer {
  constructor(bot, told) {
    this.bot = bot;
    this.told = told;
    this.asked = 0;
  }

  /** Resolves once the bot can write. Where WebGPU fails after all, it is tried again without. */
  load(chosen) {
    this.loading ??= this.#start(chosen).catch(async (error) => {
      this.#end();
      const other = chosen.device === "webgpu" && error.kind !== "network" ? await plan(this.bot, ["wasm"]) : null;
      if (other) return this.#start(other);
      throw error;
    });
    this.loading.catch(() => (this.loading = null));
    return this.loading;
  }

  #start({ device, form, wasmBytes }) {
    const { repo, revision } = this.bot;
    return new Promise((resolve, reject) => {
      this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
      this.reject = (error) => {
        this.#end();
        reject(error);
        this.told({ type: "failed", error });
      };
      let isStarted = false;
      this.worker.addEventListener("error", (event) => {
        event.preventDefault();
        this.reject(new Problem(isStarted ? "stopped" : "runtime", event.message));
      });
      this.worker.addEventListener("message", ({ data }) => {
        isStarted = true;
        if (data.type === "ready") resolve(data);
        if (data.type === "failed" && data.id === undefined) reject(new Problem(data.kind, data.detail));
        else if (data.id === undefined || data.id === this.asked) this.#tell(data);
      });
      const { kind, file, bytes } = form;
      this.worker.postMessage({ type: "load", hub: HUB, repo, revision, kind, file, bytes, device, wasmBytes });
    });
  }

  #tell(data) {
    if (data.type === "failed") this.reject(new Problem(data.kind, data.detail));
    else this.told(data);
  }

  /** Writes texts that begin with the prompt; an earlier request is stopped. */
  write(prompt, number) {
    this.asked += 1;
    this.worker.postMessage({ type: "write", id: this.asked, prompt, number });
  }

  /** Ends the text that is being written; what is there of it stays. */
  stop() {
    this.worker?.postMessage({ type: "stop" });
  }

  /** Gives the memory back. */
  close() {
    this.#end();
    this.told = () => {};
  }

  #end() {
    this.worker?.terminate();
    this.worker = null;
    this.loading = null;
  }
}
