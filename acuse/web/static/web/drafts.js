// What is typed into a form with `data-draft` survives an expired session, a stale page and a closed panel: it is kept in
// this tab (sessionStorage), for this person in this company, until the form is saved, left by its own link, or 12 hours have passed.
// Never passwords, files or hidden fields, save one with `data-draft-keep`: what the person had before them when they typed.
// A field with `data-no-draft` isn't kept.
(() => {
  const EVERY = "acuse-draft:";
  const PREFIX = `${EVERY}${document.body.dataset.company ?? ""}:`;
  const LIFE = 12 * 60 * 60 * 1000;
  const person = document.body.dataset.person ?? "";
  const SKIPPED = new Set(["password", "file", "hidden", "submit", "button", "reset", "image"]);

  // a private window may refuse: then nothing is kept
  const store = (act) => { try { return act(window.sessionStorage); } catch { return null; } };
  const read = (key) => store((kept) => JSON.parse(kept.getItem(key)));
  const write = (key, draft) => store((kept) => kept.setItem(key, JSON.stringify(draft)));
  const drop = (key) => store((kept) => kept.removeItem(key));
  const keys = (prefix = PREFIX) => store((kept) => Object.keys(kept).filter((key) => key.startsWith(prefix))) ?? [];

  // `data-draft="…"` tells apart forms of one address
  const keyOf = (form) => PREFIX + new URL(form.getAttribute("hx-post") || form.getAttribute("action") || "", location.href).pathname + form.dataset.draft;
  const isDraft = (form) => form?.matches?.("form[data-draft]");
  const fields = (form) => [...form.elements].filter((field) =>
    field.name && (!SKIPPED.has(field.type) || "draftKeep" in field.dataset) && field.tagName !== "FIELDSET" && !field.closest("[data-no-draft]"));
  const ticks = (field) => field.type === "checkbox" || field.type === "radio";
  const valueOf = (field) => {
    if (ticks(field)) return field.checked;
    if (field.type === "select-multiple") return [...field.selectedOptions].map((option) => option.value);
    return field.value;
  };
  // fields of one name in their order: a tick by its value too
  const nameOf = (field) => (ticks(field) ? `${field.name}=${field.value}` : field.name);
  const values = (form) => {
    const found = {};
    fields(form).forEach((field) => { (found[nameOf(field)] ??= []).push(valueOf(field)); });
    return found;
  };

  let putting = false;
  const put = (field, value) => {
    putting = true;
    // a reset of the form leaves a hidden field as it is
    if (field.type === "hidden") field.dataset.draftWas ??= field.value;
    if (ticks(field)) field.checked = value;
    else if (field.type === "select-multiple") {
      [...field.options].forEach((option) => { option.selected = value.includes(option.value); });
    } else field.value = value;
    field.tomselect?.sync();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    putting = false;
  };
  const keep = (form, sent = false) => write(keyOf(form), { person, at: Date.now(), sent, values: values(form) });

  const offer = (form) => {
    const notice = document.createElement("p");
    notice.className = "notice draft-notice";
    notice.setAttribute("role", "status");
    notice.append("Recuperamos lo que habías escrito. ");
    const discard = document.createElement("button");
    discard.type = "button";
    discard.className = "btn btn-sm btn-quiet";
    discard.textContent = "Descartarlo";
    discard.addEventListener("click", () => {
      notice.remove();
      form.reset();
      fields(form).forEach((field) => {
        field.tomselect?.sync();
        if ("draftWas" in field.dataset) field.value = field.dataset.draftWas;
      });
      drop(keyOf(form));
    });
    notice.append(discard);
    form.before(notice);
  };

  const touched = new WeakSet();
  const restore = (form, kept) => {
    const key = keyOf(form);
    const draft = kept(key);
    if (!draft || form.dataset.draftSeen !== undefined) return;
    form.dataset.draftSeen = "";
    // it came back with errors, told in it or above it: the server has put in what was typed
    if ([...document.querySelectorAll("[data-errors]")].some((told) => [form, null].includes(told.closest("form")))) return;
    const places = {};
    const changed = fields(form).filter((field) => {
      const name = nameOf(field);
      const at = places[name] = (places[name] ?? -1) + 1;
      const value = draft.values[name]?.[at];
      if (value === undefined || touched.has(field) || JSON.stringify(value) === JSON.stringify(valueOf(field))) return false;
      put(field, value);
      return true;
    });
    if (changed.length) offer(form);
    else drop(key);
  };

  const saved = document.querySelector(".notices .success") !== null;
  const refused = document.querySelector(".error-page") !== null;
  const here = new Set([...document.querySelectorAll("form[data-draft]")].map(keyOf));
  keys().forEach((key) => {
    const draft = read(key);
    const old = !draft || draft.person !== person || Date.now() - draft.at > LIFE;
    // what was sent and led to another page, or to words of success, is saved
    if (old || (draft.sent && !refused && (saved || !here.has(key)))) drop(key);
  });
  const look = (root, kept) => {
    if (isDraft(root)) restore(root, kept);
    root.querySelectorAll?.("form[data-draft]").forEach((form) => restore(form, kept));
  };
  // after the other scripts of the page, which shape its fields; a PDF in the page may take its time, and what was typed
  // meanwhile is newer than what was kept before
  const before = new Map(keys().map((key) => [key, read(key)]));
  window.addEventListener("load", () => look(document, (key) => before.get(key)));
  document.addEventListener("htmx:load", (event) => { if (document.readyState === "complete") look(event.detail.elt, read); });

  let timer = null;
  const typed = (event) => {
    const form = event.target.form;
    // a file that is chosen sends its form at once: kept after that, the form would come back over what was read of it
    if (SKIPPED.has(event.target.type)) return;
    // a select with search tells by itself what a person chose
    if (event.isTrusted || (event.target.tomselect && !putting)) touched.add(event.target);
    if (!event.isTrusted && form?.dataset.draftSeen === undefined) return;
    if (!isDraft(form)) return;
    clearTimeout(timer);
    timer = setTimeout(() => { if (form.isConnected) keep(form); }, 200);
  };
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (isDraft(event.target)) keep(event.target, true);
    // whoever leaves takes it along
    if (event.target.matches("[data-sign-out]")) keys(EVERY).forEach(drop);
  }, true);
  // left on purpose
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".form-acts a, [data-panel-leave]");
    const form = link?.closest("form[data-draft]") ?? link?.closest("dialog")?.querySelector("form[data-draft]");
    if (form) { clearTimeout(timer); drop(keyOf(form)); }
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    const { successful, xhr, requestConfig } = event.detail;
    if (!isDraft(form) || requestConfig?.verb !== "post") return;
    // a preview of what is typed saves nothing
    const pathOf = (address) => new URL(address ?? "", location.href).pathname;
    if (pathOf(requestConfig.path) !== pathOf(form.getAttribute("action"))) return;
    // to the sign-in page: it isn't saved
    const elsewhere = xhr?.getResponseHeader("HX-Redirect")?.includes("/ingresar/");
    if (!successful || elsewhere) keep(form);
    else if (!xhr.responseText.includes("data-errors")) drop(keyOf(form));
  });
})();
