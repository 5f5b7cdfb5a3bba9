/* The planner's page: choose a unit on the map or in the list, give it to a school, see what it does, save. */

import { Edits } from "./plan-edits.js";
import { ask, figures, make, say } from "./plan-page.js";

const page = document.getElementById("plan");
const texts = JSON.parse(document.getElementById("plan-texts").textContent);
const urls = page.dataset;
const part = (name) => page.querySelector(`[data-part="${name}"]`);
const editable = page.hasAttribute("data-editable");
const MOST_FOUND = 60;
const NEAREST = 6;
const NARROW = 960;

let plan;
let units;
let edits;
let map = null;
let shown = null; // what the map was last told to show
let chosen = null;
let asked = 0;
const request = (url, body) => ask(url, { body, token: urls.token, failed: texts.failed });

async function start() {
  try {
    const [city, found] = await Promise.all([request(urls.city), request(urls.map)]);
    plan = found;
    units = new Map(city.units.features.map((unit) => [unit.id, unit]));
    edits = new Edits(`evenhand-plan-${urls.plan}`, plan.assignment, storage());
    listen();
    const drawn = drawMap(city); // figures and edits do not wait for the picture
    await refresh();
    await drawn;
  } catch (error) {
    part("loading")?.remove();
    complain(error.message);
  }
  page.setAttribute("data-ready", "");
}

function storage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

async function drawMap(city) {
  try {
    const { PlanMap } = await import("./plan-map.js");
    map = new PlanMap(part("map"), city, plan, { words: texts.map, onPick: pick });
    if (shown) map.show(...shown);
    await map.ready;
  } catch {
    part("map").replaceChildren(make("p", { class: "empty" }, texts.nomap));
  }
  part("loading").remove();
}

/* ---- what the page listens to ---- */

function listen() {
  part("find").addEventListener("input", () => listUnits(search(part("find").value)));
  for (const button of page.querySelectorAll("[data-zone]")) {
    button.addEventListener("click", () => openZone(button.dataset.zone));
  }
  if (!editable) return;
  part("undo").addEventListener("click", () => step(edits.undo()));
  part("redo").addEventListener("click", () => step(edits.redo()));
  part("discard").addEventListener("click", discard);
  part("note").addEventListener("input", () => edits.write(part("note").value));
  part("save").addEventListener("submit", save);
  document.addEventListener("keydown", shortcuts);
}

function shortcuts(event) {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  if (event.target.matches("input, textarea")) return;
  event.preventDefault();
  step(event.shiftKey ? edits.redo() : edits.undo());
}

function step(move) {
  if (!move) return;
  choose(move.unit);
  refresh();
}

function discard() {
  if (!window.confirm(texts.discard)) return;
  edits.clear();
  choose(null);
  refresh();
}

/* ---- units ---- */

const nameOf = (unit) => units.get(unit).properties.name || unit;
const school = (id) => plan.schools.find((row) => row.school === id);
const aside = (unit) => (nameOf(unit) === unit ? [] : [make("span", { class: "note mono" }, ` ${unit}`)]); // names repeat
const labelOf = (id) => (school(id) ? `${school(id).number} ${school(id).name}` : id);

function search(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  return [...units.keys()].filter((unit) => `${unit} ${nameOf(unit)}`.toLowerCase().includes(wanted));
}

function openZone(id) {
  const members = [...units.keys()].filter((unit) => edits.schoolOf(unit) === id);
  part("find").value = "";
  listUnits(members, say(texts.zone, { school: labelOf(id), count: members.length }));
  map?.visit(boxOf(members));
  part("finder").scrollIntoView({ block: "nearest" });
  part("found").querySelector("button")?.focus({ preventScroll: true });
}

function listUnits(found, title = "") {
  const shown = found.slice(0, MOST_FOUND);
  const rows = shown.map((unit) =>
    make("li", {}, make("button", { type: "button", onclick: () => choose(unit, true) },
      make("span", {}, nameOf(unit), ...aside(unit)), make("span", { class: "note", "data-unit": unit }, labelOf(edits.schoolOf(unit))))));
  const more = found.length - shown.length;
  const none = found.length === 0 && part("find").value.trim() !== "";
  part("found-title").textContent = none ? texts.none : more > 0 ? `${title} ${say(texts.more, { count: more })}` : title;
  part("found").replaceChildren(...rows);
}

