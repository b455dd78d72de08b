"use strict";
// What all pages share: the menu of narrow screens, and addresses that name a moment of a call (#t=12.3).
(() => {
  const menu = document.querySelector(".menu");
  menu?.addEventListener("toggle", () => document.body.classList.toggle("menu-open", menu.open));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu?.open) menu.open = false;
  });

  const audio = document.getElementById("audio");
  const moment = () => {
    const found = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    if (!audio || !found) return;
    const go = () => { audio.currentTime = Number(found[1]); };
    if (audio.readyState > 0) go();
    else audio.addEventListener("loadedmetadata", go, { once: true });
  };
  addEventListener("hashchange", moment);
  moment();
})();
