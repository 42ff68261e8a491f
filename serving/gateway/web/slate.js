// Shows the slate: its cards, what is said of it, and the details behind it.

import { buildCard } from "./card.js";
import { noteItems } from "./controls.js";
import { build, byId, titleOf } from "./dom.js";
import { MAX_SHOWN, state } from "./state.js";

const DEGRADED = {
  last_known_good:
    "The model can’t be reached right now. These are its last good answers; " +
    "what you do now will count as soon as it is back.",
  popular:
    "The model can’t be reached right now. These titles are popular with " +
    "everyone; they are not chosen for you.",
};

// `said` describes the action before it.
export function showSlate(slate, said, acts) {
  const list = byId("slate");
  const shown = new Set(state.items.map((item) => item.item_id));
  const isNew = (item) => shown.size > 0 && !shown.has(item.item_id);
  const place = [...list.children].findIndex((card) => card.contains(document.activeElement));
  state.items = markSlate(slate.items, slate);
  list.replaceChildren(...state.items.map((item) => buildCard(item, isNew(item), acts)));
  if (place >= 0) focusCard(place);
  const numNew = slate.items.filter(isNew).length;
  const about = [said];
  if (slate.items.length === 0) about.push(`Nothing fits. ${sayWhy(slate)}`);
  else if (numNew > 0) about.push(numNew === 1 ? "1 new title." : `${numNew} new titles.`);
  else if (shown.size === 0) about.push(`${slate.items.length} titles.`);
  say(about.filter(Boolean).join(" "));
  byId("slate-heading").textContent = describeSlate();
  byId("back").hidden = state.similarTo === null;
  showCaveats(slate);
  finish();
}

// The last rules are those that left nothing; "them" of the first is the catalogue.
const sayWhy = (slate) =>
  slate.short_because.map((one) => one.text).join(" ") || "Try fewer filters.";

// Adds what comes after the slate; its first title gets the focus.
export function showMore(items, slate, acts) {
  const list = byId("slate");
  const place = list.children.length;
  const more = markSlate(items, slate);
  state.items = [...state.items, ...more];
  list.append(...more.map((item) => buildCard(item, false, acts)));
  say(items.length > 0 ? `${items.length} more titles.` : "There is nothing more.");
  if (items.length > 0) list.children[place].querySelector("h3").focus({ preventScroll: true });
  finish();
  byId("more").hidden ||= items.length === 0;
}

// Feedback goes to the slate that an item is of.
const markSlate = (items, slate) => items.map((item) => ({ ...item, slate_id: slate.slate_id }));

function finish() {
  noteItems(state.items);
  const count = state.items.length;
  byId("more").hidden = count === 0 || count >= MAX_SHOWN;
  showPlaces();
}

function showCaveats(slate) {
  byId("degraded").hidden = slate.source === "model";
  byId("degraded").textContent = slate.source === "model" ? "" : DEGRADED[slate.source];
  byId("unmet").hidden = slate.unmet.length === 0;
  byId("unmet").textContent =
    slate.unmet.length === 0
      ? ""
      : `This was not understood, or could not be left out: “${slate.unmet.join("”, “")}”.`;
}

// The card that had the focus is gone: its place keeps it.
function focusCard(place) {
  const cards = byId("slate").children;
  const card = cards[Math.min(place, cards.length - 1)];
  (card?.querySelector("h3") ?? byId("slate-heading")).focus({ preventScroll: true });
}

function describeSlate() {
  if (state.similarTo) return `Like ${titleOf(state.similarTo)}`;
  return state.otherUser ? `Picked for user ${state.otherUser}` : "Picked for you";
}

export function showAnswered(slate, milliseconds) {
  const facts = [["Model", slate.model_version || "none"], ["Policy", slate.policy || "none"]];
  for (const [experiment, arm] of Object.entries(slate.arms)) facts.push(["Arm", `${experiment}: ${arm}`]);
  facts.push(["Slate", slate.slate_id], ["Took", `${Math.round(milliseconds)} ms`]);
  byId("answered").replaceChildren(
    ...facts.map(([name, value]) => {
      const fact = build("div");
      fact.append(build("dt", "", name), build("dd", "", String(value)));
      return fact;
    }),
  );
  byId("details").hidden = false;
}

// Score and propensity of each place.
function showPlaces() {
  byId("places").replaceChildren(
    ...state.items.map((item) => {
      const row = build("tr");
      const numbers = [item.score.toFixed(2), (item.propensity ?? 1).toFixed(4)];
      row.append(build("th", "", titleOf(item)), ...numbers.map((one) => build("td", "", one)));
      row.firstElementChild.scope = "row";
      return row;
    }),
  );
}

export const say = (text) => {
  byId("said").textContent = text;
  byId("undo").hidden = true;
};
