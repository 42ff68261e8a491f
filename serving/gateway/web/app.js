// The page: takes what people do, asks the gateway, shows what it answers.

import { ask, RefusedError } from "./api.js";
import { buildCard } from "./card.js";
import { noteItems, startControls } from "./controls.js";
import { build, byId, titleOf } from "./dom.js";
import {
  buildRequest,
  changeUser,
  getUser,
  noteDislike,
  pick,
  renewVisitor,
  SLATE_LENGTH,
  state,
  unpick,
} from "./state.js";
import { startTitleSearch } from "./title_search.js";
import { showWhy } from "./why.js";

const DEGRADED = {
  last_known_good:
    "The model can’t be reached right now. These are its last good answers; " +
    "what you do now will count as soon as it is back.",
  popular:
    "The model can’t be reached right now. These titles are popular with " +
    "everyone; they are not chosen for you.",
};
const NUM_EVENTS = 20;

let controller = new AbortController(); // of the slate asked for
let eventsController = new AbortController();

// Requests the slate again; `said` describes the action before it.
async function refresh(said = "") {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  const slateList = byId("slate");
  slateList.setAttribute("aria-busy", "true");
  const start = performance.now();
  try {
    const slate = await askForSlate(signal);
    slateList.setAttribute("aria-busy", "false");
    showSlate(slate, said);
    showAnswered(slate, performance.now() - start);
    byId("problem").hidden = true;
  } catch (error) {
    if (error.name === "AbortError") return; // a newer call shows its answer
    slateList.setAttribute("aria-busy", "false");
    showProblem(error);
  }
}

function askForSlate(signal) {
  if (state.similarTo === null) {
    return ask("POST", "v1/recommendations", { body: buildRequest(), signal });
  }
  const query = { item_id: state.similarTo.item_id, k: SLATE_LENGTH, user_id: getUser() };
  return ask("GET", "v1/similar", { query, signal });
}

