// Drafts save themselves: <form data-autosave="URL">, with an element [data-saved] that says when.
const PAUSE = 1500;

export function startAutosave(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) {
    if (form.dataset.started) continue;
    form.dataset.started = "yes";
    let timer;
    let running;
    form.addEventListener("input", () => {
      form.dataset.unsaved = "yes";
      clearTimeout(timer);
      timer = setTimeout(() => (running = save(form).finally(() => (running = undefined))), PAUSE);
    });
    // A submission waits for a save on its way, whose new version it must carry.
    form.addEventListener("submit", (event) => {
      clearTimeout(timer);
      if (!running) return;
      event.preventDefault();
      running.finally(() => form.requestSubmit(event.submitter));
    });
  }
}

async function save(form) {
  const says = form.querySelector("[data-saved]") ?? document.querySelector("[data-saved]");
  const body = new FormData(form);
  for (const input of form.querySelectorAll('input[type="file"]')) body.delete(input.name);
  let answer;
  try {
    answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { Accept: "application/json" } });
  } catch {
    if (says) says.textContent = form.dataset.textOffline ?? "";
    return;
  }
  const found = await answer.json().catch(() => ({}));
  if (found.version) {
    const version = form.querySelector('[name="version"]');
    if (version) version.value = found.version;
  }
  if (says) says.textContent = found.saved ?? found.error ?? form.dataset.textOffline ?? "";
  if (answer.ok) delete form.dataset.unsaved;
}

// Leaving with unsaved work asks; sending the form does not.
export function guardUnsaved() {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    form.addEventListener("input", () => (form.dataset.unsaved = "yes"));
  }
  document.addEventListener("submit", (event) => delete event.target.dataset.unsaved);
  addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-unsaved]")) event.preventDefault();
  });
}
