"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("call-data").textContent);
  const audio = byId("audio");
  const lanes = byId("lanes"), canvas = byId("canvas"), scroller = byId("scroller");
  const play = byId("play"), list = byId("turns");
  const turns = list ? [...list.children] : [];
  const state = { now: 0, turn: -1, finding: -1, zoom: 1, pointer: false };
  document.body.classList.remove("no-script");

  const clock = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds + 0.0005));
    const two = (n) => String(n).padStart(2, "0");
    const minutes = Math.floor(whole / 60);
    return minutes < 60
      ? `${two(minutes)}:${two(whole % 60)}`
      : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
  };

  // The turn that is heard: of several at once, the one that began last.
  const turnAt = (time) => {
    for (let index = data.turns.length - 1; index >= 0; index -= 1) {
      const [start, end] = data.turns[index];
      if (start <= time && time < end) return index;
    }
    return -1;
  };

  function show(time) {
    state.now = time;
    const share = Math.min(1, time / data.duration);
    byId("playhead").style.left = `${share * 100}%`;
    const text = clock(time);
    if (byId("clock").textContent !== text) {
      byId("clock").textContent = text;
      lanes.setAttribute("aria-valuenow", time.toFixed(1));
      lanes.setAttribute("aria-valuetext", text);
    }
    followTimeline(share);
    const turn = turnAt(time);
    if (turn >= 0 && turn !== state.turn) markTurn(turn);
  }

  function markTurn(turn) {
    turns[state.turn]?.removeAttribute("aria-current");
    turns[turn]?.setAttribute("aria-current", "true");
    state.turn = turn;
    // Within its own box only: the page itself must not jump under the reader.
    if (byId("follow").checked && turns[turn]) {
      list.scrollTop = turns[turn].offsetTop - list.clientHeight / 3;
    }
  }

  function followTimeline(share) {
    const x = share * canvas.offsetWidth;
    if (x < scroller.scrollLeft || x > scroller.scrollLeft + scroller.clientWidth - 24) {
      scroller.scrollLeft = x - scroller.clientWidth / 3;
    }
  }

  function seek(time, start) {
    const to = Math.min(Math.max(0, time), Math.max(0, data.duration - 0.05));
    if (audio) {
      audio.currentTime = to;
      if (start) audio.play().catch(() => {});
    }
    show(to);
  }

  // What the player hides of the page's top while it sticks there.
  function playerHeight() {
    const player = document.querySelector(".player");
    return getComputedStyle(player).position === "sticky" ? player.offsetHeight : 0;
  }

  function select(anchor) {
    document.querySelectorAll(".selected").forEach((element) => element.classList.remove("selected"));
    state.finding = data.findings.findIndex((finding) => finding.anchor === anchor);
    document.querySelector(`.pin[data-anchor="${anchor}"]`)?.classList.add("selected");
    const card = byId(anchor);
    if (!card) return;
    card.classList.add("selected");
    const box = card.getBoundingClientRect();
    if (box.top < playerHeight() || box.bottom > innerHeight) card.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    if (!data.findings.length) return;
    const count = data.findings.length;
    const from = state.finding < 0 && by < 0 ? 0 : state.finding;
    const finding = data.findings[(from + by + count) % count];
    select(finding.anchor);
    seek(finding.start, true);
  }

  function toggle() {
    if (!audio) return;
    if (audio.paused) audio.play().catch(() => {});
    else audio.pause();
  }

  function zoom(factor) {
    state.zoom = Math.min(16, Math.max(1, state.zoom * factor));
    canvas.style.width = `${state.zoom * 100}%`;
    byId("narrower").disabled = state.zoom === 1;
    byId("wider").disabled = state.zoom === 16;
    scroller.scrollLeft = (state.now / data.duration) * canvas.offsetWidth - scroller.clientWidth / 2;
  }

  function frame() {
    show(audio.currentTime);
    if (!audio.paused) requestAnimationFrame(frame);
  }

  if (audio) {
    play.disabled = false;
    audio.addEventListener("play", () => { play.textContent = "暂停"; requestAnimationFrame(frame); });
    audio.addEventListener("pause", () => { play.textContent = "播放"; });
    audio.addEventListener("seeked", () => show(audio.currentTime));
    play.addEventListener("click", toggle);
  }
  byId("next").addEventListener("click", () => step(1));
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").disabled = byId("previous").disabled = !data.findings.length;
  byId("speed").addEventListener("change", (event) => { if (audio) audio.playbackRate = Number(event.target.value); });
  byId("wider").addEventListener("click", () => zoom(2));
  byId("narrower").addEventListener("click", () => zoom(0.5));
  lanes.addEventListener("click", (event) => {
    const box = lanes.getBoundingClientRect();
    seek(((event.clientX - box.left) / box.width) * data.duration, true);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-start]");
    if (button) {
      if (button.dataset.anchor) select(button.dataset.anchor);
      seek(Number(button.dataset.start), true);
      return;
    }
    const turn = event.target.closest("#turns li");
    // Marking words with the mouse or following a link is not a wish to listen.
    if (turn && !event.target.closest("a") && !String(getSelection())) seek(Number(turn.dataset.start), true);
  });

  // A button that was pressed with the mouse keeps the focus; the space bar then still means play.
  document.addEventListener("pointerdown", () => { state.pointer = true; });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab") state.pointer = false;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, input")) return;
    const onControl = event.target.closest("button, summary, a");
    const onSlider = event.target === lanes;
    const does = {
      " ": () => toggle(),
      n: () => step(1),
      p: () => step(-1),
      ArrowLeft: () => seek(state.now - 5, false),
      ArrowRight: () => seek(state.now + 5, false),
      ...(onSlider && { Home: () => seek(0, false), End: () => seek(data.duration, false) }),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does || (event.key === " " && onControl && !state.pointer)) return;
    event.preventDefault();
    does();
  });
  document.addEventListener("keyup", (event) => {
    // Firefox presses a focused button on keyup.
    if (event.key === " " && state.pointer && event.target.closest("button")) event.preventDefault();
  });

  const measure = () => document.documentElement.style.setProperty("--player", `${playerHeight()}px`);
  addEventListener("resize", measure);
  measure();

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((element) => { element.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((element) => { element.open = false; }));
})();
