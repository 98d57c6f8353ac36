// The way back from a page of an error, with or without the menu around it. Who opened it by its address has none.
(() => {
  const button = document.querySelector("[data-go-back]");
  if (!button) return;
  if (history.length < 2) button.remove();
  button.addEventListener("click", () => history.back());
})();
