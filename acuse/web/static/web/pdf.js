// The browser's own viewer takes the focus when its PDF is there, from whoever is reading or typing beside it: it is given
// back, once and only then, unless one went there by Tab or with the mouse. Who goes there later, by whatever way, stays.
(() => {
  const SETTLED = 5000;
  const frame = document.querySelector(".voucher-pdf iframe");
  if (!frame) return;
  let left = { field: null, at: 0 };
  let byTab = false;
  let over = false;
  const end = () => {
    over = true;
    frame.dataset.settled = "";
  };
  const settle = () => setTimeout(end, SETTLED);
  if (document.readyState === "complete") settle();
  else window.addEventListener("load", settle);
  document.addEventListener("focusout", (event) => { left = { field: event.target, at: performance.now() }; });
  document.addEventListener("keydown", (event) => { byTab = event.key === "Tab"; }, true);
  document.addEventListener("keyup", () => { byTab = false; }, true);
  window.addEventListener("blur", () => {
    // what lost it to the frame just now; else nothing had it
    const field = performance.now() - left.at < 50 ? left.field : null;
    const wanted = over || byTab || frame.matches(":hover");
    // the window tells before the frame has it
    setTimeout(() => {
      if (wanted || document.activeElement !== frame) return;
      over = true;
      frame.blur();
      window.focus();
      if (field?.isConnected) field.focus({ preventScroll: true });
      end();
    });
  });
})();
