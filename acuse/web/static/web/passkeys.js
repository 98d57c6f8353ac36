// Passkeys: a form with `data-passkey="get"` or `"create"` and `data-options` (where the challenge is asked) sends what the
// browser answers in its field `credential`. What a browser can't do isn't shown.
(() => {
  const can = {
    get: typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === "function",
    create: typeof window.PublicKeyCredential?.parseCreationOptionsFromJSON === "function",
  };

  const challenge = async (form) => {
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const answer = await fetch(form.dataset.options, { method: "POST", headers: { "X-CSRFToken": token } });
    // who must prove again who they are is led there
    if (answer.redirected) window.location.assign(answer.url);
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return answer.json();
  };
  const ask = async (form) => {
    const options = await challenge(form);
    const credential = form.dataset.passkey === "get"
      ? await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
      : await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
    return JSON.stringify(credential.toJSON());
  };
  // the browser's own words aren't for people
  const reason = (error) => error.name === "InvalidStateError"
    ? "Ese teléfono o esa compu ya tiene tu llave de acceso."
    : "No se completó. Probá de nuevo, y confirmá cuando el teléfono o la compu te lo pida.";

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const said = form.querySelector("[data-passkey-said]");
    if (!can[form.dataset.passkey]) {
      form.querySelector("[data-passkey-missing]")?.removeAttribute("hidden");
      return;
    }
    form.querySelectorAll("[data-passkey-able]").forEach((part) => { part.hidden = false; });
    form.addEventListener("submit", async (event) => {
      const field = form.elements.credential;
      if (field.value) return;
      event.preventDefault();
      said.textContent = "";
      const button = form.querySelector("button");
      button.disabled = true;
      try {
        field.value = await ask(form);
        form.submit();
      } catch (error) {
        said.textContent = reason(error);
        button.disabled = false;
      }
    });
  });
})();
