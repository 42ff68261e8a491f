// The controls besides the title search.

import { ask, RefusedError } from "./api.js";
import { build, byId, debounce } from "./dom.js";
import { state } from "./state.js";

const MAX_CATEGORIES = 60;
const NUM_USERS = 20;
const PAUSE = { choice: 200, text: 500 }; // milliseconds until the next slate
const SLIDERS = ["diversity", "popularity"];
const LISTS = { "category-list": "categories", "unwanted-list": "unwanted" };
const PRICES = [
  ["min-price", "minPrice"],
  ["max-price", "maxPrice"],
];

// `onChange` asks for the next slate; `onUser` takes a user id, "" = me.
export function startControls({ onChange, onUser }) {
  const change = (pause) => debounce(() => onChange(), pause);
  startNeed(change(PAUSE.text));
  startSliders(change(PAUSE.choice));
  startFilters(change(PAUSE.choice), change(PAUSE.text));
  startPersona(onUser);
  byId("policy").addEventListener("change", () => {
    state.policy = byId("policy").value;
    onChange();
  });
}

// Shows the state, however it came about.
export function showControls() {
  byId("need").value = state.need;
  for (const name of SLIDERS) {
    byId(name).value = state[name] ?? byId(name).defaultValue;
    showSlider(name);
  }
  for (const [id, field] of PRICES) byId(id).value = state[field] ?? "";
  const exclude = byId("exclude-history");
  exclude.indeterminate = state.excludeHistory === null; // until somebody chooses
  exclude.checked = state.excludeHistory === true;
  byId("exclude-history-value").hidden = state.excludeHistory !== null;
  noteCategories([...state.categories, ...state.unwanted]);
  byId("policy").value = state.policy;
  showPersona();
}

export function showPersona() {
  const isOther = state.otherUser !== "";
  byId(isOther ? "as-user" : "as-me").checked = true;
  byId("user-row").hidden = !isOther;
  byId("user-id").value = state.otherUser;
}

function startNeed(change) {
  byId("need").addEventListener("input", () => {
    state.need = byId("need").value.trim();
    change();
  });
}

function showSlider(name) {
  const input = byId(name);
  const isAutomatic = state[name] === null;
  const text = isAutomatic ? "automatic" : `${Math.round(100 * state[name])}%`;
  input.classList.toggle("is-automatic", isAutomatic);
  input.setAttribute("aria-valuetext", text);
  byId(`${name}-value`).textContent = text;
  byId("automatic").hidden = SLIDERS.every((one) => state[one] === null);
}

function startSliders(change) {
  for (const name of SLIDERS) {
    byId(name).addEventListener("input", () => {
      state[name] = byId(name).valueAsNumber;
      showSlider(name);
      change();
    });
  }
  byId("automatic").addEventListener("click", () => {
    for (const name of SLIDERS) {
      state[name] = null;
      byId(name).value = byId(name).defaultValue;
      showSlider(name);
    }
    byId("diversity").focus();
    change();
  });
}

function startFilters(change, changeText) {
  const exclude = byId("exclude-history");
  exclude.addEventListener("change", () => {
    state.excludeHistory = exclude.checked;
    byId("exclude-history-value").hidden = true;
    change();
  });
  for (const [id, field] of PRICES) {
    byId(id).addEventListener("input", () => {
      const price = byId(id).valueAsNumber;
      state[field] = Number.isFinite(price) && price >= 0 ? price : null;
      changeText();
    });
  }
  byId("filters").addEventListener("change", ({ target }) => {
    const field = LISTS[target.closest("ul")?.id];
    if (!field) return;
    const chosen = state[field];
    if (target.checked) chosen.add(target.value);
    else chosen.delete(target.value);
    change();
  });
}

// Offers the prices and categories of what was seen so far as filters.
export function noteItems(items) {
  if (items.some((item) => Number.isFinite(item.price))) byId("prices").hidden = false;
  noteCategories(items.flatMap((item) => item.categories ?? []));
}

export function noteCategories(categories) {
  for (const [id, field] of Object.entries(LISTS)) {
    const list = byId(id);
    const known = new Map([...list.children].map((row) => [row.textContent, row]));
    for (const category of categories) {
      if (known.has(category) || known.size >= MAX_CATEGORIES) continue;
      known.set(category, buildCheck(category));
    }
    const names = [...known.keys()].sort((one, other) => one.localeCompare(other));
    // Only what is new moves: a row that holds the focus keeps it.
    names.forEach((category, place) => {
      const row = known.get(category);
      if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
      row.querySelector("input").checked = state[field].has(category);
    });
    list.closest("fieldset").hidden = names.length === 0;
  }
}

function buildCheck(category) {
  const box = build("input");
  box.type = "checkbox";
  box.value = category;
  const label = build("label", "check");
  label.append(box, build("span", "", category));
  const row = build("li");
  row.append(label);
  return row;
}

// Offers the policies once the gateway has told them.
export function offerPolicies() {
  const names = state.overview.policies;
  byId("policy").append(
    ...names.map((name) => {
      const option = build("option", "", name);
      option.value = name;
      return option;
    }),
  );
  byId("policy").value = state.policy;
  byId("policies").hidden = names.length < 2;
}

function startPersona(onUser) {
  const input = byId("user-id");
  const show = () => {
    const userId = input.value.trim();
    if (userId) onUser(userId);
  };
  byId("panel").addEventListener("change", ({ target }) => {
    if (target.name !== "persona") return;
    const isOther = target.value === "user";
    byId("user-row").hidden = !isOther;
    if (isOther) {
      listUsers();
      show();
    } else {
      onUser("");
    }
  });
  byId("show-user").addEventListener("click", show);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    show();
  });
}

// A key that may not list users leaves the box to type an id into.
async function listUsers() {
  const list = byId("users");
  if (list.children.length > 0) return;
  let users = [];
  try {
    ({ users } = await ask("GET", "v1/users", { query: { limit: NUM_USERS } }));
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
  }
  list.replaceChildren(
    ...users.map(({ user_id: userId }) => {
      const option = build("option");
      option.value = userId;
      return option;
    }),
  );
}
