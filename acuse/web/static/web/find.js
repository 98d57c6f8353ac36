// The box that finds anything: Ctrl+K goes to it, the arrows walk what it found, Escape leaves it.
(() => {
  const form = document.querySelector("[data-find]");
  if (!form) return;
  const box = form.querySelector("[data-find-box]");
  const results = form.querySelector("[data-find-results]");
  const clear = () => results.replaceChildren();

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    // on a phone the box is a page
    if (box.offsetParent === null) return void form.nextElementSibling.click();
    box.focus();
    box.select();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      if (results.childElementCount) {
        clear();
        box.focus();
      } else box.blur();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const stops = [box, ...form.querySelectorAll("[data-found]")];
    event.preventDefault();
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  });
  // what was asked before the box was emptied may come after
  let walked = -1;
  results.addEventListener("htmx:beforeSwap", (event) => {
    if (!box.value.trim()) event.detail.shouldSwap = false;
    walked = [...results.querySelectorAll("[data-found]")].indexOf(document.activeElement);
  });
  // what comes while one walks what was found before: one stays at the same place of it
  results.addEventListener("htmx:afterSwap", () => {
    if (walked < 0) return;
    // results are seen only while something of the form has the focus
    box.focus();
    results.querySelectorAll("[data-found]")[walked]?.focus();
    walked = -1;
  });
  box.addEventListener("input", () => { if (!box.value.trim()) clear(); });
})();
