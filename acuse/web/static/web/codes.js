// The recovery codes: print them.
(() => {
  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
})();
