// Files dropped on a [data-drop] (or anywhere on its page) go into its file input, and are sent at once.
(() => {
  const zone = document.querySelector("[data-drop]");
  if (!zone) return;
  const input = zone.querySelector("input[type=file]");
  const button = zone.querySelector("[data-drop-submit]");
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0;

  const mark = (over) => zone.classList.toggle("over", over);
  const send = () => {
    button.textContent = "Leyendo…";
    input.form.requestSubmit(button);
  };
  document.addEventListener("dragenter", (event) => { if (carriesFiles(event)) { depth += 1; mark(true); } });
  document.addEventListener("dragleave", (event) => { if (carriesFiles(event)) { depth = Math.max(0, depth - 1); mark(depth > 0); } });
  document.addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    mark(false);
    const given = new DataTransfer();
    const files = [...event.dataTransfer.files];
    (input.multiple ? files : files.slice(0, 1)).forEach((file) => given.items.add(file));
    input.files = given.files;
    if (given.files.length) send();
  });
  input.addEventListener("change", () => { if (input.files.length) send(); });
})();
