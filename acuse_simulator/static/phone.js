// Asks for the live part of the page again every second, and replaces it only when it has changed.
"use strict";

const PERIOD = 1000;

function nearTheEnd() {
  const page = document.documentElement;
  return page.scrollHeight - page.scrollTop - page.clientHeight < 120;
}

function toTheEnd() {
  window.scrollTo(0, document.documentElement.scrollHeight);
}

async function refresh(live, seen) {
  try {
    const answer = await fetch(live.dataset.poll, { cache: "no-store" });
    if (!answer.ok) return seen;
    const text = await answer.text();
    if (text !== seen && seen !== null) {
      const follow = nearTheEnd();
      const focused = document.activeElement && live.contains(document.activeElement)
        ? document.activeElement.getAttribute("href") : null;
      live.innerHTML = text;
      if (focused) live.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
      if (follow && live.classList.contains("bubbles")) toTheEnd();
    }
    return text;
  } catch (error) {
    console.info("El simulador no responde; se vuelve a intentar.", error);
    return seen;
  }
}

async function watch(live) {
  if (live.classList.contains("bubbles")) toTheEnd();
  let seen = live.innerHTML;
  for (;;) {
    await new Promise((done) => setTimeout(done, PERIOD));
    if (!document.hidden) seen = await refresh(live, seen);
  }
}

const live = document.querySelector("[data-poll]");
if (live) watch(live);
