// Makes pages quicker to use; every page also works without it.
import { startChoices } from "./choices.js";
import { startAutosave, guardUnsaved } from "./autosave.js";
import { startShortcuts } from "./shortcuts.js";

const drawer = document.getElementById("side");

function openDrawer(open) {
  drawer.classList.toggle("is-open", open);
  const burger = document.querySelector('[data-drawer="open"]');
  burger.setAttribute("aria-expanded", String(open));
  (open ? drawer.querySelector("a[href]") : burger).focus();
}

if (drawer) {
  for (const control of document.querySelectorAll("[data-drawer]")) {
    control.setAttribute("role", "button");
    control.addEventListener("click", (event) => {
      event.preventDefault();
      openDrawer(control.dataset.drawer === "open");
    });
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (drawer?.classList.contains("is-open")) openDrawer(false);
  for (const menu of document.querySelectorAll("details.cd-menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.cd-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const widen = event.target.closest("[data-widen]");
  if (widen) {
    const box = widen.closest(".cd-panel") ?? document;
    const wide = box.querySelector(".cd-table")?.classList.toggle("is-wide");
    widen.setAttribute("aria-pressed", String(Boolean(wide)));
  }
  if (event.target.closest("[data-print]")) print();
});

// A second click on the same button sends nothing twice; the server would answer with the first result anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// htmx 2 ignores error answers; ours are messages meant to be read.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400) event.detail.shouldSwap = true;
});
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token) event.detail.headers["X-CSRFToken"] = token.content;
});

// Thousands are grouped while nobody types in the field.
document.addEventListener("focusout", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-money]")) return;
  const plain = input.value.replace(/[\s’']/g, "");
  if (/^\d+(\.\d{1,2})?$/.test(plain)) {
    const [whole, cents] = plain.split(".");
    input.value = whole.replace(/\B(?=(\d{3})+$)/g, " ") + (cents === undefined ? "" : `.${cents}`);
  }
});

// Who types an amount beside an item means to pay by these amounts.
document.addEventListener("input", (event) => {
  if (!event.target.name?.startsWith("part-") || !event.target.value.trim()) return;
  const chosen = event.target.form?.querySelector('input[name="how"][value="chosen"]');
  if (chosen) chosen.checked = true;
});

function start(root) {
  startChoices(root);
  startAutosave(root);
}

start(document);
guardUnsaved();
startShortcuts();
document.getElementById("errors")?.focus();
document.addEventListener("htmx:afterSettle", (event) => start(event.target));

// A table that is wider than its box can be scrolled with the keyboard too.
function reachTables() {
  for (const box of document.querySelectorAll(".cd-table-wrap")) {
    if (box.scrollWidth <= box.clientWidth) {
      box.removeAttribute("tabindex");
      continue;
    }
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", box.closest(".cd-panel")?.querySelector("h2")?.textContent ?? document.title);
  }
}
addEventListener("resize", reachTables);
document.addEventListener("toggle", reachTables, true);
document.addEventListener("htmx:afterSettle", reachTables);
reachTables();

// The page that follows the button “Print”: the look is in the access log already.
if (document.querySelector("[data-print-now]")) window.print();
