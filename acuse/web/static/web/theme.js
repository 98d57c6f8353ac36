// Before the first paint: the colours that the person chose, else the system's. Kept by the server, told in the page.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const choice = root.dataset.theme;
    root.dataset.bsTheme = choice === "light" || choice === "dark" ? choice : dark.matches ? "dark" : "light";
  };
  root.dataset.js = "";
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("acuse:theme", apply);
})();
