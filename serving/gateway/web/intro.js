// The first things that somebody new sees: what this is, needs and users to try.

import { ask, RefusedError } from "./api.js";
import { build, byId } from "./dom.js";
import { state } from "./state.js";

const PERSONAS = {
  heavy: "A heavy user",
  niche: "A niche taste",
  new: "Somebody new",
};

// `onNeed` takes a need in words, `onUser` a user id.
export async function startIntro({ onNeed, onUser }) {
  await Promise.all([showOverview(onNeed), showPersonas(onUser)]);
}

async function showOverview(onNeed) {
  try {
    state.overview = await ask("GET", "v1/overview");
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return; // the page works without
  }
  const { num_items: count, examples } = state.overview;
  if (count > 0) byId("count").textContent = `${count.toLocaleString("en")} titles`;
  byId("examples").hidden = examples.length === 0;
  byId("examples").append(
    ...examples.map((need) => buildTry(need, () => onNeed(need))),
  );
}

// A key that may not list users leaves the box to type an id into.
async function showPersonas(onUser) {
  let personas = [];
  try {
    ({ personas } = await ask("GET", "v1/personas"));
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
  }
  byId("personas").hidden = personas.length === 0;
  byId("personas").append(
    ...personas.map((persona) => {
      const button = buildTry(PERSONAS[persona.kind], () => onUser(persona.user_id));
      const events = `${persona.num_events.toLocaleString("en")} ${persona.num_events === 1 ? "title" : "titles"}`;
      button.append(build("span", "", events));
      button.title = `Lately: ${persona.titles.join("; ")}`;
      return button;
    }),
  );
}

function buildTry(text, act) {
  const button = build("button", "try", text);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}
