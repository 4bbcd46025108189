// Elements of the page. What comes from elsewhere only ever becomes text or an attribute, never HTML.

/** An element with attributes, handlers (`onclick`) and children; children that are null are left out. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** A button; `kind` is its look. */
export function button(label, onclick, kind = "", attributes = {}) {
  return el("button", { type: "button", class: `button ${kind}`.trim(), onclick, ...attributes }, label);
}

/** A link that leads out of the page. */
export function outside(href, ...children) {
  return el("a", { href, target: "_blank", rel: "noopener" }, ...children);
}

/** Has a screen reader say something, once it has finished what it is saying. */
export function say(text) {
  document.getElementById("said").textContent = text;
}

/** Megabytes, as people say them. */
export function megabytes(bytes) {
  const size = bytes / 1e6;
  return size < 10 ? size.toFixed(1) : Math.round(size).toLocaleString("en");
}
