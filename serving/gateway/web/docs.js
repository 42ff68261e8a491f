// Shows /openapi.json: each route with its fields, and each model with an example.

import { build, byId } from "./dom.js";

const LIMITS = {
  minimum: (bound) => `at least ${bound}`,
  maximum: (bound) => `at most ${bound}`,
  minLength: (bound) => `at least ${count(bound, "character", "characters")}`,
  maxLength: (bound) => `at most ${count(bound, "character", "characters")}`,
  minItems: (bound) => `at least ${count(bound, "entry", "entries")}`,
  maxItems: (bound) => `at most ${count(bound, "entry", "entries")}`,
  pattern: (text) => `pattern ${text}`,
};

const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;
const nameOf = (schema) => schema.$ref.split("/").at(-1);
const anchorOf = (method, path) => `${method}-${path}`.replaceAll(/[^a-z_-]+/gi, "-");

function buildLink(target, text) {
  const link = build("a", "", text);
  link.href = `#${target}`;
  return link;
}

// Paragraphs as they are written; lines of one belong together.
const buildText = (text = "") =>
  text.trim().split(/\n\s*\n/).filter(Boolean).map((part) => build("p", "", part.replaceAll("\n", " ")));

// The type of a value: words, and links to models.
function describeType(schema) {
  if (schema.$ref) return [buildLink(nameOf(schema), nameOf(schema))];
  if (schema.anyOf) return join(schema.anyOf.map(describeType), " or ");
  if (schema.enum) return [schema.enum.map((one) => JSON.stringify(one)).join(", ")];
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  if (schema.type === "array") return ["list of ", ...describeType(schema.items ?? {})];
  if (schema.type === "object" && typeof schema.additionalProperties === "object")
    return ["object of ", ...describeType(schema.additionalProperties)];
  return [schema.type ?? "any value"];
}

const join = (parts, between) =>
  parts.flatMap((part, number) => (number > 0 ? [between, ...part] : part));

// The bounds of a value, also where it may be null instead.
function describeLimits(schema) {
  const parts = [schema, ...(schema.anyOf ?? [])];
  return parts
    .flatMap((part) => Object.keys(LIMITS).filter((name) => name in part).map((name) => LIMITS[name](part[name])))
    .join("; ");
}

const say = (value) => (value === undefined ? "" : JSON.stringify(value));

// Rows of name, schema, whether it is required, description and example.
function buildTable(rows) {
  const box = build("div", "fields");
  const table = build("table");
  const head = build("tr");
  for (const name of ["Name", "Type", "Meaning", "Left out", "Example"]) {
    const cell = build("th", "", name);
    cell.scope = "col";
    head.append(cell);
  }
  const top = build("thead");
  top.append(head);
  const body = build("tbody");
  for (const row of rows) {
    const line = build("tr");
    const name = build("th", "", row.name);
    name.scope = "row";
    if (row.in) name.append(build("div", "hint", `in the ${row.in}`)); // of a parameter
    const type = build("td");
    type.append(...describeType(row.schema));
    const limits = describeLimits(row.schema);
    if (limits) type.append(build("div", "hint", limits));
    const otherwise = row.required ? "required" : say(row.schema.default);
    line.append(name, type, build("td", "", row.description), build("td", "", otherwise), build("td", "", say(row.example)));
    body.append(line);
  }
  table.append(top, body);
  box.append(table);
  return box;
}

function buildContent(title, content) {
  const schema = content?.["application/json"]?.schema;
  if (!schema) return [];
  const line = build("p");
  line.append(...describeType(schema));
  return [build("h4", "", title), line];
}

function buildOperation(method, path, route) {
  const section = build("section");
  section.id = anchorOf(method, path);
  const heading = build("h3");
  heading.append(build("span", "method", method.toUpperCase()), path);
  section.append(heading, ...buildText(route.description));
  if (route.parameters?.length) {
    const rows = route.parameters.map((one) => ({ ...one, example: one.schema.examples?.[0] }));
    section.append(build("h4", "", "Parameters"), buildTable(rows));
  }
  section.append(...buildContent("Body", route.requestBody?.content));
  section.append(...buildContent("Answer", route.responses["200"]?.content));
  const others = Object.entries(route.responses).filter(([status]) => status !== "200");
  if (others.length > 0) section.append(build("h4", "", "Other answers"));
  for (const [status, answer] of others) section.append(build("p", "", `${status}: ${answer.description}`));
  return section;
}

function buildModel(name, schema) {
  const section = build("section");
  section.id = name;
  const example = schema.examples?.[0];
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties ?? {}).map(([field, facts]) => ({
    name: field,
    schema: facts,
    description: facts.description ?? "",
    required: required.has(field),
    example: typeof example?.[field] === "object" ? undefined : example?.[field],
  }));
  section.append(build("h3", "", name), ...buildText(schema.description), buildTable(rows));
  if (example) section.append(build("h4", "", "Example"), build("pre", "", JSON.stringify(example, null, 2)));
  return section;
}

function show(api) {
  byId("about").append(...buildText(api.info.description));
  const byTag = new Map();
  for (const [path, methods] of Object.entries(api.paths))
    for (const [method, route] of Object.entries(methods)) {
      const tag = route.tags?.[0] ?? "others";
      byTag.set(tag, [...(byTag.get(tag) ?? []), [method, path, route]]);
    }
  for (const [tag, routes] of byTag) {
    byId("operations").append(build("h2", "", tag), ...routes.map((one) => buildOperation(...one)));
    for (const [method, path] of routes) {
      const entry = build("li");
      entry.append(buildLink(anchorOf(method, path), `${method.toUpperCase()} ${path}`));
      byId("contents").append(entry);
    }
  }
  const models = Object.entries(api.components.schemas);
  byId("models").append(build("h2", "", "Bodies"), ...models.map((one) => buildModel(...one)));
  // What the address names was not there when the browser looked for it. It may be anything.
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

try {
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`the gateway answered ${answer.status}`);
  show(await answer.json());
} catch (error) {
  byId("problem").hidden = false;
  byId("problem").textContent = `The API cannot be shown: ${error.message}. Its document is openapi.json.`;
}
