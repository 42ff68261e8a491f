// Builds elements. Data becomes text only, never markup.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

export function build(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

export function buildSvg(tag, attributes, children = []) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// One of the symbols of index.html.
export const buildIcon = (name) =>
  buildSvg("svg", { class: "mark", "aria-hidden": "true" }, [
    buildSvg("use", { href: `#icon-${name}` }),
  ]);

// Shares in [0, 1], side by side on one line of width 1.
export function buildBar(shares) {
  let x = 0;
  const parts = shares.map((share, index) => {
    const width = Math.max(0, Math.min(share, 1 - x));
    const part = buildSvg("rect", { x, width, height: 1, class: `part-${index}` });
    x += width;
    return part;
  });
  return buildSvg(
    "svg",
    { class: "bar", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" },
    parts,
  );
}

export const titleOf = (item) => item.title || item.item_id;

export const formatShare = (share) => `${Math.round(100 * share)}%`;

// Calls `action` once, `milliseconds` after the last call.
export function debounce(action, milliseconds) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
}
