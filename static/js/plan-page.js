/* Small helpers of the plan page: elements, sentences, figures, requests. */

/* Make an element: attributes by name, `on…` as listeners, children as nodes or text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") element.toggleAttribute(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const language = document.documentElement.lang;
const plain = (digits) =>
  new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
const whole = plain(0);
const signed = new Intl.NumberFormat(language, { maximumFractionDigits: 0, signDisplay: "exceptZero" });

export const figures = {
  children: (value) => whole.format(value),
  metres: (value) => (value === null ? "–" : whole.format(value)),
  percent: (value) => (value === null ? "–" : plain(1).format(100 * value)),
  gap: (value) => (value === null ? "–" : plain(2).format(100 * value)),
  objective: (value) => plain(4).format(value),
  change: (value) => signed.format(value),
};

/* Fill `{name}` in a sentence that the server translated. */
export const say = (sentence, values = {}) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/* Ask the server; throws an Error whose message is the server's own sentence. */
export async function ask(url, { body, token, failed } = {}) {
  const headers = { Accept: "application/json" };
  const request = body === undefined ? { headers } : {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(url, { ...request, credentials: "same-origin" });
  } catch {
    throw new Error(failed);
  }
  const document = await answer.json().catch(() => null);
  if (!answer.ok || document === null) throw new Error(document?.error?.message ?? failed);
  return document;
}
