// What had the focus may go with what htmx replaces: the same thing in the new rows has it then (htmx does that by its id),
// else the place where it was, so that Tab goes on from there and not from the top of the page.
(() => {
  let place = null;
  // the place itself too, where it has had it since the last time
  const inside = (target) => target?.id && target.contains(document.activeElement);

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target } = event.detail;
    place = inside(target) ? target.id : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const found = place && document.activeElement === document.body ? document.getElementById(place) : null;
    place = null;
    if (!found || found.closest("dialog")) return;
    found.setAttribute("tabindex", "-1");
    found.focus({ preventScroll: true });
  });

  // a button that is off while its request runs would lose it to the top of the page
  const waiting = new WeakMap();
  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    if (elt.matches("[hx-disabled-elt]") && elt.contains(document.activeElement)) waiting.set(elt, document.activeElement);
  });
  document.addEventListener("htmx:afterRequest", ({ detail: { elt } }) => {
    const button = waiting.get(elt);
    waiting.delete(elt);
    const lost = [document.body, null, button].includes(document.activeElement);
    if (lost && button?.isConnected && !button.matches(":disabled")) button.focus({ preventScroll: true });
  });

  // what was refused comes back with its reasons: they have the focus, and Tab goes on to the fields; a form that says
  // where one begins to type, as the code of a sign-in, is typed in at once
  if (!document.querySelector("main [autofocus]")) document.querySelector("main :is([data-errors], .drop-errors)")?.focus();
})();
