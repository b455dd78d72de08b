"use strict";
/* Plays a call's page: templates/call_body.html. Nothing happens on pages without one. */
(() => {
  const byId = (id) => document.getElementById(id);
  const call = byId("call");
  if (!call) return;
  const data = JSON.parse(byId("call-data").textContent);
  const audio = byId("audio");
  const tracks = byId("tracks"), canvas = byId("canvas"), scroller = byId("scroller");
  const play = byId("play"), list = byId("turns"), now = byId("now");
  const turns = list ? [...list.children] : [];
  const byTurn = new Map(turns.filter((turn) => turn.dataset.turn).map((turn) => [Number(turn.dataset.turn), turn]));
  const LEAD_S = 0.15, TAIL_S = 0.25; // a word begins and ends a little outside its measured place
  const state = { now: 0, goal: null, end: null, turn: -1, finding: -1, zoom: 1, pointer: false, button: null };

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
      tracks.setAttribute("aria-valuenow", time.toFixed(1));
      tracks.setAttribute("aria-valuetext", text);
    }
    followTimeline(share);
    const turn = turnAt(time);
    if (turn >= 0 && turn !== state.turn) markTurn(turn);
  }

  function markTurn(turn) {
    byTurn.get(state.turn)?.removeAttribute("aria-current");
    state.turn = turn;
    const shown = byTurn.get(turn);
    if (!shown) return;
    shown.setAttribute("aria-current", "true");
    // Within its own box only: the page itself must not jump under the reader.
    if (byId("follow").checked) list.scrollTop = shown.offsetTop - list.clientHeight / 3;
  }

  function followTimeline(share) {
    const x = share * canvas.offsetWidth;
    if (x < scroller.scrollLeft || x > scroller.scrollLeft + scroller.clientWidth - 24) {
      scroller.scrollLeft = x - scroller.clientWidth / 3;
    }
  }

  // Which button's span is heard: it stays marked until the span ends.
  function mark(button) {
    state.button?.classList.remove("playing");
    state.button = button;
    button?.classList.add("playing");
  }

  function say(text) {
    if (!call.classList.contains("silent")) now.textContent = text;
  }

  // A button's place: to its end, or on and on where it names none.
  const hearPlace = ({ dataset }, button) => hear(Number(dataset.start), dataset.end ? Number(dataset.end) : null, button);

  // Moves to a time; plays on from there, or to `end` and no further.
  function hear(start, end = null, button = null) {
    const from = end === null ? start : start - LEAD_S;
    const to = Math.min(Math.max(0, from), Math.max(0, data.duration - 0.05));
    state.end = end === null ? null : Math.min(data.duration, Math.max(end, start + 0.4) + TAIL_S);
    mark(button);
    move(to);
    if (!audio || call.classList.contains("silent")) return;
    say(end === null ? `从 ${clock(start)} 起播放` : `播放 ${clock(start)} 到 ${clock(end)}，到此停下；按空格接着听`);
    audio.play().catch(() => {});
  }

  // One seek at a time: of several at once Chromium may wait for data for ever. The last wish is kept.
  function move(time) {
    if (audio?.readyState && !audio.seeking) audio.currentTime = time;
    else if (audio) state.goal = time;
    show(time);
  }

  function seekOn() {
    if (state.goal !== null) audio.currentTime = state.goal;
    state.goal = null;
    show(audio.currentTime);
  }

  function leap(by) {
    state.end = null;
    mark(null);
    move(Math.min(Math.max(0, state.now + by), Math.max(0, data.duration - 0.05)));
  }

  function select(id, scroll) {
    call.querySelectorAll(".selected").forEach((element) => element.classList.remove("selected"));
    state.finding = data.findings.findIndex((finding) => finding.id === id);
    const row = byId(id);
    call.querySelectorAll(".pin").forEach((pin) => pin.classList.toggle("selected", pin.dataset.finding === id));
    if (!row) return;
    row.classList.add("selected");
    const fold = row.closest("details");
    if (fold) fold.open = true;
    if (scroll) {
      const box = row.getBoundingClientRect();
      const hidden = document.querySelector(".transport").getBoundingClientRect();
      const top = hidden.top <= 80 ? hidden.bottom : 0, bottom = hidden.top > 80 && hidden.bottom >= innerHeight ? hidden.top : innerHeight;
      if (box.top < top || box.bottom > bottom) row.scrollIntoView({ block: box.height > bottom - top ? "start" : "nearest" });
    }
    document.dispatchEvent(new CustomEvent("finding-selected", { detail: { id, rule: row.dataset.rule } }));
  }

  function step(by) {
    const count = data.findings.length;
    if (!count) return;
    const from = state.finding < 0 && by < 0 ? 0 : state.finding;
    const finding = data.findings[(from + by + count) % count];
    select(finding.id, true);
    hear(finding.start, finding.end, byId(finding.id)?.querySelector(".go"));
  }

  function toggle() {
    if (!audio || play.disabled) return;
    if (!audio.paused) { audio.pause(); return; }
    // After a span has ended the same key goes on listening.
    state.end = null;
    mark(null);
    say("");
    audio.play().catch(() => {});
  }

  // A wider picture has room for more times; their steps are those of the page as it came.
  const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  function drawAxis() {
    const step = STEPS_S.find((seconds) => data.duration / seconds <= 12 * state.zoom) ?? 3600;
    const ticks = [];
    for (let time = 0; time <= data.duration && time / data.duration <= 1 - 0.04 / state.zoom; time += step) {
      const tick = document.createElement("span");
      tick.textContent = clock(time);
      tick.style.left = `${(100 * time) / data.duration}%`;
      ticks.push(tick);
    }
    call.querySelector(".axis").replaceChildren(...ticks);
  }

  function zoom(factor) {
    state.zoom = Math.min(16, Math.max(1, state.zoom * factor));
    canvas.style.width = `${state.zoom * 100}%`;
    drawAxis();
    byId("narrower").disabled = state.zoom === 1;
    byId("wider").disabled = state.zoom === 16;
    scroller.scrollLeft = (state.now / data.duration) * canvas.offsetWidth - scroller.clientWidth / 2;
  }

  function frame() {
    const time = state.goal ?? audio.currentTime;
    if (state.end !== null && time >= state.end) {
      audio.pause();
      mark(null);
      say("已放完这一处；按空格接着听，N 听下一处");
    }
    show(time);
    if (!audio.paused) requestAnimationFrame(frame);
  }

  function fallSilent() {
    say("录音打不开：文件可能已移走或删除。其余内容照常可看，时间可对照原录音");
    call.classList.add("silent");
    play.disabled = true;
    audio.hidden = true;
    if (!audio.currentSrc.startsWith("http")) return;
    // The site says why.
    fetch(audio.currentSrc, { headers: { Range: "bytes=0-0" } })
      .then((answer) => (answer.ok ? "" : answer.text()))
      .then((why) => { if (why) say(why.trim()); })
      .catch(() => {});
  }

  if (audio) {
    play.disabled = false;
    audio.addEventListener("play", () => { play.textContent = "暂停"; requestAnimationFrame(frame); });
    audio.addEventListener("pause", () => { play.textContent = "播放"; });
    audio.addEventListener("loadedmetadata", seekOn);
    audio.addEventListener("seeked", seekOn);
    // Hidden pages draw no frames, but still must stop at the end of a span.
    audio.addEventListener("timeupdate", () => { if (document.hidden && !audio.paused) frame(); });
    audio.addEventListener("error", fallSilent);
    if (audio.error) fallSilent();
    play.addEventListener("click", toggle);
  }
  byId("next").addEventListener("click", () => step(1));
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").disabled = byId("previous").disabled = !data.findings.length;
  byId("speed").addEventListener("change", (event) => { if (audio) audio.playbackRate = Number(event.target.value); });
  byId("wider").addEventListener("click", () => zoom(2));
  byId("narrower").addEventListener("click", () => zoom(0.5));
  tracks.addEventListener("click", (event) => {
    // A silence, an overlap, a stretch of pace is heard whole; the waveform from where it was clicked.
    const place = event.target.closest("i[data-start]");
    if (place) {
      hearPlace(place, null);
      return;
    }
    const box = tracks.getBoundingClientRect();
    hear(((event.clientX - box.left) / box.width) * data.duration);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-start]");
    if (button && call.contains(button)) {
      if (button.dataset.finding) select(button.dataset.finding, button.classList.contains("pin"));
      hearPlace(button, button.classList.contains("go") ? button : null);
      return;
    }
    const ours = event.target.closest("a, button, input, select, textarea, summary, label, form");
    // Marking words with the mouse or following a link is not a wish to listen.
    if (ours || String(getSelection())) return;
    const row = event.target.closest(".finding");
    const first = row?.querySelector(".go");
    if (row) select(row.id, false);
    if (first) hearPlace(first, first);
    const turn = event.target.closest(".turns li");
    if (turn) hearPlace(turn, turn.querySelector(".go"));
  });

  const arrive = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (id.startsWith("finding-") && byId(id)) {
      select(id, false);
      byId(id).scrollIntoView({ block: "start" });
    }
  };
  addEventListener("hashchange", arrive);
  arrive();

  // A button that was pressed with the mouse keeps the focus; the space bar then still means play.
  document.addEventListener("pointerdown", () => { state.pointer = true; });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Tab") state.pointer = false;
    const typing = event.target.closest?.("select, textarea, input:not([type=checkbox])");
    if (event.ctrlKey || event.metaKey || event.altKey || typing) return;
    const onControl = event.target.closest?.("button, summary, a, input");
    const does = {
      " ": () => toggle(),
      n: () => step(1),
      p: () => step(-1),
      ArrowLeft: () => leap(-5),
      ArrowRight: () => leap(5),
      ...(event.target === tracks && { Home: () => leap(-Infinity), End: () => leap(Infinity) }),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does || (event.key === " " && onControl && !state.pointer)) return;
    event.preventDefault();
    does();
  });
  document.addEventListener("keyup", (event) => {
    // Firefox presses a focused button on keyup.
    if (event.key === " " && state.pointer && event.target.closest("button")) event.preventDefault();
  });
})();
