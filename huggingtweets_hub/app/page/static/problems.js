// What can go wrong, in words: never a blank page, always a next step.
import { button, el, outside } from "./elements.js";

/** Something that went wrong, by its kind. */
export class Problem extends Error {
  constructor(kind, detail = "") {
    super(detail || kind);
    this.name = "Problem";
    this.kind = kind;
  }
}

const SAID = {
  network: ["The connection was lost.", "Nothing is arriving from Hugging Face. Check your network, then try again."],
  busy: ["Hugging Face is not responding properly.", "It may be busy. Wait a moment, then try again."],
  missing: ["There is no such bot here.", "It may have been renamed or taken down."],
  incomplete: ["A file of this bot is missing.", "Its owner has to publish it again. Try again in case that has happened."],
  refused: ["This bot is not public.", "Only its owner can see it, so it cannot run here."],
  broken: ["A file of this bot could not be read.", "It may have arrived damaged, so the copy kept here was deleted. Try again to download a fresh one."],
  memory: [
    "This device has too little memory for this bot.",
    "Close other tabs and try again, or open this page on a computer. What the bot wrote before is below.",
  ],
  stopped: ["The bot has stopped.", "The browser stopped it, most likely to save memory. Try again."],
  runtime: ["The page is not complete.", "A file of the page itself could not be loaded. Reload the page; if that does not help, its owner has to publish it again."],
};

/** The kind of any error: its own, or read from what the browser and the libraries say. */
export function kindOf(error) {
  if (error?.kind in SAID) return error.kind;
  const said = String(error?.message ?? error);
  if (error?.name === "AbortError" || error?.name === "TimeoutError") return "network";
  if (/fetch|network|load failed|connection/i.test(said)) return "network";
  if (error instanceof RangeError || /memory|allocat|out of bounds/i.test(said)) return "memory";
  return "broken";
}

/** A message with a way on. */
export function told(error, again, page = null) {
  const kind = kindOf(error);
  const [title, advice] = SAID[kind];
  const detail = String(error?.message ?? error);
  return el(
    "section",
    { class: "problem", role: "alert", "data-kind": kind },
    el("h2", {}, title),
    el("p", {}, advice),
    el(
      "p",
      { class: "row" },
      again ? button("Try again", again, "main") : null,
      page ? outside(page, "Open its page on Hugging Face") : null,
      kind === "missing" ? el("a", { href: "#/" }, "See all bots") : null,
    ),
    detail === kind ? null : el("details", {}, el("summary", {}, "What the browser says"), el("code", {}, detail)),
  );
}
