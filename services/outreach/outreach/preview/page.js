// Follows the playbook: when a file is saved, what is shown is fetched anew and put in place, without losing the place on the page.
"use strict";

document.documentElement.classList.add("scripted");
let version = document.documentElement.dataset.version;

// A frame is as high as its letter. Letters have no scripts, so that only we can measure them.
function fit(frame) {
  const measure = () => {
    const letter = frame.contentDocument;
    if (!letter || !letter.body) return;
    frame.style.height = "0";
    frame.style.height = `${letter.documentElement.scrollHeight + 2}px`;
  };
  frame.addEventListener("load", measure);
  if (frame.contentDocument && frame.contentDocument.readyState === "complete") measure();
}

function settle() {
  document.querySelectorAll("iframe").forEach(fit);
  document.querySelectorAll(".choices").forEach((form) => form.addEventListener("change", () => form.requestSubmit()));
}

function say(words, lost = false) {
  const status = document.querySelector("[data-status]");
  status.textContent = words;
  status.classList.toggle("lost", lost);
}

async function refresh() {
  const heights = new Map([...document.querySelectorAll("iframe")].map((frame) => [frame.dataset.pane, frame.style.height]));
  document.querySelector("main").classList.add("stale");
  const answer = await fetch(location.href);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  fresh.querySelectorAll("iframe").forEach((frame) => { frame.dataset.height = heights.get(frame.dataset.pane) || ""; });
  const places = [...document.querySelectorAll("[data-fresh]")];
  fresh.querySelectorAll("[data-fresh]").forEach((place, number) => places[number].replaceWith(document.adoptNode(place)));
  document.querySelectorAll("iframe[data-height]").forEach((frame) => { frame.style.height = frame.dataset.height; });
  document.title = fresh.title;
  version = fresh.documentElement.dataset.version;
  settle();
  say(`Updated at ${new Date().toLocaleTimeString()}.`);
}

const changes = new EventSource("changes");
changes.addEventListener("message", (message) => { if (message.data !== version) refresh(); });
changes.addEventListener("open", () => say("Follows what you save."));
changes.addEventListener("error", () => say("The preview has ended, or is out of reach.", true));
settle();
addEventListener("resize", () => document.querySelectorAll("iframe").forEach(fit));
