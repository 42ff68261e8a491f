// What counts for the slate: titles that were picked, and what was said of
// others; each can be taken back. Below the controls, all that is remembered.

import { ask, RefusedError } from "./api.js";
import { build, buildIcon, byId, titleOf } from "./dom.js";
import { getUser, state, unpick } from "./state.js";
import { describeAge, describeEvent } from "./words.js";

const NUM_CHIPS = 8;
const NUM_EVENTS = 20;
const SHOWN = ["like", "dislike", "not_now", "seen"];

let controller = new AbortController();

// `onUnpick` takes a title's words, `onUndo` an event.
export function startTaste({ onUnpick, onUndo }) {
  const show = (events) => {
    showChips(events, { onUnpick, onUndo });
    showHistory(events, onUndo);
  };
  let known = [];
  const showTaste = async () => {
    show(known); // what was picked shows at once
    controller.abort();
    controller = new AbortController();
    try {
      const path = `v1/users/${encodeURIComponent(getUser())}/events`;
      const query = { limit: NUM_EVENTS };
      const { events } = await ask("GET", path, { query, signal: controller.signal });
      known = events;
      show(known);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof RefusedError)) throw error;
      known = [];
      show(known);
      byId("events").replaceChildren(build("li", "", error.message));
    }
  };
  return showTaste;
}

function showChips(events, { onUnpick, onUndo }) {
  const picked = state.picked.map((item) => {
    const title = titleOf(item);
    return buildChip("", title, `Remove ${title}`, () => {
      unpick(item.item_id);
      onUnpick(title);
    });
  });
  const said = events
    .filter((event) => SHOWN.includes(event.feedback))
    .slice(0, NUM_CHIPS)
    .map((event) => {
      const name = `Undo: ${describeEvent(event, null)}`;
      return buildChip(event.feedback, titleOf(event), name, () => onUndo(event));
    });
  const chips = [...picked, ...said];
  byId("picked").replaceChildren(...chips);
  byId("taste").hidden = chips.length === 0;
}

function buildChip(kind, title, name, act) {
  const chip = build("li", kind);
  if (kind) chip.append(buildIcon(kind));
  chip.append(title, buildUndo("×", name, act));
  return chip;
}

function buildUndo(text, name, act) {
  const button = build("button", "", text);
  button.type = "button";
  button.setAttribute("aria-label", name);
  button.addEventListener("click", act);
  return button;
}

function showHistory(events, onUndo) {
  const rows = events.map((event) => {
    const words = describeEvent(event, state.overview?.ratings ?? null);
    const row = build("li");
    const told = build("p", "", words);
    told.append(build("span", "", describeAge(event.timestamp)));
    const undo = buildUndo("Undo", `Take back: ${words}`, () => onUndo(event));
    undo.className = "quiet";
    row.append(told, undo);
    return row;
  });
  byId("events").replaceChildren(...(rows.length > 0 ? rows : [build("li", "", "Nothing yet.")]));
}
