// Counts the ribbon down, and asks now and then whether the other side has ended it: then the page goes where that is
// said. Without it the next page says so.

const ASK = 10000;
const OVER = "/impersonation";
const ribbon = document.querySelector(".ribbon[data-left]");

if (ribbon) {
  const begun = Date.now();
  const part = ribbon.querySelector("[data-countdown]");
  let left = Number(ribbon.dataset.left);

  const show = () => {
    const seconds = Math.ceil(left - (Date.now() - begun) / 1000);
    if (seconds <= 0) return location.assign(OVER);
    part.hidden = false;
    part.querySelector("b").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };

  const ask = async () => {
    if (document.hidden) return;
    const answer = await fetch(`${OVER}/left`, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return;
    const seconds = Number(await answer.text());
    if (!seconds) return location.assign(OVER);
    left = seconds + (Date.now() - begun) / 1000;
  };

  show();
  setInterval(show, 1000);
  setInterval(ask, ASK);
  document.addEventListener("visibilitychange", ask);
}
