// Selects with search (Tom Select). Without JavaScript they are plain selects and work the same.
//
// Use, on any <select> (single or multiple):
//   data-search-select          gives it the search; options in the page are searched without accents
//   data-search-url="/…/"       and asks there instead while one types: GET ?q=… answers
//                               {"results": [{"id": "…", "text": "…", "note": "…"}]} (note: a second line, optional;
//                               parties: `{% url 'web:party_options' 'clientes' %}`). Scoped and limited by that view.
//   data-search-create          what is typed and isn't there may be chosen too; its value is the text itself
//   data-search-placeholder="…" words of the empty control (else the empty option's)
// An <option value=""> can be chosen again to empty it. Also in what htmx brings later. `change` bubbles from the select.
(() => {
  const escape = (text) => {
    const held = document.createElement("span");
    held.textContent = text;
    return held.innerHTML;
  };
  const line = (data) => `<div>${escape(data.text)}${data.note ? `<small>${escape(data.note)}</small>` : ""}</div>`;

  const words = {
    option: line,
    item: (data) => `<div>${escape(data.text)}</div>`,
    option_create: (data) => `<div class="create">Crear «${escape(data.input)}»</div>`,
    no_results: () => '<div class="no-results" role="status">Ninguno coincide.</div>',
    loading: () => '<div class="no-results" role="status">Buscando…</div>',
  };

  const remote = (url) => ({
    valueField: "id",
    labelField: "text",
    // the server searches: what it answers is shown as it comes
    searchField: [],
    score: () => () => 1,
    shouldLoad: (typed) => typed.length > 1,
    loadThrottle: 250,
    load(typed, done) {
      // of the last search only, also when an answer overtakes another; what is chosen stays
      this.asked = typed;
      this.clearOptions((option) => this.items.includes(String(option.id)));
      fetch(`${url}?${new URLSearchParams({ q: typed })}`, { headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
        .then((found) => done(this.asked === typed ? found.results : []))
        .catch(() => done());
    },
  });

  const settings = (select) => {
    const many = select.multiple;
    const empty = select.querySelector('option[value=""]');
    return {
      plugins: many ? { remove_button: { title: "Quitar" } } : empty ? { clear_button: { title: "Vaciar" } } : {},
      placeholder: select.dataset.searchPlaceholder ?? empty?.textContent.trim() ?? "Buscar",
      hidePlaceholder: true,
      maxOptions: 200,
      diacritics: true,
      openOnFocus: true,
      closeAfterSelect: !many,
      selectOnTab: true,
      create: "searchCreate" in select.dataset,
      createOnBlur: "searchCreate" in select.dataset,
      render: words,
      ...(select.dataset.searchUrl ? remote(select.dataset.searchUrl) : {}),
    };
  };

  // A search that ends late opens the list again, and takes the focus along: only for who is still there, and hasn't just
  // chosen or closed it.
  const stayClosed = (chooser) => {
    const { wrapper } = chooser;
    const open = chooser.open.bind(chooser);
    const onFocus = chooser.onFocus.bind(chooser);
    const inside = () => wrapper.contains(document.activeElement);
    let done = false;
    // it keeps what is typed (false) when it closes for want of matches: more may come
    chooser.hook("after", "close", (empties) => { done = empties !== false; });
    ["focus", "keydown", "input", "pointerdown"].forEach((act) => wrapper.addEventListener(act, () => { done = false; }, true));
    chooser.hook("instead", "open", () => { if (inside() && !done) open(); });
    // it also comes by a timer, when the focus may have gone on
    chooser.hook("instead", "onFocus", (event) => { if (inside()) onFocus(event); });
  };

  const enhance = (select) => {
    if (select.tomselect) return;
    const chooser = new TomSelect(select, settings(select));
    stayClosed(chooser);
    // there is one list for whoever listens to the page, too
    select.setAttribute("aria-hidden", "true");
    // typing is no change of the form yet
    chooser.control_input.addEventListener("change", (event) => event.stopPropagation());
    const help = select.getAttribute("aria-describedby");
    if (help) chooser.control_input.setAttribute("aria-describedby", help);
    if (select.getAttribute("aria-invalid") === "true") chooser.control_input.setAttribute("aria-invalid", "true");
    // an option that was chosen is gone from the page when the click arrives at the menu around it
    chooser.wrapper.addEventListener("click", (event) => {
      if (!event.target.isConnected) event.stopPropagation();
    });
  };

  const all = (root) => {
    if (root.matches?.("select[data-search-select]")) enhance(root);
    root.querySelectorAll?.("select[data-search-select]").forEach(enhance);
  };
  all(document);
  document.addEventListener("htmx:load", (event) => all(event.target));
})();
