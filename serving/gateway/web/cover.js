// The face of an item: its image, or else a cover set from its title. Colours
// and motif are those of its first category, which stands on the cover.

import { build, buildSvg, titleOf } from "./dom.js";
import { state } from "./state.js";

const NUM_PALETTES = 10; // as style.css has them
const PLAIN = "palette-plain"; // of items without a category
// Drawn in a field 100 wide and 80 high at the top of the cover.
const MOTIFS = [
  () => [circle(74, 26, 44)],
  () => [0, 16, 32, 48, 64].map((y, i) => rect(0, y, 100 - 17 * i, 8)),
  () => [path("M0 0h72a72 72 0 0 1-72 72z"), circle(84, 60, 10)],
  () => [14, 38, 62, 86].flatMap((x) => [14, 38, 62].map((y) => circle(x, y, 1.5 + (x + y) / 18))),
  () => [path("M0 74 50 8l50 66z"), circle(84, 16, 8, "faint")],
  () => [circle(36, 40, 29), circle(64, 40, 29, "faint")],
  () => [rect(8, 8, 40, 66), rect(52, 8, 40, 31, "faint"), circle(72, 58, 16)],
  () => [44, 32, 20, 8].map((r, i) => circle(50, 36, r, i % 2 ? "back" : "")),
  () => [0, 25, 50, 75].map((x) => path(`M${x} 76a25 25 0 0 1 25-25V${8 + x / 3}a25 25 0 0 0-25 25z`)),
  () => [path("M0 0h50v38H0z"), path("M50 38h50v38H50z", "faint"), circle(75, 19, 14), circle(25, 57, 14)],
];

const circle = (cx, cy, r, name = "") => buildSvg("circle", { cx, cy, r, class: name });
const rect = (x, y, width, height, name = "") =>
  buildSvg("rect", { x, y, width, height, class: name });
const path = (d, name = "") => buildSvg("path", { d, class: name });

// Returns an element that holds the item's `h3`.
export function buildFace(item) {
  const face = build("div", "face");
  if (!/^(https?:\/\/|\/)/.test(item.image_url ?? "")) {
    face.append(buildCover(item));
    return face;
  }
  const image = build("img", "image");
  image.alt = "";
  image.loading = "lazy";
  image.decoding = "async";
  image.referrerPolicy = "no-referrer";
  image.addEventListener("error", () => face.replaceChildren(buildCover(item)), { once: true });
  image.src = item.image_url;
  face.append(image, buildHeading(item, "below"));
  return face;
}

function buildCover(item) {
  const category = item.categories?.[0] ?? "";
  const number = numberCategory(category);
  const cover = build("div", `cover ${category ? `palette-${number % NUM_PALETTES}` : PLAIN}`);
  // The eleventh category has the first one's colours, and the second's motif.
  const motif = MOTIFS[(number + Math.floor(number / NUM_PALETTES)) % MOTIFS.length];
  const transform = hash(item.item_id) % 2 === 1 ? "matrix(-1 0 0 1 100 0)" : "";
  cover.append(
    buildSvg(
      "svg",
      { viewBox: "0 0 100 80", preserveAspectRatio: "xMidYMin slice", "aria-hidden": "true" },
      [buildSvg("g", { transform }, category ? motif() : [])],
    ),
    buildHeading(item, lengthClass(titleOf(item))),
  );
  if (category) cover.append(build("p", "genre", category));
  return cover;
}

// The place among the gateway's categories, the largest first.
function numberCategory(category) {
  const known = state.overview?.categories ?? [];
  const place = known.findIndex((one) => one.name === category);
  return place >= 0 ? place : hash(category);
}

// A year in brackets at the end is set smaller, and stays part of the title.
function buildHeading(item, className) {
  const heading = build("h3", className);
  heading.tabIndex = -1; // where the focus goes when the slate changes
  const title = titleOf(item);
  const dated = /^(.+?)( \(\d{4}\))$/.exec(title);
  heading.append(dated ? dated[1] : title);
  if (dated) heading.append(build("span", "year", dated[2]));
  return heading;
}

function lengthClass(title) {
  if (title.length <= 18) return "short";
  return title.length <= 36 ? "medium" : "long";
}

// Texts that differ in their last digit differ in all of it: FNV-1a, then the last steps of MurmurHash3.
function hash(text) {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    value = Math.imul(value ^ byte, 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
