"use strict";
// What all pages share: forms that filter as soon as a choice is made, and the menu of narrow screens.
(() => {
  for (const field of document.querySelectorAll("form.filters select[data-now]")) {
    field.addEventListener("change", () => field.form.requestSubmit());
  }
  const menu = document.querySelector(".menu");
  menu?.addEventListener("toggle", () => document.body.classList.toggle("menu-open", menu.open));
})();
