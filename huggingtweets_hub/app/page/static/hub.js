// What is asked of the Hugging Face Hub, and what is believed of its answers.
import { nameOf } from "./faces.js";
import { Problem } from "./problems.js";

const page = document.documentElement.dataset;
export const NAMESPACE = page.namespace;
export const HUB = page.hub;
const TAG = "huggingtweets";
const FACTS = "huggingtweets.json";
const SECONDS = 30;
const NAME = /^[\w][\w.-]*$/;
const PICTURE = /^[\w.-]+\.(?:png|jpe?g|webp)$/i;

/** A page of the namespace's bots: their names, and the address of the next page. */
export async function list(address = null, search = "") {
  let url = address;
  if (!url) {
    const query = new URLSearchParams({ author: NAMESPACE, filter: TAG, limit: "100" });
    if (search) query.set("search", search);
    url = `${HUB}/api/models?${query}`;
  }
  const reply = await asked(url);
  const found = await json(reply);
  if (!Array.isArray(found)) throw new Problem("busy");
  const next = /<([^>]+)>;\s*rel="next"/.exec(reply.headers.get("link") ?? "")?.[1] ?? null;
  const names = found.map((model) => String(model?.id ?? "")).filter((id) => id.startsWith(`${NAMESPACE}/`));
  return {
    names: names.map((id) => id.slice(NAMESPACE.length + 1)).filter((name) => NAME.test(name)),
    next: next?.startsWith(`${HUB}/api/models?`) ? next : null,
  };
}

/** A bot as its repository describes it now, at the commit that everything else is then read from. */
export async function bot(name) {
  if (!NAME.test(name)) throw new Problem("missing");
  const info = await json(await asked(`${HUB}/api/models/${NAMESPACE}/${name}`));
  if (!Array.isArray(info?.tags) || !info.tags.includes(TAG)) throw new Problem("missing");
  const revision = /^[0-9a-f]{40}$/.test(info.sha) ? info.sha : "main";
  const files = new Set((info.siblings ?? []).map((file) => String(file?.rfilename)));
  return { ...(await facts(name, revision)), revision, files };
}

/** What is known about a bot from its own facts; without them, its name alone. */
export async function facts(name, revision = "main") {
  const repo = `${NAMESPACE}/${name}`;
  const found = await asked(fileOf(repo, revision, FACTS)).then(json, (error) => {
    if (error.kind === "missing") return {};
    throw error;
  });
  const accounts = (Array.isArray(found?.accounts) ? found.accounts : [])
    .filter((account) => typeof account?.handle === "string")
    .map((account) => ({
      handle: account.handle,
      name: typeof account.name === "string" && account.name ? account.name : nameOf(account.handle),
      picture: PICTURE.test(account.avatar_file ?? "") ? fileOf(repo, revision, account.avatar_file) : null,
    }));
  const samples = found?.samples ?? {};
  return {
    name,
    repo,
    page: `${HUB}/${repo}`,
    accounts: accounts.length ? accounts : [{ handle: name, name, picture: null }],
    prompt: typeof found?.prompt === "string" ? found.prompt : "",
    samples: [...texts(samples.free), ...texts(samples.prompted)],
    forms: (Array.isArray(found?.forms) ? found.forms : []).filter(
      (form) => form?.form === "onnx" && typeof form.file === "string" && Number.isFinite(form.bytes),
    ),
  };
}

/** The address of a file at a commit. */
export function fileOf(repo, revision, path) {
  return `${HUB}/${repo}/resolve/${revision}/${path}`;
}

function texts(value) {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string" && text.trim()) : [];
}

async function asked(url) {
  let reply;
  try {
    reply = await fetch(url, { credentials: "omit", signal: AbortSignal.timeout(SECONDS * 1000) });
  } catch (error) {
    throw new Problem("network", String(error));
  }
  if (reply.ok) return reply;
  if (reply.status === 404) throw new Problem("missing");
  if (reply.status === 401 || reply.status === 403) {
    // The Hub does not tell a repository that is private from one that is not there.
    throw new Problem(reply.headers.get("x-error-code") === "GatedRepo" ? "refused" : "missing");
  }
  throw new Problem("busy", `status ${reply.status}`);
}

async function json(reply) {
  try {
    return await reply.json();
  } catch (error) {
    throw new Problem(error instanceof SyntaxError ? "busy" : "network", String(error));
  }
}
