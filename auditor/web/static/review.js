"use strict";
// C confirms the selected finding, O opens the form that overrules it.
(() => {
  const busy = (event) =>
    event.ctrlKey || event.metaKey || event.altKey || event.isComposing ||
    event.target.closest?.("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if ((key !== "c" && key !== "o") || busy(event)) return;
    const actions = document.querySelector("#call .selected[data-rule] .finding-actions");
    if (!actions) return;
    if (key === "c") {
      const button = actions.querySelector("button.confirm");
      if (!button) return;
      event.preventDefault();
      button.form.requestSubmit(button);
      return;
    }
    const form = actions.querySelector("details.overrule");
    if (!form) return;
    event.preventDefault();
    form.open = true;
    form.querySelector("select, textarea").focus();
  });
  // A form sent twice is one decision, but one press is enough.
  document.addEventListener("submit", (event) => {
    for (const button of event.target.querySelectorAll("button")) setTimeout(() => (button.disabled = true));
  });
})();
