// The matrix of what a role may do: whole rows and columns, *Ver* with every action, and how much would change.
// Without it each box works by itself, and the server ticks *Ver*.
(() => {
  const chooser = document.querySelector("[data-submit-on-change]");
  // by the arrows one passes roles that one doesn't want: then Enter, or the button, goes there
  let passing = false;
  // with its list open Enter chooses, and some browsers (Firefox) tell the page of it too
  const isOpen = () => CSS.supports("selector(:open)") && chooser.matches(":open");
  chooser?.addEventListener("keydown", (event) => {
    const goes = event.key === "Enter" && !isOpen();
    passing = !goes && event.key !== "Tab";
    if (goes) { event.preventDefault(); chooser.form.requestSubmit(); }
  });
  chooser?.addEventListener("pointerdown", () => { passing = false; });
  chooser?.addEventListener("change", () => { if (!passing) chooser.form.submit(); });
  const form = document.querySelector("[data-matrix]");
  if (!form) return;
  const boxes = [...form.querySelectorAll("input[name=grant]")];
  const open = boxes.filter((box) => !box.disabled);
  const said = form.querySelector("[data-changes]");
  const first = said?.textContent;
  const rowOf = (box) => [...box.closest("tr").querySelectorAll("input[name=grant]")];

  // an action without *Ver* would be of no use, and without *Ver* there is no action
  const follow = (box) => {
    const row = rowOf(box);
    const view = row.find((one) => one.dataset.action === "view");
    if (box.checked && view && !view.disabled) view.checked = true;
    if (box === view && !box.checked) row.forEach((one) => { if (!one.disabled) one.checked = false; });
  };
  const shown = (head, some) => {
    const ticked = some.filter((box) => box.checked).length;
    head.checked = some.length > 0 && ticked === some.length;
    head.indeterminate = ticked > 0 && ticked < some.length;
    head.disabled = some.length === 0;
  };
  const show = () => {
    form.querySelectorAll("[data-row]").forEach((head) => shown(head, rowOf(head).filter((box) => !box.disabled)));
    form.querySelectorAll("[data-column]").forEach((head) =>
      shown(head, open.filter((box) => box.dataset.action === head.dataset.column)));
    let added = 0;
    let removed = 0;
    boxes.forEach((box) => {
      const differs = box.checked !== (box.dataset.saved === "1");
      box.closest("td").classList.toggle("differs", differs);
      if (differs && box.checked) added += 1;
      if (differs && !box.checked) removed += 1;
    });
    if (!said) return;
    const parts = [added && `${added} para agregar`, removed && `${removed} para quitar`].filter(Boolean);
    said.textContent = parts.length ? `${parts.join(" y ")}, sin guardar.` : first;
    said.closest(".matrix-save").classList.toggle("dirty", parts.length > 0);
  };

  form.addEventListener("change", (event) => {
    const box = event.target;
    let some = [box];
    if (box.matches("[data-row]")) some = rowOf(box).filter((one) => !one.disabled);
    if (box.matches("[data-column]")) some = open.filter((one) => one.dataset.action === box.dataset.column);
    some.forEach((one) => { one.checked = box.checked; });
    some.forEach((one) => { if (one.name === "grant") follow(one); });
    show();
  });
  window.addEventListener("pageshow", show);
  show();
})();
