// The dialog that explains an item's score.

import { ask, RefusedError } from "./api.js";
import { build, buildBar, byId, formatShare, titleOf } from "./dom.js";
import { describeSource } from "./words.js";

const NUM_ROWS = 6;
const MIN_SHARE = 0.005; // less is 0%

// `request` is what the slate was asked with.
export async function showWhy(item, request) {
  const body = byId("why-body");
  byId("why-heading").textContent = `Why ${titleOf(item)}?`;
  body.replaceChildren(build("p", "hint", "Asking the model …"));
  byId("why").showModal();
  try {
    const { explanations } = await ask("POST", "v1/explanations", {
      body: { ...request, item_ids: [item.item_id] },
    });
    body.replaceChildren(...buildExplanation(explanations[0], item, request));
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    body.replaceChildren(
      ...buildShares("What brought it here, by estimate", listReasons(item, request.need)),
      build("p", "hint", `No exact explanation: ${error.message}`),
    );
  }
}

// What brought an item forward, as `{title, weight}`, the largest share first.
function listReasons({ reasons, shares }, need) {
  const told = reasons.reduce((sum, reason) => sum + reason.weight, 0);
  const rest = { title: reasons.length > 0 ? "Other things you did" : "What you did" };
  const said = need ? `You asked for “${need}”` : "What you asked for";
  const all = [
    ...reasons,
    { ...rest, weight: shares.history - told },
    { title: said, weight: shares.need },
    { title: "Many people like it", weight: shares.popularity },
  ];
  return all
    .filter(({ weight }) => weight >= MIN_SHARE)
    .sort((one, other) => other.weight - one.weight);
}

function buildExplanation(explanation, item, request) {
  const exact = listReasons(explanation, request.need);
  const sources = Object.entries(explanation.sources)
    .map(([name, weight]) => ({ title: describeSource(name), weight }))
    .sort((one, other) => other.weight - one.weight);
  return [
    ...(exact.length > 0
      ? buildShares("What brought it here", exact)
      : buildShares("What brought it here, by estimate", listReasons(item, request.need))),
    ...buildShares("What the model knows it by", sources),
    ...buildPlaces(explanation, request.need),
  ];
}

function buildPlaces(explanation, need) {
  if (!explanation.place) return []; // a model that does not say
  const numbers = build("dl", "numbers");
  const places = [
    ["Its place for you", explanation.place],
    ["Its place without what you did", explanation.place_without_history],
  ];
  if (need) places.push(["Its place without your words", explanation.place_without_need]);
  for (const [label, value] of places) {
    numbers.append(build("dt", "", label), build("dd", "", Math.round(value).toLocaleString("en")));
  }
  return [numbers];
}

function buildShares(heading, shares) {
  if (shares.length === 0) return [];
  const list = build("ul", "shares");
  for (const share of shares.slice(0, NUM_ROWS)) {
    const row = build("li");
    row.append(
      build("span", "", titleOf(share)),
      build("span", "share", formatShare(share.weight)),
      buildBar([share.weight]),
    );
    list.append(row);
  }
  return [build("h3", "", heading), list];
}
