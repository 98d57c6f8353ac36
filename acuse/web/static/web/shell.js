// The menu's shape, menus that close by themselves, the choice of colours, and "/" for the search.
(() => {
  const shell = document.querySelector(".shell");
  const groups = [...document.querySelectorAll("details[data-module]")];
  const wide = window.matchMedia("(min-width: 768px)");

  // the server reads this cookie, and draws the menu as it was left: nothing jumps
  const marks = () => {
    const found = document.cookie.match(/(?:^|; )acuse_menu=([^;]*)/);
    return new Map((found?.[1] ?? "").split(".").filter(Boolean).map((mark) => mark.split("-")));
  };
  const mark = (name, on) => {
    const kept = marks().set(name, on ? "1" : "0");
    const text = [...kept].map(([key, value]) => `${key}-${value}`).join(".");
    document.cookie = `acuse_menu=${text}; path=/; max-age=31536000; SameSite=Lax`;
  };

  const narrow = () => shell?.dataset.nav === "narrow" && wide.matches;
  const collapse = document.querySelector("[data-collapse-nav]");
  const showNav = () => {
    const small = shell?.dataset.nav === "narrow";
    collapse?.setAttribute("aria-pressed", String(small));
    if (collapse) collapse.title = small ? "Agrandar el menú" : "Achicar el menú";
  };
  const closeFlyouts = (except) => {
    if (narrow()) groups.forEach((group) => { if (group !== except) group.open = false; });
  };
  collapse?.addEventListener("click", () => {
    const small = shell.dataset.nav !== "narrow";
    mark("nav", small);
    if (small) shell.dataset.nav = "narrow";
    else delete shell.dataset.nav;
    const kept = marks();
    groups.forEach((group) => {
      const current = group.querySelector("[aria-current]") !== null;
      group.open = !small && (current || (kept.get(group.dataset.module) ?? group.dataset.first) === "1");
    });
    showNav();
  });
  groups.forEach((group) => group.firstElementChild.addEventListener("click", () => {
    if (!narrow()) return mark(group.dataset.module, !group.open);
    closeFlyouts(group);
    group.style.setProperty("--fly-top", `${group.getBoundingClientRect().top}px`);
  }));
  showNav();
  // where one is, also when the menu or the tabs are longer than the screen
  document.querySelector(".sidebar [aria-current]")?.scrollIntoView({ block: "nearest" });
  const tab = document.querySelector(".module-tabs [aria-current]");
  if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - (tab.parentElement.clientWidth - tab.offsetWidth) / 2;

  const closeMenus = (except) => document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest?.("details.menu"));
    closeFlyouts(event.target.closest?.("details[data-module]"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.querySelector("details.menu[open]") ?? (narrow() ? groups.find((group) => group.open) : null);
      closeMenus();
      closeFlyouts();
      menu?.querySelector("summary").focus();
    }
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) {
      const search = document.querySelector("main input[type=search]") ?? document.querySelector("[data-find-box]");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
  const typing = (element) =>
    element.isContentEditable || element.matches?.("input, select, textarea") || document.querySelector("dialog[open]");

  // the form beside it tells the server, which keeps it
  const choices = document.querySelectorAll("[data-theme-choice]");
  choices.forEach((button) => button.addEventListener("click", () => {
    document.documentElement.dataset.theme = button.value;
    window.dispatchEvent(new Event("acuse:theme"));
    choices.forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
  }));
})();
