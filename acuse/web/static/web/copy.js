// Buttons that copy the field they name: <button data-copy="its id">. Where that can't be, [data-copied="its id"] says so.
(() => {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // without HTTPS browsers have no clipboard: it stays selected
      const said = document.querySelector(`[data-copied="${button.dataset.copy}"]`);
      if (said) said.textContent = "Quedó seleccionado: copialo con Ctrl+C.";
      return;
    }
    const word = button.lastChild;
    const before = word.textContent;
    word.textContent = "Copiado";
    setTimeout(() => { word.textContent = before; }, 2000);
  });
})();
