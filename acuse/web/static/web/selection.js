// The bar of the grid's selection: counts what is ticked, ticks a whole page, and a range with Shift.
(() => {
  let last = null;
  const boxes = () => [...document.querySelectorAll("[data-pick]")];
  const show = () => {
    const bar = document.querySelector("[data-selection-bar]");
    if (!bar) return;
    const all = boxes();
    const count = all.filter((box) => box.checked).length;
    bar.classList.toggle("open", count > 0);
    bar.querySelector("[data-selection-count]").textContent = count || "";
    bar.querySelector("[data-selection-words]").textContent = count === 1 ? "elegido" : "elegidos";
    const every = document.querySelector("[data-pick-all]");
    if (every) {
      every.checked = count > 0 && count === all.length;
      every.indeterminate = count > 0 && count < all.length;
    }
  };
  document.addEventListener("click", (event) => {
    const box = event.target;
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
    if (event.target.matches?.("[data-pick], [data-pick-all]")) show();
  });
  document.addEventListener("htmx:afterSettle", show);
  window.addEventListener("pageshow", show);
  show();
})();
