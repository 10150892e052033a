// Codes are copied or printed with one press; without script they are selected and printed by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const lines = [...document.querySelectorAll(`${button.dataset.copy} code`)].map((code) => code.textContent);
    await navigator.clipboard.writeText(lines.join("\n"));
    document.querySelector("[data-copied]").hidden = false;
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
