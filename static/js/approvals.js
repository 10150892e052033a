// Counts down to when a request ends, in the page's own language, by the portal's clock. Without it the page says how
// long there was when it was drawn.

const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
// When each part of the page was drawn, by the portal's clock, and since when this window has it.
const since = new WeakMap();

function now(part) {
  const drawn = part.dataset.now;
  if (since.get(part)?.drawn !== drawn) since.set(part, { drawn, begun: performance.now() });
  return Date.parse(drawn) + performance.now() - since.get(part).begun;
}

function left(seconds) {
  const [unit, size] = STEPS.find(([, size]) => seconds >= size * 1.5) ?? STEPS.at(-1);
  return words.format(Math.max(1, Math.round(seconds / size)), unit);
}

function show() {
  for (const place of document.querySelectorAll("[data-ends]")) {
    const text = place.querySelector("[data-until]");
    const part = place.closest("[data-now]");
    if (!text || !part) continue;
    const seconds = (Date.parse(place.dataset.ends) - now(part)) / 1000;
    if (seconds <= 0) continue;
    const said = left(seconds);
    if (text.textContent !== said) text.textContent = said;
    place.toggleAttribute("data-soon", seconds < 4 * 3600);
  }
}

show();
setInterval(show, 15_000);
