// One place of the slate.

import { buildFace } from "./cover.js";
import { build, buildBar, byId, formatShare, titleOf } from "./dom.js";
import { state } from "./state.js";

const NUM_REASONS = 2; // more stand behind "Why?"
const VERDICTS = { like: "Like", dislike: "Not for me", not_now: "Not now", seen: "Seen it" };

// `acts` maps the class of each button to what it does with the item.
export function buildCard(item, isNew, acts) {
  const card = byId("card").content.firstElementChild.cloneNode(true);
  card.dataset.itemId = item.item_id;
  const title = titleOf(item);
  card.querySelector(".face").replaceWith(buildFace(item));
  if (isNew) {
    card.classList.add("is-new");
    card.querySelector(".face").append(build("span", "new", "New"));
  }
  card.querySelector(".facts").textContent = describe(item);
  fillReasons(card.querySelector(".reasons"), item);
  for (const [name, act] of Object.entries(acts)) {
    const button = card.querySelector(`.${name}`);
    const verb = VERDICTS[name] ?? button.textContent;
    button.setAttribute("aria-label", `${verb}: ${title}`);
    if (!button.textContent) button.title = verb;
    button.addEventListener("click", () => act(item, button));
  }
  hideUnknownVerdicts(card);
  return card;
}

// A gateway's settings may know other kinds of feedback.
export function hideUnknownVerdicts(root) {
  for (const name of Object.keys(VERDICTS)) {
    const isKnown = state.overview?.feedback.includes(name) ?? true;
    for (const button of root.querySelectorAll(`.${name}`)) button.hidden = !isKnown;
  }
}

function describe(item) {
  const facts = [(item.categories ?? []).slice(0, 2).join(", ")];
  if (item.price !== null && item.price !== undefined) {
    facts.push(item.price.toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 }));
  }
  if (Number.isFinite(item.rating)) facts.push(`★ ${item.rating.toFixed(1)} expected`);
  else if (Number.isFinite(item.probability)) {
    facts.push(`${formatShare(item.probability)} likely`);
  }
  return facts.filter(Boolean).join(" · ");
}

// The events of most weight; without any, what else has the largest share.
function fillReasons(line, { reasons, shares }) {
  const shown = reasons.slice(0, NUM_REASONS);
  if (shown.length === 0) {
    if (shares.need > 0 && shares.need >= shares.popularity) line.append("Because of what you asked for");
    else if (shares.popularity > 0) line.append("Because many people like it");
    return;
  }
  line.append(buildBar(shown.map((reason) => reason.weight)), "Because of ");
  shown.forEach((reason, index) => {
    if (index > 0) line.append(", ");
    line.append(build("b", "", titleOf(reason)), ` ${formatShare(reason.weight)}`);
  });
}
