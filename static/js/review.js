// One order for one press: whoever presses twice while the first is under way sends nothing more.
const form = document.getElementById("review-form");
if (form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent);
}
