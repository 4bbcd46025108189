// The bots of the namespace, as cards that are filled when they come into view.
import { button, el, say } from "./elements.js";
import { faces, handles, names } from "./faces.js";
import { HUB, NAMESPACE, facts, list } from "./hub.js";
import { told } from "./problems.js";

const MANY = 8; // from here on there is a search
const TYPING = 300; // milliseconds

export class Gallery {
  constructor(title) {
    this.grid = el("ul", { class: "grid" });
    this.after = el("div", { class: "after" });
    this.search = el("input", {
      type: "search",
      class: "search",
      placeholder: "Search by handle",
      "aria-label": "Search the bots by handle",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.#typed(),
    });
    this.search.hidden = true;
    this.element = el(
      "section",
      { class: "gallery" },
      el("h1", { tabindex: "-1" }, title),
      el(
        "p",
        { class: "lead" },
        "Choose a bot, start a post, and it writes the rest, right here in your browser. Each bot imitates an account; none of them is that person.",
      ),
      this.search,
      this.grid,
      this.after,
    );
    this.seen = new IntersectionObserver((entries) => this.#inView(entries), { rootMargin: "300px" });
    this.known = new Map();
    this.next = null;
    this.#load();
  }

  /** Adds a page of bots. Of answers to two searches only that to the newer one counts. */
  async #load(address = null) {
    const asked = (this.asked = Symbol());
    this.seen.unobserve(this.after);
    const query = this.search.value.trim().replace(/^@/, "");
    if (!address) this.grid.replaceChildren(...Array.from({ length: 6 }, () => el("li", { class: "card ghost" })));
    this.after.replaceChildren();
    try {
      const found = await list(address, query);
      if (asked !== this.asked) return;
      if (!address) this.grid.replaceChildren();
      this.next = found.next;
      this.grid.append(...found.names.map((name) => this.#card(name)));
      const number = this.grid.childElementCount;
      this.search.hidden = number < MANY && !this.next && !query;
      if (!number) this.after.replaceChildren(nothing(query));
      else if (query) say(`${number}${this.next ? " or more" : ""} ${number === 1 ? "bot" : "bots"} found`);
      if (this.next) {
        this.after.replaceChildren(button("Show more", () => this.#load(this.next)));
        this.seen.observe(this.after);
      }
    } catch (error) {
      if (asked !== this.asked) return;
      if (!address) this.grid.replaceChildren();
      this.after.replaceChildren(told(error, () => this.#load(address), `${HUB}/${NAMESPACE}`));
    }
  }

  #typed() {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.#load(), TYPING);
  }

  #card(name) {
    const unknown = [{ handle: name, name, picture: null }];
    const link = el("a", { class: "card", href: `#/${encodeURIComponent(name)}` });
    fill(link, { accounts: unknown, samples: null, forms: [] });
    const item = el("li", { "data-bot": name }, link);
    const known = this.known.get(name);
    if (known) fill(link, known);
    else this.seen.observe(item);
    return item;
  }

  async #inView(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      this.seen.unobserve(target);
      if (target === this.after) this.#load(this.next);
      else this.#fetch(target);
    }
  }

  async #fetch(item) {
    const name = item.dataset.bot;
    const link = item.firstChild;
    try {
      this.known.set(name, await facts(name));
      fill(link, this.known.get(name));
    } catch {
      // The card leads on as it is; its bot's page says what is wrong and tries again.
      fill(link, { accounts: [{ handle: name, name, picture: null }], samples: [], forms: [] });
    }
  }
}

/** What a card shows; `samples` is null while nothing is known. */
function fill(link, { accounts, samples, forms }) {
  const sample = samples?.find((text) => text.length <= 200) ?? samples?.[0];
  link.replaceChildren(
    el(
      "span",
      { class: "who" },
      faces(accounts, "medium"),
      el(
        "span",
        { class: "names" },
        el("b", { dir: "auto" }, names(accounts)),
        el("span", { class: "handle" }, `${handles(accounts)} · bot`),
      ),
    ),
    sample
      ? el("span", { class: "sample", dir: "auto" }, el("span", { class: "clamped" }, sample))
      : el("span", { class: `sample ${samples ? "none" : "ghost"}` }, samples ? "No sample here." : ""),
    el("span", { class: "where" }, !samples ? "" : forms.length ? "Runs in your browser" : "Samples only"),
  );
}

function nothing(query) {
  return query
    ? el("p", { class: "quiet" }, `No bot here has “${query}” in its name.`)
    : el("p", { class: "quiet" }, `${NAMESPACE} has no public bots yet.`);
}
