// Addresses that carry a bot and a beginning, and the clipboard.
import { HUB } from "./hub.js";

const SPACE = document.documentElement.dataset.space;

/** What the address asks for: a bot and a prompt; null for the gallery. The prompt is null where none is given. */
export function read(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  let name;
  try {
    name = decodeURIComponent(path);
  } catch {
    name = path;
  }
  return name ? { name, prompt: new URLSearchParams(query).get("prompt") } : null;
}

function hashOf(name, prompt) {
  const query = prompt ? `?${new URLSearchParams({ prompt })}` : "";
  return `#/${encodeURIComponent(name)}${query}`;
}

/** A link to share; on the Hub, that of the Space's page rather than of the frame in it. */
export function linkTo(name, prompt) {
  const isOnHub = location.hostname.endsWith(".hf.space");
  const page = isOnHub ? `${HUB}/spaces/${SPACE}` : `${location.origin}${location.pathname}`;
  return page + hashOf(name, prompt);
}

/** Lets the address say what is shown, here and on the Hub's page around this one. */
export function showAddress(name, prompt) {
  const hash = name ? hashOf(name, prompt) : "";
  history.replaceState(null, "", hash || "#/");
  tellHub(hash);
}

/** The Hub's page around this one takes over the address; it does so for this message only. */
export function tellHub(hash) {
  if (window.parent !== window) window.parent.postMessage({ queryString: "", hash }, HUB);
}

/** Whether the text is in the clipboard now. */
export async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copied(text);
  }
}

/** The old way, for where the new one is not allowed. */
function copied(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
  }
}
