// The dialog that explains an item's score.

import { ask, RefusedError } from "./api.js";
import { build, buildBar, byId, formatShare, titleOf } from "./dom.js";
import { describeSource } from "./words.js";

const NUM_ROWS = 6;

// `request` is the user and the need that the slate was asked with.
export async function showWhy(item, request) {
  const body = byId("why-body");
  byId("why-heading").textContent = `Why ${titleOf(item)}?`;
  body.replaceChildren(build("p", "hint", "Asking the model …"));
  byId("why").showModal();
  try {
    const { explanations } = await ask("POST", "v1/explanations", {
      body: { ...request, item_ids: [item.item_id] },
    });
    body.replaceChildren(...buildExplanation(explanations[0], item, request.need));
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    body.replaceChildren(
      ...buildReasons("What carried it, by estimate", item.reasons ?? []),
      build("p", "hint", `No exact explanation: ${error.message}`),
    );
  }
}

export const describeReason = (reason) => titleOf(reason);

function buildExplanation(explanation, item, need) {
  const exact = explanation.reasons.length > 0;
  const sources = Object.entries(explanation.sources).map(([name, weight]) => ({
    title: describeSource(name),
    weight,
  }));
  sources.sort((one, other) => other.weight - one.weight);
  const numbers = build("dl", "numbers");
  const scores = [
    ["Score", explanation.score],
    ["Score without the history", explanation.score_without_history],
  ];
  if (need) scores.push(["Score without the words", explanation.score_without_need]);
  for (const [label, value] of scores) {
    numbers.append(build("dt", "", label), build("dd", "", value.toFixed(2)));
  }
  return [
    ...(exact
      ? buildReasons("What carried it", explanation.reasons)
      : buildReasons("What carried it, by estimate", item.reasons ?? [])),
    ...buildReasons("What the model knows it by", sources),
    numbers,
  ];
}

function buildReasons(heading, reasons) {
  if (reasons.length === 0) return [];
  const list = build("ul", "shares");
  for (const reason of reasons.slice(0, NUM_ROWS)) {
    const row = build("li");
    row.append(
      build("span", "", describeReason(reason)),
      build("span", "share", formatShare(reason.weight)),
      buildBar([reason.weight]),
    );
    list.append(row);
  }
  return [build("h3", "", heading), list];
}