function showSlate(slate, said) {
  const list = byId("slate");
  const shown = new Set((state.slate?.items ?? []).map((item) => item.item_id));
  const isNew = (item) => shown.size > 0 && !shown.has(item.item_id);
  const place = [...list.children].findIndex((card) => card.contains(document.activeElement));
  state.slate = slate;
  list.replaceChildren(...slate.items.map((item) => buildCard(item, isNew(item), acts)));
  if (place >= 0) focusCard(place);
  const numNew = slate.items.filter(isNew).length;
  const about = [said];
  if (slate.items.length === 0) about.push("Nothing fits. Try fewer filters.");
  else if (numNew > 0) about.push(numNew === 1 ? "1 new title." : `${numNew} new titles.`);
  else if (shown.size === 0) about.push(`${slate.items.length} titles.`);
  say(about.filter(Boolean).join(" "));
  noteItems(slate.items);
  byId("slate-heading").textContent = describeSlate();
  byId("back").hidden = state.similarTo === null;
  byId("degraded").hidden = slate.source === "model";
  byId("degraded").textContent = slate.source === "model" ? "" : DEGRADED[slate.source];
  byId("unmet").hidden = slate.unmet.length === 0;
  byId("unmet").textContent =
    slate.unmet.length === 0
      ? ""
      : `This could not be left out: “${slate.unmet.join("”, “")}”. These titles may have it.`;
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

function showAnswered(slate, milliseconds) {
  const facts = [["Model", slate.model_version || "none"], ["Policy", slate.policy || "none"]];
  for (const [experiment, arm] of Object.entries(slate.arms)) facts.push(["Arm", `${experiment}: ${arm}`]);
  facts.push(["Took", `${Math.round(milliseconds)} ms`]);
  byId("answered").hidden = false;
  byId("answered").replaceChildren(
    ...facts.map(([name, value]) => {
      const fact = build("div");
      fact.append(build("dt", "", name), build("dd", "", String(value)));
      return fact;
    }),
  );
}

const say = (text) => {
  byId("said").textContent = text;
};

function showProblem(error) {
  if (!(error instanceof RefusedError)) throw error; // for the console
  byId("problem-text").textContent = error.message;
  byId("problem").hidden = false;
}

async function sendFeedback(item, feedback) {
  const body = {
    slate_id: state.slate.slate_id,
    item_id: item.item_id,
    feedback,
    user_id: getUser(),
  };
  try {
    await ask("POST", "v1/feedback", { body });
    return true;
  } catch (error) {
    showProblem(error);
    return false;
  }
}

async function judge(item, feedback, button, said) {
  button.setAttribute("aria-pressed", "true");
  if (!(await sendFeedback(item, feedback))) return button.setAttribute("aria-pressed", "false");
  // What is like one item stays so, whatever is said about it.
  if (state.similarTo) return say(said);
  return Promise.all([refresh(said), showEvents()]);
}

async function showOwnSlate(said = "") {
  state.similarTo = null;
  await refresh(said);
}

// What the buttons of a card do.
const acts = {
  like: (item, button) => judge(item, "like", button, `Liked ${titleOf(item)}.`),
  dislike: (item, button) => {
    noteDislike(item.item_id);
    return judge(item, "dislike", button, `Not for you: ${titleOf(item)}.`);
  },
  why: (item) => showWhy(item, { user_id: getUser(), need: state.need }),
  similar: async (item) => {
    await sendFeedback(item, "click");
    state.similarTo = item;
    byId("slate-heading").focus();
    await refresh();
  },
};

function showPicked() {
  byId("picked").replaceChildren(
    ...state.picked.map((item) => {
      const title = titleOf(item);
      const chip = build("li", "", title);
      const remove = build("button", "", "×");
      remove.type = "button";
      remove.setAttribute("aria-label", `Remove ${title}`);
      remove.addEventListener("click", () => {
        unpick(item.item_id);
        showPicked();
        byId("title-search").focus();
        showOwnSlate(`Removed ${title}.`);
      });
      chip.append(remove);
      return chip;
    }),
  );
}

async function showEvents() {
  if (!byId("history").open) return;
  eventsController.abort();
  eventsController = new AbortController();
  const { signal } = eventsController;
  const list = byId("events");
  try {
    const { events } = await ask("GET", `v1/users/${encodeURIComponent(getUser())}/events`, {
      query: { limit: NUM_EVENTS },
      signal,
    });
    const rows = events.map((event) => {
      const row = build("li", "", titleOf(event));
      const value = event.value === null ? "" : ` ${event.value}`;
      const when = new Date(1000 * event.timestamp).toLocaleDateString();
      row.append(build("span", "", `${event.event_type}${value}, ${when}`));
      return row;
    });
    list.replaceChildren(...(rows.length > 0 ? rows : [build("li", "", "Nothing yet.")]));
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof RefusedError)) throw error;
    list.replaceChildren(build("li", "", error.message));
  }
}

function startForgetting() {
  const dialog = byId("confirm");
  byId("forget").addEventListener("click", () => {
    const name = state.otherUser ? `user ${state.otherUser}` : "me";
    byId("confirm-heading").textContent = `Forget ${name}?`;
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue !== "forget") return;
    try {
      const path = `v1/users/${encodeURIComponent(getUser())}`;
      const { removed } = await ask("DELETE", path);
      if (!state.otherUser) state.visitor = renewVisitor();
      showUser(state.otherUser);
      await Promise.all([refresh(`Forgotten. Entries removed: ${removed}.`), showEvents()]);
    } catch (error) {
      showProblem(error);
    }
  });
}

// Shows the page as of another user; "" = the visitor.
function showUser(userId) {
  changeUser(userId);
  byId("who").textContent = userId ? `Seen as user ${userId}` : "";
  byId("forget").textContent = userId ? "Forget this user" : "Forget me";
  showPicked();
}

function start() {
  startControls({
    onChange: showOwnSlate,
    onUser: (userId) => {
      showUser(userId);
      return Promise.all([refresh(), showEvents()]);
    },
  });
  startTitleSearch({
    onPick: (item) => {
      pick(item);
      showPicked();
      showOwnSlate(`Added ${titleOf(item)}.`);
    },
    onError: showProblem,
  });
  startForgetting();
  byId("history").addEventListener("toggle", showEvents);
  byId("retry").addEventListener("click", () => refresh());
  byId("back").addEventListener("click", () => {
    byId("slate-heading").focus();
    showOwnSlate();
  });
  refresh();
}

start();
