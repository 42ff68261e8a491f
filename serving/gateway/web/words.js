// What people did, and what a model knows, in words.

import { titleOf } from "./dom.js";

const DEEDS = {
  view: (title) => `Looked at ${title}`,
  click: (title) => `Opened ${title}`,
  cart: (title) => `Put ${title} into the cart`,
  purchase: (title) => `Bought ${title}`,
  rate: (title) => `Rated ${title}`,
  review: (title) => `Reviewed ${title}`,
  listen: (title) => `Listened to ${title}`,
  skip: (title) => `Skipped ${title}`,
  search: (title) => `Searched, and met ${title}`,
  message: (title) => `Wrote about ${title}`,
  seen: (title) => `Had seen ${title}`,
  not_now: (title) => `Not now: ${title}`,
};
const VERDICTS = {
  like: (title) => `Liked ${title}.`,
  dislike: (title) => `Less like ${title}.`,
  not_now: (title) => `Not now: ${title}. It comes back later.`,
  seen: (title) => `Already seen: ${title}.`,
};
const SOURCES = {
  text: "its title and description",
  id: "who else chose it",
  category: "its categories",
  price: "its price",
  created_at: "how new it is",
  image: "its picture",
  audio: "its sound",
  graph: "what it is connected with",
};
const UNITS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

// `ratings` is the scale; null = not known.
export function describeEvent(event, ratings) {
  const words = DEEDS[event.event_type]?.(titleOf(event)) ?? `${event.event_type}: ${titleOf(event)}`;
  const isRating = event.event_type === "rate" || event.event_type === "review";
  if (!isRating || event.value === null) return words;
  return ratings ? `${words} ${event.value} of ${ratings.highest}` : `${words} ${event.value}`;
}

export const describeVerdict = (kind, item) => VERDICTS[kind](titleOf(item));

export const describeSource = (name) => SOURCES[name] ?? name;

// Of seconds since the epoch: "3 days ago".
export function describeAge(timestamp) {
  const age = Date.now() / 1000 - timestamp;
  for (const [unit, seconds] of UNITS) {
    if (age >= seconds) return RELATIVE.format(-Math.floor(age / seconds), unit);
  }
  return "just now";
}
