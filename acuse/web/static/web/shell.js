// The sidebar's width, the choice of colours, and menus that close by themselves.
(() => {
  const root = document.documentElement;
  const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window: for this page only */ } };
  const read = (name) => { try { return localStorage.getItem(name); } catch { return null; } };

  const collapse = document.querySelector("[data-collapse-nav]");
  const showNav = () => {
    const narrow = root.dataset.nav === "narrow";
    collapse?.setAttribute("aria-pressed", String(narrow));
    if (collapse) collapse.title = narrow ? "Agrandar el menú" : "Achicar el menú";
  };
  collapse?.addEventListener("click", () => {
    root.dataset.nav = root.dataset.nav === "narrow" ? "wide" : "narrow";
    keep("acuse-nav", root.dataset.nav);
    showNav();
  });
  showNav();

  const choices = document.querySelectorAll("[data-theme-choice]");
  const showTheme = () => choices.forEach((button) =>
    button.setAttribute("aria-pressed", String((read("acuse-theme") ?? "auto") === button.dataset.themeChoice)));
  choices.forEach((button) => button.addEventListener("click", () => {
    keep("acuse-theme", button.dataset.themeChoice);
    window.dispatchEvent(new Event("acuse:theme"));
    showTheme();
  }));
  showTheme();

  const closeMenus = (except) => document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
  document.addEventListener("click", (event) => closeMenus(event.target.closest?.("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    closeMenus();
    menu?.querySelector("summary").focus();
  });
})();
