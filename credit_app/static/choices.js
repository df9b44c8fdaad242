// Decision cards: only the fields a choice needs, and a button that says the act.
export function startChoices(root) {
  for (const group of root.querySelectorAll("[data-choices]")) {
    const form = group.closest("form");
    if (!form || group.dataset.started) continue;
    group.dataset.started = "yes";
    const button = form.querySelector("[data-act-button]");
    const before = button?.textContent;
    const show = () => {
      const chosen = group.querySelector("input:checked");
      for (const part of form.querySelectorAll("[data-choice-for]")) {
        const open = Boolean(chosen) && part.dataset.choiceFor.split(" ").includes(chosen.value);
        part.hidden = !open;
        // What is not shown is not sent: a reason typed for a refusal does not travel with an approval.
        for (const control of part.querySelectorAll("input, select, textarea")) control.disabled = !open;
      }
      if (button) button.textContent = chosen ? act(chosen, form) : before;
    };
    group.addEventListener("change", show);
    form.addEventListener("input", show);
    show();
  }
}

// "Approve {amount}" takes the amount that stands in the form now.
function act(chosen, form) {
  return chosen.dataset.act.replace(/\{(\w+)\}/g, (_whole, name) => {
    const control = form.querySelector(`[name="${name}"]:not(:disabled)`);
    return control?.value || form.getAttribute(`data-${name}`) || "";
  });
}
