// Variables offered while typing: {{ opens a list under the caret (arrows, Enter or Tab, Escape), and buttons insert
// them too. A field asks for it with data-variables="voucher" or "parameter"; what is offered is the list of buttons
// ([data-insert], with its meaning beside it) of the field's own <section>. Without JavaScript that list is read.
(() => {
  const OPEN = /\{\{\s*([^{}\s]*)$/;
  const list = document.createElement("ul");
  list.id = "variable-list";
  list.className = "variable-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Variables");
  list.hidden = true;
  document.querySelector("main").append(list);

  let field = null;
  let active = 0;

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  const offered = (target) => [...target.closest("section").querySelectorAll("[data-insert]")]
    .filter((button, place, all) => all.findIndex((one) => one.dataset.insert === button.dataset.insert) === place)
    .map((button) => ({ text: button.dataset.insert, meaning: button.parentElement.textContent.replace(button.textContent, "").trim() }));

  const close = () => {
    list.hidden = true;
    field?.removeAttribute("aria-activedescendant");
    field?.removeAttribute("aria-controls");
    field = null;
  };

  // Where the caret is: the same text in an invisible box of the same shape.
  const caret = (target) => {
    const style = getComputedStyle(target);
    const box = document.createElement("div");
    for (const name of ["fontFamily", "fontSize", "fontWeight", "letterSpacing", "lineHeight", "padding", "borderWidth", "boxSizing"]) {
      box.style[name] = style[name];
    }
    box.className = "caret-box";
    box.style.width = `${target.clientWidth}px`;
    box.style.whiteSpace = target.tagName === "TEXTAREA" ? "pre-wrap" : "pre";
    box.textContent = target.value.slice(0, target.selectionStart);
    const mark = box.appendChild(document.createElement("span"));
    mark.textContent = "|";
    document.body.append(box);
    const at = { left: mark.offsetLeft - target.scrollLeft, top: mark.offsetTop + mark.offsetHeight - target.scrollTop };
    box.remove();
    return at;
  };

  const place = () => {
    const around = field.getBoundingClientRect();
    const at = caret(field);
    const left = Math.min(around.left + at.left, innerWidth - list.offsetWidth - 8);
    list.style.left = `${Math.max(8, left) + scrollX}px`;
    list.style.top = `${around.top + Math.min(at.top, around.height) + scrollY + 2}px`;
  };

  const mark = () => [...list.children].forEach((option, at) => {
    option.setAttribute("aria-selected", String(at === active));
    if (at === active) field.setAttribute("aria-activedescendant", option.id);
  });

  const insert = (target, text, from) => {
    const end = target.selectionStart;
    target.focus();
    target.setRangeText(text, from, target.selectionEnd, "end");
    // the closing braces that were there already
    const rest = target.value.slice(target.selectionStart);
    const closing = from < end ? rest.match(/^\s*\}\}/) : null;
    if (closing) target.setRangeText("", target.selectionStart, target.selectionStart + closing[0].length, "end");
    target.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const choose = (option) => {
    const target = field;
    const before = target.value.slice(0, target.selectionStart);
    const text = option.dataset.text;
    close();
    insert(target, text, before.match(OPEN).index);
  };

  const look = (target) => {
    const typed = target.value.slice(0, target.selectionStart).match(OPEN);
    const found = typed ? offered(target).filter((one) => plain(one.text.slice(2)).startsWith(plain(typed[1]))) : [];
    if (!found.length || target.selectionStart !== target.selectionEnd) return close();
    if (field && field !== target) close();
    field = target;
    active = 0;
    list.replaceChildren(...found.map((one, at) => {
      const option = document.createElement("li");
      option.id = `variable-${at}`;
      option.setAttribute("role", "option");
      option.dataset.text = one.text;
      option.textContent = one.text;
      option.append(Object.assign(document.createElement("small"), { textContent: one.meaning }));
      return option;
    }));
    list.hidden = false;
    field.setAttribute("aria-controls", list.id);
    place();
    mark();
  };

  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-variables]")) look(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (!field || event.target !== field) return;
    const count = list.children.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      active = (active + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      mark();
    } else if (event.key === "Enter" || event.key === "Tab") choose(list.children[active]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("focusout", (event) => { if (event.target === field) close(); });
  addEventListener("resize", () => { if (field) place(); });
  // before the field loses its focus
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("li");
    if (option) choose(option);
  });

  // the field of the same section that was written in last
  const last = new WeakMap();
  document.addEventListener("focusin", (event) => {
    if (event.target.matches?.("[data-variables]")) last.set(event.target.closest("section"), event.target);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-insert]");
    if (!button) return;
    const named = document.getElementById(button.dataset.into);
    const recent = last.get(button.closest("section"));
    const target = recent?.isConnected && recent.dataset.variables === "parameter" ? recent : named;
    if (target) insert(target, button.dataset.insert, target.selectionStart);
  });
})();
