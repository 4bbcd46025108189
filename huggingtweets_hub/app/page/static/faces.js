// Who a bot imitates: faces and names.
import { el } from "./elements.js";

// How accounts are named in a sentence, by the network that a handle is marked with; else with an @.
const MENTIONS = new Map(Object.entries(JSON.parse(document.documentElement.dataset.mentions)));

/** The faces of a bot's accounts, each a picture or, where there is none, a letter. */
export function faces(accounts, size) {
  return el("span", { class: `faces faces-${size}`, "aria-hidden": "true" }, accounts.map(face));
}

function face(account) {
  if (!account.picture) return letter(account);
  const picture = el("img", { class: "face", src: account.picture, alt: "", loading: "lazy", decoding: "async" });
  picture.addEventListener("error", () => picture.replaceWith(letter(account)), { once: true });
  return picture;
}

function letter(account) {
  const drawn = el("span", { class: "face letter" }, [...account.name.replace(/^[^\p{L}\p{N}]+/u, "")][0] ?? "?");
  const number = [...account.handle].reduce((sum, character) => (sum * 31 + character.codePointAt(0)) % 360, 7);
  drawn.style.setProperty("--hue", String(number));
  return drawn;
}

/** Their names, as "Ada and Bob". */
export function names(accounts) {
  return joined(accounts.map((account) => account.name));
}

/** Their handles, as "@ada and @bob". */
export function handles(accounts, last = "and") {
  return joined(accounts.map(mention), last);
}

/** A handle without the mark of its network. */
export function nameOf(handle) {
  return markOf(handle) ? handle.slice(handle.indexOf(":") + 1) : handle;
}

function mention({ handle }) {
  return (MENTIONS.get(markOf(handle)) ?? "@{}").replace("{}", () => nameOf(handle));
}

function markOf(handle) {
  const [network, ...name] = handle.split(":");
  return name.length && MENTIONS.has(network) ? network : null;
}

function joined(words, last = "and") {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}