function boxOf(members) {
  const points = members.flatMap((unit) => units.get(unit).geometry.coordinates.flat(Infinity));
  const [xs, ys] = [points.filter((_, at) => at % 2 === 0), points.filter((_, at) => at % 2 === 1)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/* A click on the map: on a narrow page the panel stands below it, so it is brought up to the lower half. */
async function pick(unit) {
  await choose(unit);
  const top = part("unit").getBoundingClientRect().top;
  const wanted = window.innerHeight / 2;
  if (top > wanted && window.innerWidth < NARROW) window.scrollBy({ top: top - wanted });
}

async function choose(unit, visit = false) {
  chosen = unit;
  map?.choose(unit);
  if (unit === null) return part("unit").replaceChildren(make("p", { class: "soft" }, texts.choose));
  if (visit) map?.visit(boxOf([unit]));
  try {
    const facts = await request(urls.unit.replace("__unit__", encodeURIComponent(unit)));
    if (chosen === unit) showUnit(facts);
  } catch (error) {
    complain(error.message);
  }
}

function showUnit(facts) {
  const now = edits.schoolOf(facts.unit);
  const before = plan.assignment[facts.unit];
  const lines = [say(texts.serves, { school: labelOf(now) })];
  if (now !== before) lines.push(say(texts.before, { school: labelOf(before) }));
  if (facts.fixed) lines.push(texts.fixed);
  const rows = facts.schools.map((row) => schoolRow(facts, row, now));
  const far = rows.filter((row, at) => at >= NEAREST && !row.hasAttribute("aria-selected"));
  for (const row of far) row.hidden = true;
  const all = make("button", { type: "button", class: "button quiet", onclick: () => reveal(all, far) }, texts.all);
  part("unit").replaceChildren(
    make("h2", { tabindex: "-1" }, nameOf(facts.unit), ...aside(facts.unit)),
    make("p", {}, make("span", { class: "figure" }, figures.children(facts.demand), make("small", {}, ` ${texts.children}`))),
    ...lines.map((line) => make("p", {}, line)),
    make("details", {}, make("summary", {}, texts.why), ...facts.why.map((line) => make("p", {}, line))),
    make("table", {},
      make("caption", { class: "visually-hidden" }, texts.nearest),
      make("thead", {}, make("tr", {},
        make("th", { scope: "col" }, texts.school),
        make("th", { scope: "col", class: "number" }, texts.walk),
        make("th", { scope: "col" }, make("span", { class: "visually-hidden" }, texts.give)))),
      make("tbody", {}, ...rows)),
    ...(far.length ? [all] : []),
  );
  if (!part("unit").closest("aside").contains(document.activeElement)) return;
  part("unit").querySelector("h2").focus({ preventScroll: true });
}

function reveal(button, rows) {
  for (const row of rows) row.hidden = false;
  rows[0].querySelector("button")?.focus();
  button.remove();
}

function schoolRow(facts, row, now) {
  const mine = row.school === now;
  const give = make("button", { type: "button", class: "button", "data-give": row.school,
    onclick: () => giveTo(facts.unit, row.school), "aria-label": say(texts.giveto, { school: labelOf(row.school) }) }, texts.give);
  const last = mine ? texts.now : editable && !facts.fixed ? give : "";
  return make("tr", mine ? { "aria-selected": "true" } : {},
    make("th", { scope: "row" }, labelOf(row.school)),
    make("td", { class: "number" }, figures.metres(row.metres)),
    make("td", { class: "number" }, last));
}

function giveTo(unit, target) {
  if (!edits.give(unit, target)) return;
  choose(unit);
  refresh();
}

/* ---- figures: always the server's ---- */

async function refresh() {
  const changes = edits.changes();
  const turn = (asked += 1);
  showHistory();
  page.setAttribute("aria-busy", "true");
  try {
    const answer = await request(urls.try, { changes });
    if (turn !== asked) return;
    complain("");
    showAnswer(answer, changes);
  } catch (error) {
    if (turn === asked) complain(error.message);
  }
  if (turn === asked) page.removeAttribute("aria-busy");
}

function showAnswer(answer, changes) {
  for (const row of plan.schools) showSchool(row, answer.schools[row.school]);
  const over = plan.schools.filter((row) => answer.schools[row.school].over).map((row) => row.school);
  shown = [answer.zones, Object.keys(changes), over];
  map?.show(...shown);
  const head = page.querySelector("[data-figures]");
  for (const name of ["objective", "gap"]) {
    head.querySelector(`[data-figure="${name}"]`).textContent = figures[name](answer[name]);
  }
  part("gapnote").textContent = answer.feasible ? texts.within : texts.beyond;
  const state = head.querySelector('[data-figure="feasible"]');
  state.textContent = answer.feasible ? texts.feasible : texts.infeasible;
  state.classList.toggle("error", !answer.feasible);
  page.toggleAttribute("data-edited", Object.keys(changes).length > 0);
  showBreaks(answer, changes);
  for (const note of part("found").querySelectorAll("[data-unit]")) note.textContent = labelOf(edits.schoolOf(note.dataset.unit));
}

function showSchool(before, now) {
  const row = page.querySelector(`tr[data-school="${CSS.escape(before.school)}"]`);
  const cell = (name) => row.querySelector(`[data-cell="${name}"]`);
  const change = Math.round(now.demand) - Math.round(before.demand);
  cell("demand").textContent = figures.children(now.demand);
  cell("change").textContent = change === 0 ? "" : figures.change(change);
  cell("utilisation").textContent = figures.percent(now.utilisation);
  cell("walk").textContent = figures.metres(now.mean_walk);
  const bar = row.querySelector("meter");
  bar.value = now.utilisation ?? 0;
  bar.classList.toggle("over", now.over);
  row.toggleAttribute("data-touched", now.demand !== before.demand);
  row.toggleAttribute("data-over", now.over);
}

function showBreaks({ breaks, heals, allowed }, changes) {
  const edited = Object.keys(changes).length > 0;
  const box = part("breaks");
  box.className = breaks.length ? "notice error" : edited ? "notice good" : "";
  const list = make("ul", {}, ...breaks.map((line) => make("li", {}, line)));
  const ways = heals.length ? [make("p", {}, texts.heals), make("ul", {}, ...heals.map(healRow))] : [];
  if (breaks.length) box.replaceChildren(make("p", {}, edited ? texts.breaks : texts.broken), list, ...ways);
  else box.replaceChildren(...(edited ? [make("p", {}, texts.nothing)] : []));
  box.removeAttribute("tabindex");
  if (breaks.length) box.setAttribute("tabindex", "0"); // a long list scrolls: by keyboard too
  if (!editable) return;
  part("save").querySelector("button").disabled = !allowed;
  part("forbidden").hidden = allowed;
}

/* A further move that the server suggests, with a button that makes it; each unit is a step that can be undone. */
function healRow({ changes, sentence }) {
  const act = () => {
    for (const [unit, target] of Object.entries(changes)) edits.give(unit, target);
    choose(Object.keys(changes)[0]);
    refresh();
  };
  const button = make("button", { type: "button", class: "button", onclick: act, "aria-label": `${texts.heal} ${sentence}` }, texts.heal);
  return make("li", {}, sentence, ...(editable ? [" ", button] : []));
}

function showHistory() {
  if (!editable) return;
  const count = Object.keys(edits.changes()).length;
  part("count").textContent = count === 0 ? texts.unedited : say(count === 1 ? texts.edit : texts.edits, { count });
  part("undo").disabled = edits.done.length === 0;
  part("redo").disabled = edits.undone.length === 0;
  part("discard").hidden = edits.done.length + edits.undone.length === 0;
  part("save").hidden = count === 0;
  if (part("note").value !== edits.note) part("note").value = edits.note;
}

async function save(event) {
  event.preventDefault();
  const button = part("save").querySelector("button");
  button.disabled = true;
  try {
    const made = await request(urls.save, { changes: edits.changes(), note: part("note").value });
    edits.clear();
    window.location.assign(made.url);
  } catch (error) {
    complain(error.message);
    button.disabled = false;
  }
}

function complain(sentence) {
  part("problem").textContent = sentence;
  part("problem").hidden = sentence === "";
}

start();
