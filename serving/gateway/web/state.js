// What the page knows: who asks, what was picked, how the controls stand.

const VISITOR = "tastemaker.visitor"; // in localStorage
const MAX_PICKED = 50;
const MAX_DISLIKED = 500;
export const SLATE_LENGTH = 12; // whole rows of 2, 3, 4 and 6

export const state = {
  visitor: readVisitor() ?? renewVisitor(),
  otherUser: "", // "" = the visitor asks
  picked: [], // items, in the order picked
  disliked: [], // ids, kept out of the next slates
  need: "",
  diversity: null, // null = as the policy says
  popularity: null,
  categories: new Set(), // empty = any
  minPrice: null,
  maxPrice: null,
  excludeHistory: null, // null = as the dataset says
  similarTo: null, // the item whose like is shown; null = the user's slate
  slate: null, // the last answer
};

export const getUser = () => state.otherUser || state.visitor;

export function pick(item) {
  if (state.picked.some((one) => one.item_id === item.item_id)) return;
  state.picked = [...state.picked, item].slice(-MAX_PICKED);
}

export function unpick(itemId) {
  state.picked = state.picked.filter((one) => one.item_id !== itemId);
}

export function noteDislike(itemId) {
  state.disliked = [...state.disliked, itemId].slice(-MAX_DISLIKED);
}

// Forgets what belongs to the user who asked so far.
export function changeUser(userId) {
  state.otherUser = userId;
  state.picked = [];
  state.disliked = [];
  state.similarTo = null;
  state.slate = null;
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

export function buildRequest() {
  return {
    user_id: getUser(),
    session: state.picked.map(({ item_id }) => ({ item_id })),
    need: state.need,
    scenario: "",
    k: SLATE_LENGTH,
    diversity: state.diversity,
    popularity: state.popularity,
    constraints: {
      excluded_item_ids: state.disliked,
      allowed_categories: [...state.categories],
      min_price: state.minPrice,
      max_price: state.maxPrice,
      exclude_history: state.excludeHistory,
    },
  };
}
