// The page: takes what people do, asks the gateway, shows what it answers.

import { readAddress, writeAddress } from "./address.js";
import { ask, RefusedError } from "./api.js";
import { hideUnknownVerdicts } from "./card.js";
import { offerChoices, startCompare } from "./compare.js";
import {
  noteCategories,
  offerPolicies,
  showControls,
  showPersona,
  startControls,
} from "./controls.js";
import { byId, titleOf } from "./dom.js";
import { startIntro } from "./intro.js";
import { say, showAnswered, showMore, showSlate } from "./slate.js";
import {
  buildLike,
  buildRequest,
  changeUser,
  getUser,
  MAX_SHOWN,
  pick,
  renewVisitor,
  SLATE_LENGTH,
  state,
} from "./state.js";
import { startTaste } from "./taste.js";
import { startTitleSearch } from "./title_search.js";
import { describeVerdict } from "./words.js";
import { showWhy } from "./why.js";

let controller = new AbortController(); // of the slate asked for
let showTaste; // of the user
let undone = null; // the event that the button below the heading takes back

// Requests the slate again; `said` describes the action before it. Feedback
// leaves it as long as it was.
async function refresh(said = "", length = SLATE_LENGTH) {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  const slateList = byId("slate");
  slateList.setAttribute("aria-busy", "true");
  closeCompare();
  writeAddress();
  const start = performance.now();
  try {
    const slate = await askForSlate(length, signal);
    slateList.setAttribute("aria-busy", "false");
    showSlate(slate, said, acts);
    showAnswered(slate, performance.now() - start);
    byId("problem").hidden = true;
    return true;
  } catch (error) {
    if (error.name === "AbortError") return false; // a newer call shows its answer
    slateList.setAttribute("aria-busy", "false");
    showProblem(error);
    return false;
  }
}

function askForSlate(length, signal, excluded = []) {
  if (state.similarTo === null) {
    return ask("POST", "v1/recommendations", { body: buildRequest(length, excluded), signal });
  }
  const query = { item_id: state.similarTo.item_id, k: length, user_id: getUser() };
  return ask("GET", "v1/similar", { query, signal });
}

async function loadMore() {
  const { signal } = controller; // a new slate makes it void
  const known = state.items.map((item) => item.item_id);
  // What is like an item is one list, which grows.
  const length = state.similarTo === null ? SLATE_LENGTH : known.length + SLATE_LENGTH;
  try {
    const slate = await askForSlate(Math.min(length, MAX_SHOWN), signal, known);
    const items = slate.items.filter((item) => !known.includes(item.item_id));
    showMore(items, slate, acts);
  } catch (error) {
    if (error.name !== "AbortError") showProblem(error);
  }
}

function showProblem(error) {
  if (!(error instanceof RefusedError)) throw error; // for the console
  byId("problem-text").textContent = error.message;
  byId("problem").hidden = false;
}

// Returns the event's id; "" = it was not taken.
async function sendFeedback(item, feedback) {
  const { slate_id, item_id } = item;
  const body = { slate_id, item_id, feedback, user_id: getUser() };
  try {
    return (await ask("POST", "v1/feedback", { body })).event_id;
  } catch (error) {
    showProblem(error);
    return "";
  }
}

async function judge(kind, item, button) {
  button.setAttribute("aria-pressed", "true");
  const eventId = await sendFeedback(item, kind);
  if (!eventId) return button.setAttribute("aria-pressed", "false");
  const words = describeVerdict(kind, item);
  // What is like one item stays so, whatever is said about it.
  if (state.similarTo) say(words);
  else await refresh(words, Math.max(state.items.length, SLATE_LENGTH));
  undone = { event_id: eventId, button };
  byId("undo").hidden = false;
  return showTaste();
}

async function undo(event) {
  const body = { user_id: getUser(), event_id: event.event_id };
  try {
    await ask("POST", "v1/undo", { body });
  } catch (error) {
    return showProblem(error);
  }
  event.button?.setAttribute("aria-pressed", "false");
  const words = event.title ? `Taken back: ${event.title}.` : "Taken back.";
  if (state.similarTo) say(words);
  else await refresh(words, Math.max(state.items.length, SLATE_LENGTH));
  return showTaste();
}

async function showOwnSlate(said = "") {
  state.similarTo = null;
  await refresh(said);
}

// What the buttons of a card do.
const acts = {
  like: (item, button) => judge("like", item, button),
  dislike: (item, button) => judge("dislike", item, button),
  not_now: (item, button) => judge("not_now", item, button),
  seen: (item, button) => judge("seen", item, button),
  why: (item) => showWhy(item, state.similarTo === null ? buildRequest() : buildLike(state.similarTo)),
  similar: async (item) => {
    await sendFeedback(item, "click");
    state.similarTo = item;
    byId("slate-heading").focus();
    await refresh();
  },
};

function closeCompare() {
  byId("compared").hidden = true;
  byId("single").hidden = false;
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
      await showUser(state.otherUser, `Forgotten. Entries removed: ${removed}.`);
    } catch (error) {
      showProblem(error);
    }
  });
}

// Shows the page as of another user; "" = the visitor.
function showUser(userId, said = "") {
  changeUser(userId);
  describeUser();
  return Promise.all([refresh(said), showTaste()]);
}

function describeUser() {
  byId("who").textContent = state.otherUser ? `Seen as user ${state.otherUser}` : "";
  byId("be-me").hidden = !state.otherUser;
  byId("forget").textContent = state.otherUser ? "Forget this user" : "Forget me";
  showPersona();
}

function startNeeds() {
  const setNeed = (need) => {
    state.need = need;
    byId("need").value = need;
    return showOwnSlate();
  };
  const isReady = startIntro({ onNeed: setNeed, onUser: showUser });
  byId("need-form").addEventListener("submit", (event) => {
    event.preventDefault();
    setNeed(byId("need").value.trim());
  });
  return isReady.then(() => {
    if (state.overview === null) return;
    noteCategories(state.overview.categories.map((one) => one.name));
    offerPolicies();
    offerChoices();
    hideUnknownVerdicts(byId("slate"));
  });
}

async function start() {
  showTaste = startTaste({
    onUnpick: (title) => {
      showTaste();
      byId("title-search").focus();
      showOwnSlate(`Removed ${title}.`);
    },
    onUndo: undo,
  });
  startControls({ onChange: showOwnSlate, onUser: showUser });
  startTitleSearch({
    onPick: (item) => {
      pick(item);
      showTaste();
      showOwnSlate(`Added ${titleOf(item)}.`);
    },
    onError: showProblem,
  });
  startCompare({
    onOpen: () => {
      byId("compared").hidden = false;
      byId("single").hidden = true;
      byId("compared-heading").focus();
    },
    onError: showProblem,
  });
  startForgetting();
  byId("retry").addEventListener("click", () => refresh());
  byId("more").addEventListener("click", loadMore);
  byId("undo").addEventListener("click", () => undo(undone));
  byId("be-me").addEventListener("click", () => {
    byId("slate-heading").focus();
    showUser("");
  });
  byId("close-compare").addEventListener("click", closeCompare);
  byId("back").addEventListener("click", () => {
    byId("slate-heading").focus();
    showOwnSlate();
  });
  await readAddress();
  showControls();
  describeUser();
  // Covers are coloured by what the overview tells.
  const isReady = startNeeds();
  await Promise.race([isReady, new Promise((resolve) => setTimeout(resolve, 300))]);
  await Promise.all([refresh(), showTaste(), isReady]);
}

start();
