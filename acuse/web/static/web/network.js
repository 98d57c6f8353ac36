// What htmx asks in the background: a bar when it takes long, and words when it fails. Nothing fails in silence.
(() => {
  const busy = document.querySelector("[data-busy]");
  const toasts = document.querySelector("[data-toasts]");
  let asked = 0;
  let timer = null;

  // a poller asks without anybody having done anything: it shows no bar, and asks again by itself
  const byPerson = (event) => Boolean(event.detail.requestConfig?.triggeringEvent);
  const polls = (event) => Boolean(event.detail.requestConfig?.elt.getAttribute("hx-trigger")?.startsWith("every"));

  const begin = () => {
    asked += 1;
    timer ??= setTimeout(() => busy?.classList.add("on"), 300);
  };
  const end = () => {
    asked = Math.max(0, asked - 1);
    if (asked) return;
    clearTimeout(timer);
    timer = null;
    busy?.classList.remove("on");
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (byPerson(event)) begin();
    // nobody looks; what is asked once, as the next part of some work, isn't asked again when somebody does
    else if (document.hidden && polls(event)) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", (event) => { if (byPerson(event)) end(); });

  // what one presses isn't replaced before the press ends, or its click would be nobody's: a poller asks again by itself
  const LONGEST = 10000;
  let pressed = -Infinity;
  const press = () => { pressed = performance.now(); };
  const release = () => { pressed = -Infinity; };
  document.addEventListener("pointerdown", press, true);
  document.addEventListener("pointerup", release, true);
  document.addEventListener("pointercancel", release, true);
  document.addEventListener("keydown", (event) => { if (event.key === " ") press(); }, true);
  document.addEventListener("keyup", release, true);
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (polls(event) && performance.now() - pressed < LONGEST) event.detail.shouldSwap = false;
  });

  const say = (key, title, text, again) => {
    toasts.querySelector(`[data-key="${key}"]`)?.remove();
    const line = document.createElement("div");
    line.className = "toast-line";
    line.dataset.key = key;
    const words = document.createElement("p");
    const strong = document.createElement("strong");
    strong.textContent = title;
    words.append(strong, text);
    line.append(words);
    if (again) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm btn-secondary";
      button.textContent = "Probar de nuevo";
      button.addEventListener("click", () => { line.remove(); again(); });
      line.append(button);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.className = "toast-close";
    close.setAttribute("aria-label", "Cerrar el aviso");
    close.textContent = "×";
    close.addEventListener("click", () => line.remove());
    line.append(close);
    toasts.append(line);
  };

  // only what reads is asked again by a click: what writes may have arrived
  const again = (event) => {
    const { verb, path } = event.detail.requestConfig;
    const source = event.detail.elt;
    if (verb !== "get" || !source.isConnected) return null;
    return () => htmx.ajax("GET", path, { source, target: event.detail.target });
  };
  const unreachable = (event) => {
    if (!byPerson(event)) {
      say("network", "No pudimos hablar con el servidor.", "Lo volvemos a intentar.");
    } else if (event.detail.requestConfig.verb === "get") {
      say("network", "No pudimos hablar con el servidor.", "Revisá la conexión.", again(event));
    } else {
      say("network", "No pudimos hablar con el servidor.", "Actualizá la página para ver si se hizo.");
    }
  };
  document.addEventListener("htmx:sendError", unreachable);
  document.addEventListener("htmx:timeout", unreachable);
  document.addEventListener("htmx:afterOnLoad", () => toasts.querySelector('[data-key="network"]')?.remove());

  document.addEventListener("htmx:responseError", (event) => {
    // the side panel tells its own
    if (event.detail.target?.id === "panel-body") return;
    if (!byPerson(event)) return say("network", "El servidor no pudo con esto.", "Lo volvemos a intentar.");
    const answer = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const title = answer.querySelector("main h1")?.textContent ?? "El servidor no pudo con esto.";
    const text = answer.querySelector("main h1 ~ p, main .title-row ~ p")?.textContent ?? "Probá de nuevo en un momento.";
    const later = event.detail.xhr.status >= 500 ? again(event) : null;
    say("answer", title, text, later);
  });
})();
