// The page: which bot the address asks for, or the gallery.
import { Bot } from "./bot.js";
import { Gallery } from "./gallery.js";
import { read, tellHub } from "./sharing.js";

const main = document.getElementById("main");
const title = document.title;
let gallery = null;
let shown = null;
let scrolled = 0;

function show() {
  const wanted = read(location.hash);
  if (wanted && shown?.name === wanted.name) return;
  if (shown) shown.close();
  else scrolled = window.scrollY;
  const isFirst = !main.dataset.shown;
  main.dataset.shown = wanted ? "bot" : "gallery";
  if (wanted) {
    shown = new Bot(wanted.name, wanted.prompt);
    document.title = `${wanted.name}, an AI bot · ${title}`;
    main.replaceChildren(shown.element);
    window.scrollTo(0, 0);
    if (!isFirst) shown.focus();
  } else {
    shown = null;
    gallery ??= new Gallery(title);
    document.title = title;
    main.replaceChildren(gallery.element);
    window.scrollTo(0, scrolled);
    if (!isFirst) gallery.element.querySelector("h1").focus({ preventScroll: true });
  }
  if (!isFirst) tellHub(location.hash);
}

window.addEventListener("hashchange", show);
show();
