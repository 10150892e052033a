// One box selects all rows of a table. Without this script it is not there, and each row has its own.

const all = () => document.querySelector("[data-select-all] input");
const boxes = () => [...document.querySelectorAll("table input[type='checkbox'][name='row']")];

function show() {
  const box = all();
  if (!box) return;
  box.closest("[data-select-all]").hidden = false;
  const ticked = boxes().filter((one) => one.checked).length;
  box.checked = ticked > 0 && ticked === boxes().length;
  box.indeterminate = ticked > 0 && !box.checked;
}

document.addEventListener("change", (event) => {
  if (event.target === all()) for (const box of boxes()) box.checked = event.target.checked;
  show();
});

document.addEventListener("htmx:after:swap", show);
show();
