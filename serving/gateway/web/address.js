// The page's address: a reload, and whoever gets the link, see the same slate.
// The visitor's own id is not in it.

import { ask, RefusedError } from "./api.js";
import { MAX_PICKED, pick, state } from "./state.js";

// Field of the state, to its name in the address.
const TEXTS = { need: "need", policy: "policy", otherUser: "user" };
const NUMBERS = {
  diversity: "diversity",
  popularity: "popularity",
  minPrice: "from",
  maxPrice: "to",
};
const SETS = { categories: "only", unwanted: "not" };

export function writeAddress() {
  const query = new URLSearchParams();
  for (const [field, name] of Object.entries(TEXTS)) {
    if (state[field]) query.set(name, state[field]);
  }
  for (const [field, name] of Object.entries(NUMBERS)) {
    if (state[field] !== null) query.set(name, state[field]);
  }
  for (const [field, name] of Object.entries(SETS)) {
    for (const value of state[field]) query.append(name, value);
  }
  for (const item of state.picked) query.append("like", item.item_id);
  if (state.excludeHistory !== null) query.set("unseen", state.excludeHistory ? 1 : 0);
  if (state.similarTo !== null) query.set("similar", state.similarTo.item_id);
  const text = query.toString();
  history.replaceState(null, "", text ? `?${text}` : location.pathname);
}

// Sets the state as the address says; titles are asked for.
export async function readAddress() {
  const query = new URLSearchParams(location.search);
  for (const [field, name] of Object.entries(TEXTS)) state[field] = query.get(name) ?? "";
  for (const [field, name] of Object.entries(NUMBERS)) {
    const value = parseFloat(query.get(name));
    state[field] = Number.isFinite(value) ? value : null;
  }
  for (const [field, name] of Object.entries(SETS)) state[field] = new Set(query.getAll(name));
  if (query.has("unseen")) state.excludeHistory = query.get("unseen") === "1";
  const items = await Promise.all([
    findItem(query.get("similar")),
    ...query.getAll("like").slice(-MAX_PICKED).map(findItem),
  ]);
  const [similarTo, ...liked] = items;
  state.similarTo = similarTo;
  liked.filter(Boolean).forEach(pick);
}

// An item that is gone is left out.
async function findItem(itemId) {
  if (!itemId) return null;
  try {
    return await ask("GET", `v1/items/${encodeURIComponent(itemId)}`);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return null;
  }
}
