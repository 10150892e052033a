// Paper at a click; without script the button is not there, and the browser's own menu does it.
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) print();
});
