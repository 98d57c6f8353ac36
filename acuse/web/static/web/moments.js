// Keeps `hace 5 min` true on a page that stays open. The rules are those of acuse/web/moments.py.
(() => {
  const { zone, now } = document.body.dataset;
  const english = document.documentElement.dataset.formats === "en-us";
  // this machine's clock may be wrong: the page says what time it was
  const ahead = now ? Date.now() - Date.parse(now) : 0;
  const parts = new Intl.DateTimeFormat("es-AR", {
    timeZone: zone || undefined, year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", weekday: "long",
  });
  const read = (at) => Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
  const dayOf = (found) => Date.UTC(found.year, found.month - 1, found.day) / 86400000;

  const words = (at, current, exact) => {
    const seconds = (current - at) / 1000;
    if (seconds > -60 && seconds < 60) return "recién";
    if (seconds > 0 && seconds < 3600) return `hace ${Math.floor(seconds / 60)} min`;
    const local = read(at);
    const days = dayOf(read(current)) - dayOf(local);
    const hour = `${local.hour}:${local.minute}`;
    const date = `${english ? `${local.month}/${local.day}` : `${local.day}/${local.month}`}/${local.year}`;
    const near = { "0": "hoy", "1": "ayer", "-1": "mañana" }[days];
    // the hour is beside it, to the second
    if (exact) return near || date;
    if (!near && days > 1 && days < 7) return `${local.weekday} ${hour}`;
    return `${near || date} ${hour}`;
  };

  const refresh = () => {
    const current = Date.now() - ahead;
    document.querySelectorAll("time.moment").forEach((shown) => {
      const said = words(Date.parse(shown.dateTime), current, shown.classList.contains("exact"));
      const place = shown.firstElementChild;
      if (place && place.textContent !== said) place.textContent = said;
    });
  };
  setInterval(() => { if (!document.hidden) refresh(); }, 20000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
})();
