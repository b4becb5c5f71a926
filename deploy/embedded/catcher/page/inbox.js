"use strict";
const $ = (id) => document.getElementById(id);
const PAGE = 100, EVERY_MS = 1000;
let rows = [], view = "HTML", opened = 0, query = "", asked = 0;

const get = async (path) => { const answer = await fetch(path); if (!answer.ok) throw new Error(path + ": " + answer.status); return answer.json(); };
const clock = (ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

function line(mail) {
  const item = $("row").content.firstElementChild.cloneNode(true), link = item.firstElementChild, badge = item.querySelector(".badge");
  link.href = "#" + mail.number;
  if (mail.number === opened) link.setAttribute("aria-current", "true");
  item.querySelector(".who").textContent = mail.to;
  item.querySelector("time").textContent = clock(mail.arrived);
  item.querySelector(".subject").textContent = mail.subject || "(no subject)";
  if (mail.deliveries > 1) { badge.hidden = false; badge.textContent = "×" + mail.deliveries; badge.title = "This Message-ID was delivered more than once"; }
  return item;
}

function draw(total) {
  const at = $("list").contains(document.activeElement) ? document.activeElement.hash : "";
  $("list").replaceChildren(...rows.map(line));
  if (at) document.querySelector(`#list a[href="${at}"]`)?.focus({ preventScroll: true });
  $("total").textContent = total + (total === 1 ? " mail" : " mails");
  $("empty").hidden = rows.length > 0;
  $("empty").textContent = query ? "No mail with these words." : "No mail yet. It will appear here by itself.";
}

async function refresh() {
  const mine = ++asked, wanted = Math.max(PAGE, rows.length);
  const found = await get(`api/messages?limit=${wanted}&q=${encodeURIComponent(query)}`);
  if (mine !== asked) return;
  const same = rows.length === found.messages.length && rows.every((row, n) => row.number === found.messages[n].number && row.deliveries === found.messages[n].deliveries);
  rows = found.messages;
  $("more").hidden = rows.length < wanted;
  if (!same || !rows.length) draw(found.total); else $("total").textContent = found.total + " mails";
}

async function older() {
  const found = await get(`api/messages?limit=${PAGE}&before=${rows.at(-1).number}&q=${encodeURIComponent(query)}`);
  rows = rows.concat(found.messages);
  $("more").hidden = found.messages.length < PAGE;
  draw(found.total);
}

const pre = (text) => { const box = document.createElement("pre"); box.textContent = text; return box; };

function headers(mail) {
  const table = document.createElement("table");
  for (const [name, value] of mail.headers) {
    const row = table.insertRow(), head = document.createElement("th");
    head.textContent = name; head.scope = "row"; row.append(head); row.insertCell().textContent = value;
  }
  return table;
}

function frame(mail) {
  const box = document.createElement("iframe");
  box.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  box.title = "The mail as HTML"; box.src = `api/messages/${mail.number}/html`;
  return box;
}

const VIEWS = { HTML: frame, Text: (mail) => pre(mail.text), Headers: headers, Source: (mail) => pre(mail.raw) };

function show(mail, panel, tabs) {
  tabs.replaceChildren(...Object.keys(VIEWS).map((name) => {
    const tab = document.createElement("button");
    tab.type = "button"; tab.textContent = name; tab.setAttribute("role", "tab"); tab.setAttribute("aria-selected", name === view); tab.tabIndex = name === view ? 0 : -1;
    tab.onclick = () => { view = name; show(mail, panel, tabs); };
    return tab;
  }));
  panel.replaceChildren(VIEWS[view](mail));
}

async function open(number) {
  const mail = await get(`api/messages/${number}`);
  opened = number;
  const parts = $("opened").content.cloneNode(true);
  parts.querySelector("h2").textContent = mail.subject || "(no subject)";
  parts.querySelector(".from").textContent = mail.from;
  parts.querySelector(".to").textContent = mail.to;
  parts.querySelector(".arrived").textContent = new Date(mail.arrived).toLocaleString() + (mail.deliveries > 1 ? ` (delivered ${mail.deliveries} times)` : "");
  const tabs = parts.querySelector(".tabs"), panel = parts.querySelector(".view");
  if (!mail.html && view === "HTML") view = "Text";
  show(mail, panel, tabs);
  tabs.onkeydown = (press) => {
    const names = Object.keys(VIEWS), step = { ArrowRight: 1, ArrowLeft: -1 }[press.key];
    if (step) { view = names[(names.indexOf(view) + step + names.length) % names.length]; show(mail, panel, tabs); tabs.querySelector("[aria-selected=true]").focus(); }
  };
  $("mail").replaceChildren(parts);
  for (const link of $("list").querySelectorAll("a")) link.hash === "#" + number ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
}

const fromHash = () => { const number = Number(location.hash.slice(1)); if (number) open(number).catch(() => { $("mail").innerHTML = '<p class="hint">This mail is not here any more.</p>'; }); };
$("query").oninput = () => { query = $("query").value.trim(); rows = []; refresh(); };
$("more").onclick = older;
addEventListener("hashchange", fromHash);
setInterval(() => { if ($("live").checked && !document.hidden) refresh().catch(() => { $("total").textContent = "the catcher is away"; }); }, EVERY_MS);
refresh(); fromHash();
