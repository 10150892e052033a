// Small comforts. Every page works without them.

// Filters apply as they are changed; the button that does it without script is hidden by `data-scripted`.
document.documentElement.dataset.scripted = "";

// Another arrangement of the lines replaces the order's parts in place and keeps scroll and focus; the address follows.
const arranging = ".seg a, .legend a, .rest a, .filter a.clear, .card > footer a[href^='/orders/']";

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(arranging);
  if (!link?.closest("#order") || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  arrange(link.href);
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-filter]");
  if (!form) return;
  const address = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (value) address.searchParams.set(name, value);
  arrange(address.href);
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-filter]")) event.preventDefault();
});

async function arrange(href) {
  const address = new URL(href);
  const anchor = address.hash.slice(1);
  address.hash = "";
  await htmx.ajax("GET", address.pathname + address.search, {
    source: document.getElementById("order"),
    target: "#order",
    select: "#order",
    swap: "outerMorph",
  });
  history.pushState({}, "", href);
  const there = document.getElementById(anchor);
  if (anchor && anchor !== "lines") there?.scrollIntoView({ block: "start" });
}

// Back and forward through arrangements that were pushed above.
addEventListener("popstate", () => {
  if (document.getElementById("order")) location.reload();
});

// A menu closes when one clicks elsewhere or presses Escape.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// Signed out elsewhere: whatever a script asked for, the person goes to the sign-in page.
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail?.ctx?.response?.status === 401) location.reload();
});
