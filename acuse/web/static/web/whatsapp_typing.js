// What the assistant shows while one types: how long a text is ([data-count="limit"]), where it is seen
// ([data-mirror="id"]), a picture that was chosen ([data-picture="id"]), a text that is taken as it is
// ([data-take="id of the field"]). And a form that is sent once ([data-once]). Without JavaScript all of it is read and
// sent as plain forms.
(() => {
  const shown = (field) => (field.tagName === "SELECT" ? (field.value ? field.selectedOptions[0].textContent : "") : field.value);

  const count = (field) => {
    const most = Number(field.dataset.count);
    const length = [...field.value.replaceAll("\r\n", "\n")].length;
    let said = document.getElementById(`${field.id}-count`);
    if (!said) {
      said = document.createElement("p");
      said.id = `${field.id}-count`;
      said.className = "typed-count num";
      field.after(said);
      field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${said.id}`.trim());
    }
    said.textContent = length > most ? `${length} de ${most}: sobran ${length - most}` : `${length} de ${most}`;
    said.classList.toggle("over", length > most);
  };
  const mirror = (field) => {
    const place = document.getElementById(field.dataset.mirror);
    if (place) place.textContent = shown(field);
  };
  const look = (root) => {
    root.querySelectorAll?.("[data-count]").forEach(count);
    root.querySelectorAll?.("[data-mirror]").forEach(mirror);
  };
  const changed = (event) => {
    if (event.target.matches?.("[data-count]")) count(event.target);
    if (event.target.matches?.("[data-mirror]")) mirror(event.target);
    if (event.type === "change" && event.target.matches?.("[data-picture]")) picture(event.target);
    if (event.type === "change" && event.target.matches?.("[data-auto-submit]")) event.target.form.requestSubmit();
  };

  // a data address: the pages' policy allows no other
  const picture = (field) => {
    const place = document.getElementById(field.dataset.picture);
    const file = field.files[0];
    if (!place || !file || !file.type.startsWith("image/")) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      const image = document.createElement("img");
      image.alt = "";
      image.src = reader.result;
      place.replaceChildren(image);
    });
    reader.readAsDataURL(file);
  };

  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-take]");
    if (!button) return;
    const field = document.getElementById(button.dataset.take);
    event.preventDefault();
    field.focus();
    field.setRangeText(button.dataset.text, 0, field.value.length, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]") || event.defaultPrevented) return;
    if (form.dataset.sent !== undefined) return event.preventDefault();
    form.dataset.sent = "";
    const button = event.submitter;
    if (button?.dataset.busy) {
      button.dataset.before = button.textContent;
      button.textContent = button.dataset.busy;
    }
  });
  // the page again, from the browser's memory
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-once]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[data-before]").forEach((button) => { button.textContent = button.dataset.before; });
  }));
  document.addEventListener("htmx:load", (event) => look(event.detail.elt));
  look(document);
})();
