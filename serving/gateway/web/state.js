// What the page knows: who asks, what was picked, how the controls stand.

const VISITOR = "tastemaker.visitor"; // in localStorage
export const MAX_PICKED = 50;
export const SLATE_LENGTH = 12; // whole rows of 2, 3, 4 and 6
export const MAX_SHOWN = 96; // of the gateway's 100, in whole rows

export const state = {
  visitor: readVisitor() ?? renewVisitor(),
  otherUser: "", // "" = the visitor asks
  picked: [], // items, in the order picked
  need: "",
  diversity: null, // null = as the policy says
  popularity: null,
  categories: new Set(), // empty = any
  unwanted: new Set(), // categories
  minPrice: null,
  maxPrice: null,
  excludeHistory: null, // null = as the dataset says
  policy: "", // "" = as the gateway says
  similarTo: null, // the item whose like is shown; null = the user's slate
  items: [], // all that is shown, each with the slate that it is of
  overview: null, // what the gateway tells of itself; null = not yet
};

export const getUser = () => state.otherUser || state.visitor;

export function pick(item) {
  if (state.picked.some((one) => one.item_id === item.item_id)) return;
  state.picked = [...state.picked, item].slice(-MAX_PICKED);
}

export function unpick(itemId) {
  state.picked = state.picked.filter((one) => one.item_id !== itemId);
}

// Forgets what belongs to the user who asked so far.
export function changeUser(userId) {
  state.otherUser = userId;
  state.picked = [];
  state.similarTo = null;
  state.items = [];
}

export function renewVisitor() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  const visitor = `visitor-${digits.join("")}`;
  try {
    localStorage.setItem(VISITOR, visitor);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // nothing may be kept
  }
  return visitor;
}

function readVisitor() {
  try {
    return localStorage.getItem(VISITOR);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return null;
  }
}

// `k` items, none of those excluded.
export function buildRequest(k, excluded = []) {
  return {
    user_id: getUser(),
    session: state.picked.map(({ item_id }) => ({ item_id })),
    need: state.need,
    scenario: "",
    k,
    diversity: state.diversity,
    popularity: state.popularity,
    policy: state.policy,
    constraints: {
      excluded_item_ids: excluded,
      allowed_categories: [...state.categories],
      excluded_categories: [...state.unwanted],
      min_price: state.minPrice,
      max_price: state.maxPrice,
      exclude_history: state.excludeHistory,
    },
  };
}

// What `v1/similar` asks the model.
export const buildLike = (item) => ({
  session: [{ item_id: item.item_id }],
  need: item.title.replace(/\s*\(\d{4}\)\s*$/, ""),
});
