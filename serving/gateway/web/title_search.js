// The box that finds titles: a combobox after the ARIA authoring practices.

import { ask } from "./api.js";
import { build, byId, debounce, titleOf } from "./dom.js";

const NUM_FOUND = 8;
const PAUSE = 150; // milliseconds without a key before the gateway is asked

// `onPick` takes an item, `onError` what went wrong.
export function startTitleSearch({ onPick, onError }) {
  const input = byId("title-search");
  const list = byId("found");
  let found = [];
  let active = -1;
  let controller = new AbortController();

  const show = (items) => {
    found = items;
    list.replaceChildren(
      ...items.map((item, index) => {
        const option = build("li", "", titleOf(item));
        option.id = `found-${index}`;
        option.role = "option";
        option.append(build("span", "", item.categories.slice(0, 2).join(", ")));
        // Before the box loses the focus, which would close the list.
        option.addEventListener("mousedown", (event) => {
          event.preventDefault();
          choose(index);
        });
        return option;
      }),
    );
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
    activate(-1);
  };

  const activate = (index) => {
    active = index;
    [...list.children].forEach((option, place) => {
      option.setAttribute("aria-selected", String(place === index));
    });
    if (index < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", `found-${index}`);
    return list.children[index].scrollIntoView({ block: "nearest" });
  };

  // The number of titles is for those who can't see the list.
  const say = (text, isSeen) => {
    byId("found-said").textContent = text;
    byId("found-said").classList.toggle("hidden", !isSeen);
  };

  const close = () => {
    controller.abort();
    show([]);
    say("", false);
  };

  const choose = (index) => {
    const item = found[index];
    input.value = "";
    close();
    onPick(item);
  };

  const search = async () => {
    controller.abort();
    const query = input.value.trim();
    if (query === "") return close();
    controller = new AbortController();
    const { signal } = controller;
    try {
      const { items } = await ask("GET", "v1/items", {
        query: { query, limit: NUM_FOUND },
        signal,
      });
      show(items);
      const many = items.length === 1 ? "1 title" : `${items.length} titles`;
      if (items.length > 0) say(`${many} found`, false);
      else say(`No title found for “${query}”`, true);
    } catch (error) {
      if (error.name !== "AbortError") onError(error);
    }
    return undefined;
  };

  input.addEventListener("input", debounce(search, PAUSE));
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) {
      event.preventDefault();
      // -1 is the box itself: from the last title back to it, and around.
      activate(((active + 1 + step + found.length + 1) % (found.length + 1)) - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (found.length > 0) choose(Math.max(active, 0));
    } else if (event.key === "Escape" && found.length > 0) {
      event.preventDefault();
      close();
    }
  });
}
