// Calls the gateway. Paths are relative: it may be behind a path prefix.

import { byId } from "./dom.js";

const KEY = "tastemaker.key"; // in sessionStorage: gone with the tab

// Status 0 = there was no answer.
export class RefusedError extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

let asking = null; // one question at a time, however many calls need the key

export async function ask(method, path, { query, body, signal } = {}) {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query ?? {})) {
    url.searchParams.set(name, value);
  }
  const send = async () => {
    const headers = { Accept: "application/json" };
    const key = readKey();
    if (key) headers["X-API-Key"] = key;
    if (body) headers["Content-Type"] = "application/json";
    const options = { method, headers, signal, body: body && JSON.stringify(body) };
    try {
      return await fetch(url, options);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // aborted
      throw new RefusedError(0, "The gateway can’t be reached.");
    }
  };
  const usedKey = readKey();
  let response = await send();
  if (response.status === 401) {
    // Another call may have been given a key meanwhile.
    if (readKey() !== usedKey || (await askForKey())) response = await send();
  }
  if (!response.ok) throw new RefusedError(response.status, await readDetail(response));
  return response.json();
}

async function readDetail(response) {
  try {
    const { detail } = await response.json();
    if (typeof detail === "string") return detail;
    if (Array.isArray(detail)) return detail.map((one) => one.msg).join("; ");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // a proxy's page
  }
  return `The gateway answered with status ${response.status}.`;
}

function askForKey() {
  asking ??= new Promise((resolve) => {
    const dialog = byId("ask-key");
    const input = byId("api-key");
    dialog.returnValue = "";
    dialog.showModal();
    dialog.addEventListener(
      "close",
      () => {
        const isGiven = dialog.returnValue === "use" && input.value !== "";
        if (isGiven) sessionStorage.setItem(KEY, input.value);
        input.value = "";
        asking = null;
        resolve(isGiven);
      },
      { once: true },
    );
  });
  return asking;
}

const readKey = () => sessionStorage.getItem(KEY) ?? "";
