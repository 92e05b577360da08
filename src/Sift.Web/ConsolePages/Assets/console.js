"use strict";
// Forms that the API takes: send, show what is wrong, look again. Pages that are open look again by themselves.

function note(form, text, isGood) {
  let box = form.querySelector("[role=alert],[role=status]");
  if (!box) {
    box = document.createElement("p");
    form.append(box);
  }
  box.setAttribute("role", isGood ? "status" : "alert");
  box.className = isGood ? "note good" : "note bad";
  box.textContent = text;
}

async function send(form) {
  if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
    return;
  }
  const method = form.dataset.api;
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const fields = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method, headers: { accept: "application/json" }, body: method === "DELETE" ? undefined : fields });
    const text = await response.text();
    const answer = text ? JSON.parse(text) : {};
    if (!response.ok) {
      note(form, answer.detail || response.statusText, false);
    } else if (form.dataset.show && answer[form.dataset.show]) {
      note(form, "Copy it now, it is not shown again: " + (answer.account_id ? "account id " + answer.account_id + ", token " : "") + answer[form.dataset.show], true);
    } else {
      window.location.reload();
    }
  } catch {
    note(form, "The server does not answer. Try again.", false);
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.dataset.api) {
    event.preventDefault();
    send(event.target);
  }
});

let looking = false;
async function look() {
  const parts = document.querySelectorAll("[data-live]");
  if (looking || document.hidden || parts.length === 0) {
    return;
  }
  looking = true;
  try {
    const response = await fetch(window.location.href, { headers: { accept: "text/html" } });
    if (!response.ok || response.redirected) {
      return;
    }
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const part of parts) {
      const other = fresh.getElementById(part.id);
      // What a person is reading or has in hand stays as it is.
      if (!other || part.contains(document.activeElement) || !window.getSelection().isCollapsed) {
        continue;
      }
      for (const open of part.querySelectorAll("details[open][id]")) {
        const same = other.querySelector("#" + CSS.escape(open.id));
        if (same) {
          same.open = true;
        }
      }
      if (part.innerHTML !== other.innerHTML) {
        const places = [...part.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
        part.replaceChildren(...other.childNodes);
        part.querySelectorAll(".scroll").forEach((box, i) => { box.scrollLeft = places[i] || 0; });
      }
    }
  } catch {
    // The next look tries again.
  } finally {
    looking = false;
  }
}

if (document.querySelector("[data-live]")) {
  new EventSource("/console/live").addEventListener("look", look);
}

// The player and the time axis move together: the line shows what is heard, a click into the axis listens from there.
const players = () => [...document.querySelectorAll("audio[data-at]")];
const startOf = (player) => (Date.parse(player.dataset.at) - Date.parse(player.dataset.axisStart)) / 1000;

function movePlayhead(player) {
  const line = document.querySelector(".playhead");
  if (!line) {
    return;
  }
  const left = Number(line.dataset.left);
  const share = (startOf(player) + player.currentTime) / Number(player.dataset.axisSeconds);
  const x = left + Math.min(1, Math.max(0, share)) * (Number(line.dataset.right) - left);
  line.setAttribute("x1", x);
  line.setAttribute("x2", x);
  line.classList.add("shown");
}

for (const happened of ["timeupdate", "seeking"]) {
  // These do not bubble, and players come and go with live updates.
  document.addEventListener(happened, (event) => event.target.matches("audio[data-at]") && movePlayhead(event.target), true);
}

document.addEventListener("click", (event) => {
  const axis = event.target.closest && event.target.closest("svg.axis");
  if (!axis || players().length === 0) {
    return;
  }
  const line = axis.querySelector(".playhead");
  const box = axis.getBoundingClientRect();
  const left = Number(line.dataset.left);
  const share = ((event.clientX - box.left) * 1000 / box.width - left) / (Number(line.dataset.right) - left);
  for (const player of players()) {
    const into = share * Number(player.dataset.axisSeconds) - startOf(player);
    if (into >= 0 && (Number.isNaN(player.duration) || into <= player.duration)) {
      const from = () => { player.currentTime = into; };
      if (player.readyState > 0) {
        from();
      } else {
        player.addEventListener("loadedmetadata", from, { once: true });
      }
      player.play().catch(() => movePlayhead(player));
      return;
    }
  }
});
