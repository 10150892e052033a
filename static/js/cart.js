// The cart saves itself as one leaves a field; what came of it is said once. Every form of it works without this.

document.addEventListener("htmx:after:swap", () => {
  const said = document.getElementById("cart")?.dataset.said;
  const news = document.getElementById("news");
  if (news && said && news.textContent !== said) news.textContent = said;
});

// Ctrl or Cmd and Enter send what was pasted: Enter alone begins the next line.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.target.id !== "lines") return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// Enter in a field of a line saves it, and goes to the same field of the next line.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("#lines-form input:not([type='search'])")) return;
  event.preventDefault();
  const kind = event.target.name.split("-")[0];
  const fields = [...document.querySelectorAll(`#lines-form input[name^="${kind}-"]`)];
  const next = fields[fields.indexOf(event.target) + 1];
  if (next) next.select();
  else event.target.blur();
});

// Another account is chosen: its cart is opened at once.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("form.for select")) event.target.form.requestSubmit();
});
