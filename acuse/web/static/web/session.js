// What a page asks by itself doesn't keep its session alive: the server tells it by this header.
(() => {
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.triggeringEvent) event.detail.headers["X-Acuse-By-Itself"] = "1";
  });
})();
