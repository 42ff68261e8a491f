// The controls of the panel besides the title search.

import { ask, RefusedError } from "./api.js";
import { build, byId, debounce } from "./dom.js";
import { state } from "./state.js";

const MAX_CATEGORIES = 60;
const NUM_USERS = 20;
const PAUSE = { choice: 200, text: 500 }; // milliseconds until the next slate

// `onChange` asks for the next slate; `onUser` takes a user id, "" = me.
export function startControls({ onChange, onUser }) {
  const change = (pause) => debounce(() => onChange(), pause);
  startNeed(change(PAUSE.text));
  startSliders(change(PAUSE.choice));
  startFilters(change(PAUSE.choice), change(PAUSE.text));
  startPersona(onUser);
}

function startNeed(change) {
  byId("need").addEventListener("input", () => {
    state.need = byId("need").value.trim();
    change();
  });
}

function startSliders(change) {
  const names = ["diversity", "popularity"];
  const show = (name) => {
    const input = byId(name);
    const isAutomatic = state[name] === null;
    const text = isAutomatic ? "automatic" : `${Math.round(100 * state[name])}%`;
    input.classList.toggle("is-automatic", isAutomatic);
    input.setAttribute("aria-valuetext", text);
    byId(`${name}-value`).textContent = text;
    byId("automatic").hidden = names.every((one) => state[one] === null);
  };
  for (const name of names) {
    byId(name).addEventListener("input", () => {
      state[name] = byId(name).valueAsNumber;
      show(name);
      change();
    });
  }
  byId("automatic").addEventListener("click", () => {
    for (const name of names) {
      state[name] = null;
      byId(name).value = byId(name).defaultValue;
      show(name);
    }
    byId("diversity").focus();
    change();
  });
}

function startFilters(change, changeText) {
  const exclude = byId("exclude-history");
  exclude.checked = false; // a browser may remember another visit's
  exclude.indeterminate = true; // until the person chooses
  exclude.addEventListener("change", () => {
    state.excludeHistory = exclude.checked;
    byId("exclude-history-value").hidden = true;
    change();
  });
  for (const [id, name] of [["min-price", "minPrice"], ["max-price", "maxPrice"]]) {
    byId(id).addEventListener("input", () => {
      const price = byId(id).valueAsNumber;
      state[name] = Number.isFinite(price) && price >= 0 ? price : null;
      changeText();
    });
  }
  byId("category-list").addEventListener("change", ({ target }) => {
    if (target.checked) state.categories.add(target.value);
    else state.categories.delete(target.value);
    change();
  });
}

// Offers the categories and prices of what was seen so far as filters.
export function noteItems(items) {
  if (items.some((item) => Number.isFinite(item.price))) byId("prices").hidden = false;
  const list = byId("category-list");
  const known = new Map([...list.children].map((row) => [row.textContent, row]));
  for (const category of items.flatMap((item) => item.categories ?? [])) {
    if (known.has(category) || known.size >= MAX_CATEGORIES) continue;
    const box = build("input");
    box.type = "checkbox";
    box.value = category;
    const label = build("label", "check");
    label.append(box, build("span", "", category));
    const row = build("li");
    row.append(label);
    known.set(category, row);
  }
  const names = [...known.keys()].sort((one, other) => one.localeCompare(other));
  // Only what is new moves: a row that holds the focus keeps it.
  names.forEach((name, place) => {
    const row = known.get(name);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  byId("categories").hidden = names.length === 0;
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
