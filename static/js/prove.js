// What somebody had sent before they were asked who they are goes on by itself, once.
const form = document.getElementById("goes-on");
if (form && !history.state?.gone) {
  history.replaceState({ gone: true }, "");
  form.requestSubmit();
}
