// Configuración de envío: the order of the channels, and the rows of the template's variables.
(() => {
  const form = document.querySelector("form.policy");
  if (!form) return;
  const changed = () => form.dispatchEvent(new Event("acuse:changed"));

  const channels = form.querySelector("[data-channels]");
  channels?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li");
    const beside = button.dataset.move === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!beside) return;
    if (button.dataset.move === "up") beside.before(row);
    else beside.after(row);
    // at either end the button that was used is hidden: the other one of its row has the focus
    const used = getComputedStyle(button).visibility === "hidden" ? row.querySelector(`[data-move]:not([data-move="${button.dataset.move}"])`) : button;
    used.focus();
    changed();
  });
  // htmx sends the button that has the focus along: the rows are in their order already, and would be moved once more
  form.addEventListener("htmx:configRequest", (event) => { delete event.detail.parameters.move; });

  const rows = form.querySelector("[data-rows]");
  const number = () => [...rows.children].forEach((row, place) => {
    row.querySelector("[data-number]").textContent = place + 1;
    row.querySelector("label").htmlFor = row.querySelector("input").id = `parameter-${place + 1}`;
    row.querySelector("[data-drop-row] .visually-hidden").textContent = `Quitar ${place + 1}`;
  });
  // the empty row is for who has no JavaScript
  const spare = rows?.querySelector("[data-spare]");
  const blank = spare?.cloneNode(true);
  if (spare && rows.children.length > 1) spare.remove();
  blank?.removeAttribute("data-spare");

  form.querySelector("[data-add-row]")?.addEventListener("click", () => {
    const row = blank.cloneNode(true);
    rows.append(row);
    number();
    row.querySelector("input").focus();
    changed();
  });
  rows?.addEventListener("click", (event) => {
    const button = event.target.closest("[data-drop-row]");
    if (!button) return;
    const row = button.closest("li");
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    number();
    (next?.querySelector("input") ?? form.querySelector("[data-add-row]")).focus();
    changed();
  });
})();
