// Suggestions while somebody types. Without this module the form asks the server and the page lists the same houses.

const input = document.querySelector("#q");
const list = document.querySelector("#hints");
const status = document.querySelector("#hints-status");
const PAUSE_MS = 180;
let timer = 0;
let running = null;

function close() {
  list.hidden = true;
  list.replaceChildren();
  status.textContent = "";
}

function entry(house) {
  const link = document.createElement("a");
  link.href = `/?a=${house.key}`;
  link.append(Object.assign(document.createElement("span"), { textContent: house.text }));
  if (house.near) {
    const near = Object.assign(document.createElement("span"), { className: "soft" });
    near.textContent = list.dataset.near.replace("{place}", house.near);
    link.append(near);
  }
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function show(found) {
  const houses = found.close ? [] : found.suggestions.slice(0, 6);
  list.replaceChildren(...houses.map(entry));
  list.hidden = houses.length === 0;
  status.textContent = houses.length ? status.dataset.count.replace("{count}", houses.length) : "";
}

async function ask() {
  running?.abort();
  const typed = input.value.trim();
  if (typed.length < 2) {
    close();
    return;
  }
  running = new AbortController();
  try {
    const answer = await fetch(`/api/lookup?q=${encodeURIComponent(typed)}`, { signal: running.signal });
    if (answer.ok) show(await answer.json());
  } catch (error) {
    // No suggestions is no failure: the button still works.
    if (error.name !== "AbortError") close();
  }
}

function step(event) {
  if (event.key === "Escape") {
    close();
    input.focus();
    return;
  }
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!way || list.hidden || event.isComposing) return;
  const stops = [input, ...list.querySelectorAll("a")];
  const next = stops.indexOf(document.activeElement) + way;
  stops[(next + stops.length) % stops.length].focus();
  event.preventDefault();
}

input.addEventListener("input", (event) => {
  window.clearTimeout(timer);
  if (!event.isComposing) timer = window.setTimeout(ask, PAUSE_MS);
});
input.addEventListener("compositionend", ask);
input.form.addEventListener("keydown", step);
