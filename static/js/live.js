// The live page of an order: puts what the stream sends into place, marks it, and shows whether it lives.
//
// Each message holds the parts that differ. Existing ones are morphed by htmx, so focus, selection and open rows stay.
// This script makes room for parts that are new, puts the blocks of the table in order, removes what is gone, and
// keeps the switch: live, paused, lost.

const MARKED = 6000;
const SILENCE = 50000; // the server is heard every 20 s
const PATIENCE = 1500; // a connection that is back within this was never lost for anybody

const switches = () => document.querySelector("[data-live]");
let paused = null; // since when, and how many changes wait
let lost = null;
let heard = Date.now();
let complaint = 0;
let latest = 0; // the newest version that a message has brought

const clock = (date) => date.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

function show() {
  const box = switches();
  if (!box) return;
  const state = paused ? "paused" : lost ? "lost" : "on";
  const words = box.dataset;
  box.hidden = false;
  box.querySelector(".live").dataset.state = state;
  const waiting = paused?.waiting ? (paused.waiting === 1 ? words.waitingOne : words.waiting.replace("{n}", paused.waiting)) : "";
  const said = {
    on: words.on,
    lost: words.lost.replace("{time}", lost && clock(lost)),
    paused: [paused && words.paused.replace("{time}", clock(paused.since)), waiting].filter(Boolean).join(", "),
  }[state];
  const text = box.querySelector(".said");
  if (text.textContent !== said) text.textContent = said;
  box.querySelector("[data-pause-button] .label").textContent = paused ? words.resume : words.pause;
  box.querySelector("[data-pause-button] use").setAttribute("href", paused ? "#i-play" : "#i-pause");
}

function announce(text) {
  document.getElementById("news").textContent = text;
}

// --- putting parts into place ---------------------------------------------------------------------------------------

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (!ctx.sourceElement?.matches?.("[data-live]")) return;
  const table = document.getElementById("lines-table");
  const ids = tasks.map((task) => idsOf(task.fragment)).find(Boolean);
  if (table && ids) order(table, ids);
  for (const task of tasks) task.target ??= document.getElementById(task.fragment.firstElementChild?.id ?? "");
  changed = tasks.filter((task) => marks(task)).map((task) => task.fragment.firstElementChild.id);
});

let changed = [];

function idsOf(fragment) {
  const part = fragment.firstElementChild;
  return part?.id === "arrangement" ? part.dataset.ids.split(" ") : null;
}

function marks(task) {
  return task.target && /^(line|g|rest)-|^shipments$|^timeline$/.test(task.fragment.firstElementChild?.id ?? "");
}

// Blocks in the wanted order: nodes that stand right are not touched, the others move without losing focus.
function order(table, ids) {
  const wanted = new Set(ids);
  for (const body of [...table.tBodies]) if (!wanted.has(body.id)) body.remove();
  let next = table.tFoot;
  for (const id of ids.toReversed()) {
    let body = document.getElementById(id);
    if (!body) {
      body = document.createElement("tbody");
      body.id = id;
    }
    if (body.nextElementSibling !== next || body.parentNode !== table) put(table, body, next);
    next = body;
  }
}

function put(table, body, before) {
  const focused = body.contains(document.activeElement) ? document.activeElement : null;
  if (body.isConnected && table.moveBefore) table.moveBefore(body, before);
  else table.insertBefore(body, before);
  if (focused && document.activeElement !== focused) focused.focus({ preventScroll: true });
}

document.addEventListener("htmx:after:swap", (event) => {
  if (!event.detail.ctx.sourceElement?.matches?.("[data-live]")) return;
  for (const id of changed) mark(document.getElementById(id));
  changed = [];
});

function mark(part) {
  const rows = part?.matches("tbody.line") ? [part] : [];
  for (const row of rows) {
    row.classList.remove("just");
    void row.offsetWidth; // starts the animation anew when it changes again within its time
    row.classList.add("just");
    setTimeout(() => row.classList.remove("just"), MARKED);
  }
}

// --- the stream -----------------------------------------------------------------------------------------------------

document.addEventListener("htmx:sse:before:message", (event) => {
  heard = Date.now();
  const { message } = event.detail;
  if (!message.event) latest = Math.max(latest, Number(message.id) || 0);
  if (lost) {
    lost = null;
    announce(switches()?.dataset.again ?? "");
    show();
  }
  if (message.event === "stale") {
    event.preventDefault();
    refresh();
  } else if (paused && !message.event) {
    event.preventDefault();
    paused.waiting += 1;
    show();
  }
});

document.addEventListener("htmx:sse:after:message", (event) => {
  const page = document.getElementById("order");
  const { id, event: named } = event.detail.message;
  if (page && id && !named) page.dataset.version = id;
});

document.addEventListener("htmx:sse:after:connection", () => {
  heard = Date.now();
  clearTimeout(complaint);
  complaint = 0;
  lost = null;
  show();
});

// Both when a stream ends and when it cannot be had: complain only if it stays away.
document.addEventListener("htmx:sse:before:connection", (event) => {
  if (event.detail.connection.attempt > 0) worry();
});

document.addEventListener("htmx:sse:error", (event) => {
  const status = event.detail.status ?? event.detail.connection?.status;
  // Signed out, or not allowed any more: the page itself says so.
  if ([401, 403, 404].includes(status)) location.reload();
  worry();
});

function worry() {
  if (lost || complaint || document.hidden) return;
  complaint = setTimeout(() => {
    lost ??= new Date(heard);
    show();
  }, PATIENCE);
}

// One page, one stream. A page that is fetched anew names it by another version; the stream that is open knows itself
// what it has sent, and would go on unheard beside a second one. What a reader has unfolded stays unfolded.
htmx.registerExtension("one-stream", {
  htmx_before_morph_node: (element, { newNode }) => {
    if (element.matches?.("details[id][open]")) newNode.setAttribute?.("open", "");
    return !(element.matches?.("[data-live]") && element.id === newNode.id);
  },
});

let asking = false; // a stream is asked for, and not there yet

for (const [name, now] of [["htmx:before:request", true], ["htmx:finally:request", false]]) {
  document.addEventListener(name, (event) => {
    if (event.detail.ctx.sourceElement?.matches?.("[data-live]")) asking = now;
  });
}

// htmx never tries again when the very first connection fails, and a dead network may leave a stream open for ever.
setInterval(() => {
  const box = switches();
  if (!box || document.hidden) return;
  const stream = box._htmx?.sse;
  if (!stream && !asking) {
    worry();
    connect(box);
  } else if (stream && Date.now() - heard > SILENCE) {
    heard = Date.now();
    worry();
    stream.reader?.cancel();
  }
}, 2000);

function connect(box) {
  const address = new URL(box.getAttribute("hx-sse:connect"), location.href);
  address.searchParams.set("v", document.getElementById("order").dataset.version);
  htmx.ajax("GET", address.pathname + address.search, { source: box }).catch(() => {});
}

// The page as it is now, fetched whole: right whatever has happened. A message may overtake it; then once more.
async function refresh() {
  do {
    await htmx.ajax("GET", location.pathname + location.search, {
      source: document.getElementById("order"),
      target: "#order",
      select: "#order",
      swap: "outerMorph",
    });
  } while (Number(document.getElementById("order").dataset.version) < latest);
  if (paused) paused.waiting = 0;
  show();
}

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-pause-button]")) return;
  if (!paused) {
    paused = { since: new Date(), waiting: 0 };
    show();
    return;
  }
  const { waiting } = paused;
  paused = null;
  if (waiting) refresh();
  show();
});

document.addEventListener("htmx:after:settle", show);
