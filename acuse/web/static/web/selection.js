// The bar of the grid's selection: counts what is ticked, on this page of the grid and on its others, ticks a whole page,
// and a range with Shift. What was ticked on other pages goes along when the form is sent.
(() => {
  // what an address holds; more are chosen by the filter
  const MOST = 150;
  const chosen = new Set();
  let last = null;
  let full = false;
  const boxes = () => [...document.querySelectorAll("[data-pick]")];
  const words = (count, away) => {
    if (full) return "elegidos: a mano no entran más. Para más, filtrá y usá los que coinciden";
    const others = away === 1 ? ", 1 en otra página" : away ? `, ${away} en otras páginas` : "";
    return (count === 1 ? "elegido" : "elegidos") + others;
  };
  const show = () => {
    const bar = document.querySelector("[data-selection-bar]");
    if (!bar) return;
    const all = boxes();
    const here = all.filter((box) => box.checked).length;
    const count = chosen.size;
    bar.classList.toggle("open", count > 0);
    bar.querySelector("[data-selection-count]").textContent = count || "";
    bar.querySelector("[data-selection-words]").textContent = words(count, count - here);
    const every = document.querySelector("[data-pick-all]");
    if (every) {
      every.checked = here > 0 && here === all.length;
      every.indeterminate = here > 0 && here < all.length;
    }
  };
  const note = () => {
    full = false;
    boxes().forEach((box) => {
      if (!box.checked) chosen.delete(box.value);
      else if (chosen.has(box.value) || chosen.size < MOST) chosen.add(box.value);
      else { box.checked = false; full = true; }
    });
  };
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (box.closest?.("[data-selection-clear]")) {
      chosen.clear();
      boxes().forEach((one) => { one.checked = false; });
      full = false;
      show();
      document.querySelector("[data-pick-all]")?.focus();
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
    if (event.target.matches?.("[data-pick], [data-pick-all]")) { note(); show(); }
  });
  document.addEventListener("htmx:afterSettle", () => {
    boxes().forEach((box) => { if (chosen.has(box.value)) box.checked = true; });
    show();
  });
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("[data-selection]") || event.formData.has("all")) return;
    const here = new Set(event.formData.getAll("id"));
    chosen.forEach((id) => { if (!here.has(id)) event.formData.append("id", id); });
  });
  // the browser may have kept the ticks of when one was here before
  window.addEventListener("pageshow", () => { note(); show(); });
  note();
  show();
})();
