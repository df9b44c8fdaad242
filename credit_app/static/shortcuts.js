// Keys: / search, ? help, n next debtor, 1 to 9 what came of a call, and in lists j k Enter c x. Never while somebody types.
let place = -1;

export function startShortcuts() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const wanted = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
    if (wanted) {
      event.preventDefault();
      if (wanted.matches("input:not([type=radio])")) wanted.select();
      wanted.matches("a, button, [type=radio]") ? wanted.click() : wanted.focus();
      return;
    }
    inList(event);
  });
}

function typing(element) {
  return element.matches?.("input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable]");
}

function inList(event) {
  const rows = [...document.querySelectorAll("[data-rows] > *")].filter((row) => row.offsetParent);
  if (!rows.length) return;
  if (event.key === "j" || event.key === "k") {
    place = Math.min(rows.length - 1, Math.max(0, place + (event.key === "j" ? 1 : -1)));
    rows.forEach((row, index) => row.toggleAttribute("data-here", index === place));
    rows.forEach((row, index) => row.setAttribute("aria-selected", String(index === place)));
    rows[place].scrollIntoView({ block: "nearest" });
    rows[place].querySelector("a[href]")?.focus();
    rows[place].dispatchEvent(new CustomEvent("preview", { bubbles: true }));
  } else if (event.key === "c" && rows[place]) {
    rows[place].querySelector("[data-claim]")?.click();
  } else if (event.key === "x" && rows[place]) {
    const box = rows[place].querySelector("input[type=checkbox]");
    if (box) box.checked = !box.checked;
  }
}
