// One bot: a beginning goes in, posts come out.
import { button, el, megabytes, outside, say } from "./elements.js";
import { faces, handles, names } from "./faces.js";
import { HUB, NAMESPACE, bot as described } from "./hub.js";
import { mask, maskUnfinished } from "./masking.js";
import { kindOf, told } from "./problems.js";
import { linkTo, showAddress, toClipboard } from "./sharing.js";
import { Writer, isKept, isTight, plan } from "./writer.js";

const TEXTS = 5;
const LONGEST_PROMPT = 280;
const SAMPLES = 5;

export class Bot {
  constructor(name, prompt) {
    this.name = name;
    this.given = prompt;
    this.element = el("section", { class: "bot", "aria-busy": "true" });
    this.open();
  }

  /** Reads what is known about the bot, and shows it. */
  async open() {
    this.element.replaceChildren(
      el("h1", { tabindex: "-1", class: "unseen" }, this.name),
      el("div", { class: "ghost hero" }),
      el("div", { class: "ghost line" }),
    );
    try {
      this.bot = await described(this.name);
      this.plan = await plan(this.bot);
      this.kept = this.plan !== null && (await isKept(this.bot, this.plan));
      this.#show();
    } catch (error) {
      const page = kindOf(error) === "missing" ? null : `${HUB}/${NAMESPACE}/${this.name}`;
      this.element.replaceChildren(
        el("h1", { tabindex: "-1" }, this.name),
        told(error, () => this.open(), page),
      );
    }
    this.element.removeAttribute("aria-busy");
    if (this.isOnScreen) this.focus();
  }

  /** Puts the reader where the page begins. */
  focus() {
    this.isOnScreen = true;
    this.element.querySelector("h1")?.focus({ preventScroll: true });
  }

  /** Gives the memory back when the page is left. */
  close() {
    this.writer?.close();
    this.writer = null;
  }

  #show() {
    const { accounts, page, samples } = this.bot;
    this.own = accounts.map((account) => account.handle);
    this.posts = el("ol", { class: "posts", "aria-label": "New posts" });
    this.status = el("div", { class: "status" });
    this.element.replaceChildren(
      el("nav", {}, el("a", { class: "back", href: "#/" }, "← All bots")),
      el(
        "header",
        { class: "hero" },
        faces(accounts, "large"),
        el("h1", { tabindex: "-1", dir: "auto" }, names(accounts)),
        el("p", { class: "handle" }, `${handles(accounts)} · AI bot · `, outside(page, "model card")),
      ),
      el(
        "p",
        { class: "notice", role: "note" },
        el("b", {}, "AI"),
        el("span", {}, `Written by an AI bot, not by ${handles(accounts, "or")}. Nobody has checked it.`),
      ),
      ...(this.plan ? [this.#composer(), this.status, this.posts] : [this.#cannot()]),
      samples.length
        ? el(
            "section",
            { class: "earlier" },
            el("h2", {}, "What it wrote when it was made"),
            el(
              "ol",
              { class: "posts", "aria-label": "Earlier posts" },
              samples.slice(0, SAMPLES).map((text) => this.#post(text)),
            ),
          )
        : "",
    );
    if (this.plan) this.#rest();
  }

  #cannot() {
    return el(
      "section",
      { class: "problem", "data-kind": "no-onnx" },
      el("h2", {}, "This bot cannot run in a browser."),
      el(
        "p",
        {},
        this.bot.forms.length
          ? "It has no file this browser can run. "
          : "It was published without a file for browsers. ",
        "Its model card shows how to run it elsewhere. ",
        this.bot.samples.length ? "Below is what it wrote when it was made." : "",
      ),
      el("p", { class: "row" }, outside(this.bot.page, "Open its model card")),
    );
  }

  #composer() {
    this.input = el("input", {
      type: "text",
      id: "prompt",
      name: "prompt",
      maxlength: LONGEST_PROMPT,
      autocomplete: "off",
      dir: "auto",
      placeholder: "or leave it empty",
      enterkeyhint: "go",
    });
    this.input.value = (this.given ?? this.bot.prompt).slice(0, LONGEST_PROMPT);
    this.go = el("button", { type: "submit", class: "button main" }, "Write");
    this.share = button("Share link", () => this.#shareLink(), "quiet");
    return el(
      "form",
      {
        class: "composer",
        onsubmit: (event) => {
          event.preventDefault();
          if (!this.isWriting) this.#write();
          else if (this.isReady) this.writer.stop();
          else this.#cancel();
        },
      },
      el("label", { for: "prompt" }, "Start of a post"),
      el("div", { class: "field" }, this.input, this.go),
      el("div", { class: "row" }, this.share),
    );
  }

  /** What the button will do, and what it will cost, before anything is downloaded. */
  #rest() {
    const size = megabytes(this.plan.bytes);
    const about = this.kept
      ? "This browser still has the bot from your last visit."
      : `The first time, this downloads the bot: ${size} MB. Your browser keeps it for the next visit.`;
    const tight = isTight(this.plan) ? " This device has little memory, so the bot may not fit." : "";
    this.status.replaceChildren(el("p", { class: "quiet" }, about + tight));
  }

