// The work page: a scan adds to its line without a trip to the server; Enter goes from quantity to quantity; a button
// that does something is pressed once. Without this script the page does the same by posting its form.

const form = document.querySelector("form[data-work]");
const scan = document.getElementById("scan");
const said = document.getElementById("scan-said");
const MARKED = 6000;
const PATIENCE = 10000; // a press that was never answered may be repeated
const MOST = 6; // decimals of a quantity

const rows = () => [...(form?.querySelectorAll("tr[data-sku]") ?? [])];
const field = (row) => row.querySelector(`#quantity-${row.dataset.line}`);
const number = (text) => (/^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : 0);
const exact = (value) => Number(value.toFixed(MOST));

function tell(template, values, isProblem) {
  const text = template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  said.textContent = text;
  said.classList.toggle("problem", isProblem);
  scan.setAttribute("aria-invalid", String(isProblem));
  document.getElementById("news").textContent = text;
}

function show(row) {
  row.classList.toggle("filled", number(field(row).value) > 0);
}

function put(row, quantity) {
  field(row).value = String(exact(quantity));
  show(row);
  row.classList.remove("just");
  void row.offsetWidth; // starts the animation anew
  row.classList.add("just");
  setTimeout(() => row.classList.remove("just"), MARKED);
}

// "BOLT", or "12*BOLT" for twelve. A code that holds a star itself is looked for as it is first.
function read(text) {
  const code = text.trim().toUpperCase();
  const known = rows().some((row) => row.dataset.sku.toUpperCase() === code);
  const match = known ? null : /^([0-9.]+)\s*[*×]\s*(.+)$/.exec(code);
  if (!match) return { sku: code, times: 1 };
  return { sku: match[2].trim(), times: number(match[1]) };
}

function take(text) {
  const { sku, times } = read(text);
  const words = said.dataset;
  if (!times) return tell(words.number, {}, true);
  const mine = rows().filter((row) => row.dataset.sku.toUpperCase() === sku);
  if (!mine.length) return tell(words.unknown, { sku }, true);
  const free = (row) => exact(Number(row.dataset.ready) - number(field(row).value));
  const row = mine.find((one) => free(one) >= times);
  if (!row) {
    const sum = (values) => exact(values.reduce((a, b) => a + b, 0));
    const ready = sum(mine.map((one) => Number(one.dataset.ready)));
    const taken = sum(mine.map((one) => number(field(one).value)));
    return tell(words.full, { ready, sku: mine[0].dataset.sku, taken }, true);
  }
  put(row, number(field(row).value) + times);
  tell(words.taken, { line: row.dataset.line, sku: row.dataset.sku, n: field(row).value }, false);
  row.scrollIntoView({ block: "nearest" });
}

form?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input")) return;
  const all = [...form.querySelectorAll("input[name^='quantity-']")];
  const at = all.indexOf(event.target);
  if (event.target !== scan && at < 0) return;
  event.preventDefault();
  if (event.target === scan) return scanned();
  (all[at + 1] ?? form.querySelector("button[value='pick']")).focus();
});

function scanned() {
  if (scan.value.trim()) take(scan.value);
  scan.value = "";
  scan.focus();
}

form?.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.value === "scan") {
    event.preventDefault();
    scanned();
  } else if (button?.matches("[data-all]")) {
    event.preventDefault();
    const row = button.closest("tr");
    put(row, Number(row.dataset.ready));
  }
});

form?.addEventListener("input", (event) => {
  const row = event.target.closest?.("tr[data-sku]");
  if (row) show(row);
});

// A second press while the first is on its way would be told that somebody else was first: itself.
form?.addEventListener("submit", (event) => {
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = event.submitter?.value ?? "";
  setTimeout(sendable, PATIENCE);
});

// Back from the next page: the form may be sent again.
addEventListener("pageshow", sendable);

function sendable() {
  if (form) delete form.dataset.sent;
}

rows().forEach(show);
document.getElementById("overtaken")?.focus();
if (!document.getElementById("overtaken")) document.getElementById("problem")?.focus();
