/* Sounds of the kitchen, made here: new, changed, cancelled, risk. <body data-sounds> allows them; each display
 * remembers its own choice ([data-sound-switch]). A browser plays nothing before the first tap.
 */
(() => {
  "use strict";
  // Frequency in Hz, start and length in seconds: rising for new, two equal for changed, falling for cancelled,
  // a quick trill for risk. Different in rhythm as well as in pitch: a kitchen is loud.
  const TUNES = {
    new: { wave: "sine", notes: [[523, 0, 0.16], [659, 0.16, 0.16], [784, 0.32, 0.34]] },
    changed: { wave: "triangle", notes: [[740, 0, 0.14], [740, 0.24, 0.22]] },
    cancelled: { wave: "sawtooth", notes: [[392, 0, 0.22], [294, 0.24, 0.4]] },
    risk: { wave: "square", notes: [[988, 0, 0.09], [784, 0.12, 0.09], [988, 0.24, 0.09], [784, 0.36, 0.09]] },
  };
  const KEY = "fairslice-sounds";
  const RANK = ["risk", "cancelled", "changed", "new"];
  let speaker = null;
  let on = read();

  function read() {
    try { return localStorage.getItem(KEY) !== "off"; } catch { return true; }
  }

  function unlock(event) {
    const waiting = event?.target?.closest?.("[data-sound-switch].needs-tap");
    if (waiting) waiting.dataset.justUnlocked = "1"; // this tap asks for sound, it does not switch it off
    if (!speaker) {
      speaker = new (window.AudioContext || window.webkitAudioContext)();
      speaker.onstatechange = show;
    }
    if (speaker.state === "suspended") speaker.resume().then(show);
    show();
  }

  function play(name) {
    const tune = TUNES[name];
    if (!tune) return;
    document.dispatchEvent(new CustomEvent("fairslice:sound", { detail: { name, heard: Boolean(on && speaker) } }));
    if (!on || !speaker || speaker.state !== "running" || !document.body.hasAttribute("data-sounds")) return;
    const start = speaker.currentTime + 0.02;
    for (const [pitch, at, length] of tune.notes) {
      const tone = speaker.createOscillator();
      const volume = speaker.createGain();
      tone.type = tune.wave;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, start + at);
      volume.gain.linearRampToValueAtTime(tune.wave === "sine" ? 0.5 : 0.22, start + at + 0.015);
      volume.gain.exponentialRampToValueAtTime(0.001, start + at + length);
      tone.connect(volume).connect(speaker.destination);
      tone.start(start + at);
      tone.stop(start + at + length + 0.03);
    }
  }

  function show() {
    for (const button of document.querySelectorAll("[data-sound-switch]")) {
      const needsTap = on && speaker?.state !== "running";
      button.setAttribute("aria-pressed", String(on));
      button.classList.toggle("needs-tap", needsTap);
      button.querySelector("[data-sound-word]").textContent =
        needsTap ? button.dataset.tap : on ? button.dataset.on : button.dataset.off;
    }
  }

  document.addEventListener("pointerdown", unlock, { once: true, capture: true });
  document.addEventListener("keydown", unlock, { once: true, capture: true });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-sound-switch]");
    if (!button) return;
    if (!button.classList.contains("needs-tap") && !button.dataset.justUnlocked) on = !on;
    delete button.dataset.justUnlocked;
    try { localStorage.setItem(KEY, on ? "on" : "off"); } catch { /* a private window forgets it */ }
    unlock();
    if (on) play("new");
  });
  document.addEventListener("fairslice:events", (event) => {
    // One sound for a batch: the most urgent.
    const wanted = new Set(event.detail.events.map((one) => one.sound).filter(Boolean));
    const first = RANK.find((name) => wanted.has(name));
    if (first) play(first);
  });
  // A card that has just become late or at risk rings by itself: that is time, not an event.
  // Only where something can be done about it ([data-mine]), not at every station the cake is still to come to.
  const seen = new Map();
  function look() {
    let worse = false;
    for (const card of document.querySelectorAll("[data-card][data-state]")) {
      const bad = "mine" in card.dataset && ["risk", "late"].includes(card.dataset.state);
      if (bad && seen.get(card.dataset.card) === false) worse = true;
      seen.set(card.dataset.card, bad || seen.get(card.dataset.card) === true);
    }
    return worse;
  }
  for (const what of ["fairslice:region", "fairslice:aged"]) {
    document.addEventListener(what, () => {
      if (look()) play("risk");
    });
  }
  document.addEventListener("fairslice:dialog", show);
  document.addEventListener("DOMContentLoaded", () => {
    look();
    show();
  });
})();
