// Passkeys: the browser is asked for one, and its answer goes with the form that asked. Without script, or in a browser
// that has none, the other ways on the page remain.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const keys = (list) => list?.map((key) => ({ ...key, id: bytes(key.id) }));

// Options travel as JSON, with bytes as base64url; the browser wants bytes.
function readable(options) {
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  if (options.allowCredentials) read.allowCredentials = keys(options.allowCredentials);
  if (options.excludeCredentials) read.excludeCredentials = keys(options.excludeCredentials);
  return read;
}

function sayable(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    said.attestationObject = text(response.attestationObject);
    said.transports = response.getTransports?.() ?? [];
  } else {
    said.authenticatorData = text(response.authenticatorData);
    said.signature = text(response.signature);
    said.userHandle = response.userHandle ? text(response.userHandle) : null;
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said });
}

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.optionsFrom, { headers: { accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error("no options");
  return answer.json();
}

function send(form, credential) {
  form.elements.passkey.value = sayable(credential);
  form.submit();
}

const forms = document.querySelectorAll("form[data-passkey]");
// What waits for a choice in the name field, and is broken off when the button is pressed.
let offering = null;

// A passkey belongs to a name: under a bare address (127.0.0.1) browsers make none.
const isNamed = !/^[\d.]+$|:/.test(location.hostname);

for (const form of window.PublicKeyCredential && isNamed ? forms : []) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector("[data-passkey-problem]");
    problem.hidden = true;
    form.setAttribute("aria-busy", "true");
    offering?.abort();
    try {
      const publicKey = readable(await optionsOf(form));
      const found = await navigator.credentials[form.dataset.passkey]({ publicKey });
      send(form, found);
    } catch {
      // Broken off, refused, or there is none: which of these a page is not told.
      problem.hidden = false;
    }
    form.removeAttribute("aria-busy");
  });
}

for (const none of window.PublicKeyCredential ? [] : document.querySelectorAll("[data-passkey-none]")) none.hidden = false;

// In the name field the browser offers passkeys beside the names that it knows. A challenge ages: ask anew in time.
async function offer(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  for (;;) {
    offering = new AbortController();
    const stale = setTimeout(() => offering.abort("stale"), 600_000);
    try {
      const publicKey = readable(await optionsOf(form));
      send(form, await navigator.credentials.get({ publicKey, mediation: "conditional", signal: offering.signal }));
      return;
    } catch {
      if (offering.signal.reason !== "stale") return;
    } finally {
      clearTimeout(stale);
    }
  }
}

const autofill = document.querySelector("form[data-passkey-autofill]");
if (autofill && window.PublicKeyCredential && isNamed) offer(autofill);
