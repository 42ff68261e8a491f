// Two policies, or two versions of the model, side by side for one request.

import { ask } from "./api.js";
import { build, byId, titleOf } from "./dom.js";
import { buildRequest, SLATE_LENGTH, state } from "./state.js";

const SIDES = ["left", "right"];
const AS_IS = ["", "", "as it is"];

let controller = new AbortController();

// `onError` takes what went wrong, `onOpen` is called before it is shown.
export function startCompare({ onOpen, onError }) {
  byId("show-compare").addEventListener("click", async () => {
    controller.abort();
    controller = new AbortController();
    try {
      const slates = await Promise.all(SIDES.map((side) => askSide(side, controller.signal)));
      onOpen();
      show(slates);
    } catch (error) {
      if (error.name !== "AbortError") onError(error);
    }
  });
}

// Fills the choices once the gateway has told what there is.
export function offerChoices() {
  const { policies, version_labels: labels } = state.overview;
  const choices = [
    AS_IS,
    ...policies.map((name) => ["policy", name, `policy ${name}`]),
    ...labels.map((name) => ["version_label", name, `version ${name}`]),
  ];
  for (const side of SIDES) {
    byId(`compare-${side}`).replaceChildren(
      ...choices.map(([field, name, words]) => {
        const option = build("option", "", words);
        option.value = field && `${field}=${name}`;
        return option;
      }),
    );
  }
  byId("compare-left").selectedIndex = Math.min(1, choices.length - 1);
  byId("compare-right").selectedIndex = Math.min(2, choices.length - 1);
  byId("compare").hidden = choices.length < 3;
}

function askSide(side, signal) {
  const [field, ...name] = byId(`compare-${side}`).value.split("=");
  const body = { ...buildRequest(SLATE_LENGTH), preview: true };
  if (field) body[field] = name.join("=");
  return ask("POST", "v1/recommendations", { body, signal });
}

function show(slates) {
  const ids = slates.map((slate) => slate.items.map((item) => item.item_id));
  const common = ids[0].filter((itemId) => ids[1].includes(itemId)).length;
  byId("compared-said").textContent = `${common} of ${ids[0].length} titles are in both.`;
  SIDES.forEach((side, index) => {
    const slate = slates[index];
    const select = byId(`compare-${side}`);
    const words = select.options[select.selectedIndex].textContent;
    byId(`${side}-heading`).textContent = words[0].toUpperCase() + words.slice(1);
    byId(`${side}-facts`).textContent =
      slate.source === "model"
        ? `model ${slate.model_version}, policy ${slate.policy}`
        : "no model answered: a stand-in";
    byId(`${side}-slate`).replaceChildren(
      ...slate.items.map((item, place) => {
        const row = build("li", "", titleOf(item));
        row.append(build("span", "", describePlace(item, place, ids[1 - index])));
        return row;
      }),
    );
  });
}

function describePlace(item, place, others) {
  const other = others.indexOf(item.item_id);
  if (other < 0) return "only here";
  if (other === place) return "same place";
  return `place ${other + 1} on the other side`;
}
