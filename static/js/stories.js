// The story player: takes a step without loading the page anew, so that the order's page beside it lives on; takes one
// step after the other by the clock; and shows the order's page without the frame that this page has already.

let running = false;
let timer = 0;
let pace = "4";

const play = () => document.getElementById("play");
const form = () => document.querySelector("form[data-step]");

// --- one step -------------------------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-step]")) return;
  event.preventDefault();
  take(event.target);
});

async function take(sent) {
  const box = document.getElementById("controls");
  if ("busy" in box.dataset) return;
  box.dataset.busy = "";
  const answer = await fetch(sent.action, { method: "POST", body: new FormData(sent), redirect: "manual" }).catch(() => null);
  if (answer?.type !== "opaqueredirect") {
    // Whatever is the matter, the page that says so comes this way; a step is never taken twice.
    running = false;
    sent.submit();
    return;
  }
  await htmx.ajax("GET", location.pathname + location.search, { source: play(), target: "#play", select: "#play", swap: "outerMorph" });
  const after = document.getElementById("controls");
  // Signed out meanwhile: the page as a whole says so, and how to come back.
  if (!after) return location.reload();
  delete after.dataset.busy;
  document.getElementById("news").textContent = play().dataset.said;
  show();
  if (running) wait();
}

// --- by the clock ---------------------------------------------------------------------------------------------------

function wait() {
  clearTimeout(timer);
  timer = setTimeout(() => running && form() && take(form()), Number(pace) * 1000);
}

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("#by-the-clock")) return;
  running = !running;
  clearTimeout(timer);
  if (running) take(form());
  show();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("#pace")) return;
  pace = event.target.value;
  if (running) wait();
});

// What the server draws knows nothing of the clock: the button says again what it does.
function show() {
  const button = document.getElementById("by-the-clock");
  if (!button) running = false;
  else {
    button.setAttribute("aria-pressed", String(running));
    button.querySelector("use").setAttribute("href", running ? "#i-pause" : "#i-play");
    button.querySelector("span").textContent = running ? button.dataset.pause : button.dataset.play;
    document.getElementById("pace").value = pace;
  }
}

document.addEventListener("htmx:after:swap", show);

// --- the order's page -----------------------------------------------------------------------------------------------

// Its own frame would be a page in a page; what leads away from orders opens beside this one.
document.addEventListener(
  "load",
  (event) => {
    const page = event.target.matches?.("#watch iframe") && event.target.contentDocument;
    if (!page) return;
    for (const part of page.querySelectorAll(".top, .foot")) part.hidden = true;
    page.addEventListener("click", (click) => {
      const link = click.target.closest?.("a[href]");
      if (link && !/^\/orders(\/|$)/.test(new URL(link.href).pathname)) link.target = "_blank";
    }, true);
  },
  true,
);
