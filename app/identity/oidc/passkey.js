// Asks the browser for a passkey, and sends what it answers with the sign-in form. Without script, people use the phone.
"use strict";

(() => {
  const form = document.getElementById("sign-in");
  const button = document.getElementById("passkey");
  const failed = document.getElementById("no-passkey");

  // WebAuthn writes bytes as base64url without padding.
  const bytesOf = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  };
  const textOf = (bytes) => {
    const plain = String.fromCharCode(...new Uint8Array(bytes));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  const asked = async () => {
    const answer = await fetch(button.dataset.ask, { method: "POST", credentials: "omit" });
    if (!answer.ok) throw new Error("no challenge");
    const { options } = await answer.json();
    return { ...options, challenge: bytesOf(options.challenge) };
  };

  const written = (credential) => {
    const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
    return JSON.stringify({
      id: credential.id,
      rawId: textOf(credential.rawId),
      type: credential.type,
      response: {
        clientDataJSON: textOf(clientDataJSON),
        authenticatorData: textOf(authenticatorData),
        signature: textOf(signature),
        userHandle: userHandle ? textOf(userHandle) : null,
      },
    });
  };

  const show = async () => {
    button.disabled = true;
    failed.hidden = true;
    try {
      const credential = await navigator.credentials.get({ publicKey: await asked() });
      form.elements.assertion.value = written(credential);
      form.elements.step.value = "passkey";
      form.submit();
    } catch {
      failed.hidden = false;
    } finally {
      button.disabled = false;
    }
  };

  if (!window.PublicKeyCredential) return;
  button.hidden = false;
  button.addEventListener("click", show);
})();