  async #write() {
    const prompt = this.input.value.replace(/\s+/g, " ").trimStart();
    const beginning = prompt.trimEnd();
    showAddress(this.name, beginning);
    this.#working(true);
    this.posts.replaceChildren();
    this.texts = [];
    this.writer ??= new Writer(this.bot, (event) => this.#told(event));
    try {
      if (!this.isReady) this.#progress(0, this.plan.bytes);
      await this.writer.load(this.plan);
      this.isReady = true;
    } catch (error) {
      return this.#failed(error);
    }
    if (!this.writer) return; // the page was left meanwhile
    this.status.replaceChildren(el("p", { class: "quiet" }, "Writing…"));
    this.writer.write(beginning, TEXTS);
  }

  /** Ends a download, or the start of the bot; what has arrived whole is kept. */
  #cancel() {
    this.close();
    this.#working(false);
    this.#rest();
    say("Stopped");
  }

  #told(event) {
    if (event.type === "progress") this.#progress(event.loaded, event.total);
    else if (event.type === "text") this.#text(event.index, maskUnfinished(event.text, this.own));
    else if (event.type === "done") this.#done(event);
    else if (event.type === "finished") this.#finished();
    else if (event.type === "failed") this.#failed(event.error);
  }

  #progress(loaded, total) {
    if (!this.bar) {
      this.bar = el("progress", { "aria-label": "Download of the bot" });
      this.said = el("p", { class: "quiet" });
      this.status.replaceChildren(this.said, this.bar);
      say(this.kept ? "Opening the bot" : `Downloading the bot, ${megabytes(total)} megabytes`);
    }
    const isWhole = loaded >= total;
    this.bar.max = total;
    if (isWhole) this.bar.removeAttribute("value");
    else this.bar.value = loaded;
    const part = `${megabytes(loaded)} of ${megabytes(total)} MB`;
    if (isWhole) this.said.textContent = "Waking the bot…";
    else this.said.textContent = this.kept ? "Opening the bot…" : `Downloading the bot: ${part}`;
  }

  #text(index, text) {
    const post = (this.texts[index] ??= this.#begin());
    if (post.body.textContent !== text) post.body.textContent = text;
  }

  #begin() {
    const post = this.#post("");
    post.body = post.querySelector(".text");
    post.classList.add("fresh");
    this.posts.append(post);
    return post;
  }

  #done({ index, text, tokens, seconds }) {
    const post = (this.texts[index] ??= this.#begin());
    post.body.textContent = mask(text, this.own) || "…";
    post.classList.remove("fresh");
    post.dataset.tokens = tokens;
    post.dataset.seconds = seconds.toFixed(3);
    say(`Post ${index + 1}: ${post.body.textContent}`);
  }

  #finished() {
    this.kept = true;
    this.#working(false);
    this.status.replaceChildren(el("p", { class: "quiet" }, "Press “Again” for five more."));
  }

  #failed(error) {
    this.isReady = false;
    this.writer?.close();
    this.writer = null;
    for (const post of this.posts.querySelectorAll(".fresh")) post.remove();
    this.#working(false);
    this.status.replaceChildren(told(error, () => this.#again(), this.bot.page));
  }

  /** Tries again with what the bot's repository holds now: its owner may have published it anew. */
  async #again() {
    const prompt = this.input.value;
    try {
      const bot = await described(this.name);
      const chosen = await plan(bot);
      if (chosen) [this.bot, this.plan] = [bot, chosen];
    } catch (error) {
      return this.#failed(error);
    }
    this.input.value = prompt;
    this.#write();
  }

  #working(isWriting) {
    this.isWriting = isWriting;
    this.bar = null;
    this.posts.setAttribute("aria-busy", String(isWriting));
    this.go.textContent = isWriting ? "Stop" : this.isReady ? "Again" : "Write";
  }

  #post(text) {
    const post = el("li", { class: "post" });
    const copied = button("Copy", async () => {
      const body = post.querySelector(".text").textContent;
      const about = `(Written by an AI bot, not by ${handles(this.bot.accounts, "or")}.)`;
      const isCopied = await toClipboard(`${body}\n\n${about}`);
      copied.textContent = isCopied ? "Copied" : "Select the text to copy it";
      say(isCopied ? "Copied, with a note that a bot wrote it" : "Copying is not allowed here");
      setTimeout(() => (copied.textContent = "Copy"), 2000);
    }, "small quiet");
    post.append(
      faces(this.bot.accounts, "small"),
      el(
        "div",
        { class: "body" },
        el(
          "p",
          { class: "by" },
          el("b", { dir: "auto" }, names(this.bot.accounts)),
          el("span", { class: "handle" }, ` ${handles(this.bot.accounts)} bot`),
          el("span", { class: "tag" }, "AI"),
        ),
        el("p", { class: "text", dir: "auto" }, text),
        copied,
      ),
    );
    return post;
  }

  async #shareLink() {
    const link = linkTo(this.name, this.input.value.trim());
    showAddress(this.name, this.input.value.trim());
    const isCopied = await toClipboard(link);
    this.share.textContent = isCopied ? "Link copied" : "Share link";
    if (!isCopied) this.status.replaceChildren(el("p", { class: "quiet" }, "Copy this link: ", el("code", {}, link)));
    say(isCopied ? "Link copied" : `The link is ${link}`);
    setTimeout(() => (this.share.textContent = "Share link"), 2000);
  }
}
