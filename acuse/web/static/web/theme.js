// Before the first paint: the colours chosen here, else the system's; and the sidebar's width.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const read = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const apply = () => {
    const choice = read("acuse-theme");
    root.dataset.bsTheme = choice === "light" || choice === "dark" ? choice : dark.matches ? "dark" : "light";
  };
  root.dataset.js = "";
  if (read("acuse-nav") === "narrow") root.dataset.nav = "narrow";
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("acuse:theme", apply);
})();
