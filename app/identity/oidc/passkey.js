// Asks the browser for a passkey, and sends what it answers with the button's form. Without script, people use the phone.
// The button says what is asked: where a challenge is (`ask`), or what to show or make (`show`, `make`).
"use strict";

(() => {
  const button = document.getElementById("passkey");
  const failed = document.getElementById("no-passkey");
  const asking = document.getElementById("asking");
  const { ask, show, make, into } = button.dataset;

  // WebAuthn writes bytes as base64url without padding.
  const bytesOf = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  };
  const textOf = (bytes) => {
    const plain = String.fromCharCode(...new Uint8Array(bytes));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const known = (credentials) => (credentials ?? []).map((one) => ({ ...one, id: bytesOf(one.id) }));

  const challenge = async () => {
    const answer = await fetch(ask, { method: "POST", credentials: "omit" });
    if (!answer.ok) throw new Error("no challenge");
    return (await answer.json()).options;
  };
  const shown = (options) => {
    const allowCredentials = known(options.allowCredentials);
    const publicKey = { ...options, challenge: bytesOf(options.challenge), allowCredentials };
    return navigator.credentials.get({ publicKey });
  };
  const made = (options) => {
    const user = { ...options.user, id: bytesOf(options.user.id) };
    const excludeCredentials = known(options.excludeCredentials);
    const publicKey = { ...options, challenge: bytesOf(options.challenge), user, excludeCredentials };
    return navigator.credentials.create({ publicKey });
  };
  const asked = async () => {
    if (make) return made(JSON.parse(make));
    return shown(show ? JSON.parse(show) : await challenge());
  };

  const written = ({ id, rawId, type, response }) => {
    const { clientDataJSON, attestationObject, authenticatorData, signature, userHandle } = response;
    const answer = attestationObject
      ? { attestationObject: textOf(attestationObject), transports: response.getTransports?.() ?? [] }
      : {
          authenticatorData: textOf(authenticatorData),
          signature: textOf(signature),
          userHandle: userHandle ? textOf(userHandle) : null,
        };
    const said = { clientDataJSON: textOf(clientDataJSON), ...answer };
    return JSON.stringify({ id, rawId: textOf(rawId), type, response: said });
  };

  const run = async (byItself) => {
    button.disabled = true;
    failed.hidden = true;
    try {
      const { elements } = button.form;
      elements[into].value = written(await asked());
      if (elements.step) elements.step.value = "passkey";
      button.form.submit();
    } catch {
      failed.hidden = byItself; // some browsers ask only after a press of the button
    } finally {
      button.disabled = false;
    }
  };

  if (!window.PublicKeyCredential) {
    failed.hidden = !(show || make);
    return;
  }
  button.hidden = false;
  if (asking) asking.hidden = false;
  button.addEventListener("click", () => run(false));
  if (show || make) run(true);
})();
