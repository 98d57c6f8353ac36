// The selection of a grid: what is ticked stays so from page to page, in any order and under other filters, in this tab, for
// this person in this company, until it is sent or taken away. Its bar counts it, and says what of it isn't in sight. Ticks a
// whole page, and a range with Shift. What has `data-selection-two` is for two, and seen only then.
(() => {
  const EVERY = "acuse-selection:";
  const PREFIX = `${EVERY}${document.body.dataset.company ?? ""}:${document.body.dataset.person ?? ""}:`;
  // a private window may refuse: then it is kept until the page is left
  const store = (act) => { try { return act(window.sessionStorage); } catch { return null; } };
  const grid = () => document.querySelector("form[data-selection]");
  const boxes = () => [...document.querySelectorAll("[data-pick]")];
  const count = (number, one, many) => (number ? `${number} ${number === 1 ? one : many}` : "");
  // the grid's address, and of each id the filters under which it was ticked
  let path = null;
  let kept = new Map();
  let last = null;

  const read = () => {
    const form = grid();
    if (!form || form.dataset.selection === path) return;
    path = form.dataset.selection;
    kept = new Map(store((tab) => JSON.parse(tab.getItem(PREFIX + path))) ?? []);
  };
  const write = () => store((tab) => (
    kept.size ? tab.setItem(PREFIX + path, JSON.stringify([...kept])) : tab.removeItem(PREFIX + path)));
  const drop = (of) => {
    store((tab) => tab.removeItem(PREFIX + of));
    if (of === path) kept.clear();
  };
  const note = () => {
    const query = grid()?.dataset.query ?? "";
    boxes().forEach((box) => {
      if (!box.checked) kept.delete(box.value);
      else if (!kept.has(box.value)) kept.set(box.value, query);
    });
    write();
  };

  const show = () => {
    const form = grid();
    const bar = document.querySelector("[data-selection-bar]");
    if (!form || !bar) return;
    const all = boxes();
    const ticked = all.filter((box) => box.checked).length;
    const seen = new Set(all.map((box) => box.value));
    const beyond = [...kept].filter(([id]) => !seen.has(id));
    const other = beyond.filter(([, query]) => query !== form.dataset.query).length;
    bar.classList.toggle("open", kept.size > 0);
    bar.querySelectorAll("[data-selection-two]").forEach((button) => { button.hidden = kept.size !== 2; });
    bar.querySelector("[data-selection-count]").textContent = kept.size || "";
    bar.querySelector("[data-selection-words]").textContent = kept.size === 1 ? "elegido" : "elegidos";
    const away = [
      count(beyond.length - other, "en otra página", "en otras páginas"),
      count(other, "con otros filtros", "con otros filtros"),
    ].filter(Boolean);
    bar.querySelector("[data-selection-beyond]").textContent = away.length ? `(${away.join(", ")})` : "";
    form.querySelector("[data-selection-elsewhere]").value = beyond.map(([id]) => id).join(",");
    const every = document.querySelector("[data-pick-all]");
    if (every) {
      every.checked = ticked > 0 && ticked === all.length;
      every.indeterminate = ticked > 0 && ticked < all.length;
    }
  };
  // the browser may bring ticks of its own back, and a page that was kept has old ones
  const draw = () => {
    read();
    boxes().forEach((box) => { box.checked = kept.has(box.value); });
    show();
  };

  document.addEventListener("click", (event) => {
    const box = event.target;
    if (box.closest?.("[data-selection-clear]")) {
      drop(path);
      draw();
      document.querySelector("[data-pick-all]")?.focus();
      return;
    }
    if (!box.matches?.("[data-pick]")) return;
    const all = boxes();
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    }
    last = box;
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-pick-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
    if (!event.target.matches?.("[data-pick], [data-pick-all]")) return;
    note();
    show();
  });
  document.addEventListener("submit", (event) => {
    const done = event.target.dataset?.selectionDone;
    // another of its buttons may only look again
    if (done && !event.submitter?.hasAttribute("formaction")) drop(done);
    if (event.target.matches("[data-sign-out]")) {
      store((tab) => Object.keys(tab).filter((key) => key.startsWith(EVERY)).forEach((key) => tab.removeItem(key)));
    }
  });
  document.addEventListener("htmx:afterSettle", draw);
  document.addEventListener("htmx:historyRestore", draw);
  window.addEventListener("pageshow", () => { path = null; draw(); });
  draw();
})();
