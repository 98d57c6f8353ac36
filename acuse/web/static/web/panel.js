// The side panel: what a link or a form with hx-target="#panel-body" brings opens over the page, from the right.
//
// Use: <a href="/page/" hx-get="/page/" hx-target="#panel-body">. The view answers the fragment when
// `request.htmx.target == "panel-body"` (acuse/web/panels.py), the page else. Links with `data-panel-close` close it.
// The browser's own dialog keeps the focus inside, gives it back, and closes with Escape. When something was saved in
// it, `acuse:changed` is told to the body on closing: a grid refreshes by it.
(() => {
  const panel = document.getElementById("panel");
  if (!panel?.showModal) return;
  const body = document.getElementById("panel-body");
  const warning = panel.querySelector("[data-panel-unsaved]");
  let typed = false;
  let saved = false;

  const forget = () => { typed = false; warning.hidden = true; };
  const ask = () => {
    if (!typed) return panel.close();
    warning.hidden = false;
    warning.querySelector("button").focus();
  };

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== body) return;
    forget();
    // one dialog at a time: another one on the page stays where it is
    if (!panel.open && !document.querySelector("dialog[open]")) panel.showModal();
    (body.querySelector("[aria-invalid=true], [autofocus]") ?? document.getElementById("panel-title"))?.focus();
  });
  // a refusal has its page too; inside the panel only its words are wanted
  body.addEventListener("htmx:responseError", (event) => {
    const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const said = document.createElement("p");
    said.className = "alert";
    said.setAttribute("role", "alert");
    said.textContent = answer.querySelector("main p")?.textContent ?? "No se pudo. Cerrá el panel y probá de nuevo.";
    body.prepend(said);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.requestConfig?.verb === "post" && panel.contains(event.detail.elt)) {
      // a form that came back with errors changed nothing
      saved = saved || !body.querySelector("[data-errors]");
    }
  });
  body.addEventListener("input", () => { typed = true; });
  panel.addEventListener("cancel", (event) => { if (typed) { event.preventDefault(); ask(); } });
  panel.addEventListener("mousedown", (event) => { if (event.target === panel) ask(); });
  panel.addEventListener("click", (event) => {
    if (event.target.closest("[data-panel-leave]")) { forget(); panel.close(); return; }
    if (event.target.closest("[data-panel-stay]")) { warning.hidden = true; body.querySelector("input, select, textarea")?.focus(); return; }
    if (!event.target.closest("[data-panel-close]")) return;
    event.preventDefault();
    ask();
  });
  panel.addEventListener("close", () => {
    body.replaceChildren();
    forget();
    if (saved) document.body.dispatchEvent(new Event("acuse:changed", { bubbles: true }));
    saved = false;
  });
})();
