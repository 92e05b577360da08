// Shows the Studio element that the address asks for, follows the address when an element changes it, and marks activity cards so that
// activities.css can paint them. The elements bring no router: they only rewrite the address.
(() => {
  "use strict";
  const base = "/studio/";
  const api = location.origin + "/elsa/api"; // without a slash at the end, or every call of the elements fails
  const settle = 1400; // an element ends its component one second after it was removed; two at once break the page
  const main = document.getElementById("sift-main");
  const loading = document.getElementById("sift-loading");
  const scripts = new Promise(done => document.addEventListener("DOMContentLoaded", done, { once: true }));
  let shown = null;
  let change = Promise.resolve();

  const pageOf = path => {
    const parts = path.startsWith(base) ? path.slice(base.length).split("/") : [];
    if (parts[0] !== "workflows") return null;
    const [, kind, id, action] = parts;
    if (kind === "definitions") {
      return id && action === "edit"
        ? { kind, name: "elsa-workflow-definition-editor", attributes: { "definition-id": decodeURIComponent(id) } }
        : { kind, name: "elsa-workflow-definition-list", callback: { editWorkflowDefinition: edit } };
    }
    if (kind === "instances") {
      return id && action === "view"
        ? { kind, name: "elsa-workflow-instance-viewer", attributes: { "instance-id": decodeURIComponent(id) }, callback: { editWorkflowDefinition: edit } }
        : { kind, name: "elsa-workflow-instance-list", callback: { viewWorkflowInstance: view } };
    }
    return null;
  };

  const keyOf = page => page && page.name + JSON.stringify(page.attributes || {});
  const edit = id => go("workflows/definitions/" + encodeURIComponent(id) + "/edit");
  const view = id => go("workflows/instances/" + encodeURIComponent(id) + "/view");
  const go = path => window.Blazor ? window.Blazor.navigateTo(base + path) : location.assign(base + path);

  const show = async () => {
    const page = pageOf(location.pathname);
    if (!page || keyOf(page) === shown) return;
    shown = keyOf(page);
    for (const link of document.querySelectorAll("#sift-header nav a")) {
      if (link.dataset.page === page.kind) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    loading.hidden = false;
    if (main.firstElementChild) {
      main.replaceChildren();
      await new Promise(done => setTimeout(done, settle));
      if (keyOf(pageOf(location.pathname)) !== shown) return;
    }
    // The elements call the scripts of the page, and a callback given before the element is defined is lost when it is upgraded.
    await scripts;
    await customElements.whenDefined(page.name);
    const element = document.createElement(page.name);
    element.setAttribute("remote-endpoint", api);
    for (const [name, value] of Object.entries(page.attributes || {})) element.setAttribute(name, value);
    Object.assign(element, page.callback || {});
    main.append(element);
    await new Promise(done => {
      const drawn = () => element.childElementCount > 0 && (observer.disconnect(), done());
      const observer = new MutationObserver(drawn);
      observer.observe(element, { childList: true, subtree: true });
      drawn();
    });
    loading.hidden = true;
  };

  const follow = () => { change = change.then(show, show); };
  for (const name of ["pushState", "replaceState"]) {
    const original = history[name];
    history[name] = function (...given) {
      const result = original.apply(this, given);
      follow();
      return result;
    };
  }
  addEventListener("popstate", follow);

  document.getElementById("sift-header").addEventListener("click", event => {
    const link = event.target.closest("a");
    if (!link || "leave" in link.dataset || event.ctrlKey || event.metaKey || event.shiftKey || !window.Blazor) return;
    event.preventDefault();
    window.Blazor.navigateTo(link.getAttribute("href"));
  });

  // Blazor owns these nodes: they get an attribute and nothing else.
  const mark = () => {
    for (const card of document.querySelectorAll(".elsa-activity")) {
      const name = card.querySelector(".activity-type")?.textContent.trim();
      if (name && card.dataset.activity !== name) card.dataset.activity = name;
    }
    for (const card of document.querySelectorAll("[draggable=true]")) {
      const name = card.textContent.trim();
      if (name && card.dataset.activity !== name) card.dataset.activity = name;
    }
  };
  // At once, not in the next frame: the designer measures a card as soon as it is there.
  new MutationObserver(mark).observe(document.documentElement, { childList: true, subtree: true, characterData: true });

  // ---- what the elements have no words for: the server says it beside its answer ----

  const message = document.getElementById("sift-message");
  message.querySelector("button").addEventListener("click", () => { message.hidden = true; });
  const plainFetch = window.fetch;
  window.fetch = async (...given) => {
    const response = await plainFetch(...given);
    const text = response.headers.get("x-sift-message");
    if (text) {
      message.firstElementChild.textContent = decodeURIComponent(text);
      message.hidden = false;
    }
    return response;
  };

  // ---- what the elements cannot do: time travel, retrying, going on from a breakpoint ----

  const state = document.getElementById("sift-state");
  const past = document.getElementById("sift-history");
  const row = document.getElementById("sift-row");
  const historyOf = id => base + "workflows/instances/" + encodeURIComponent(id) + "/history";
  const viewed = () => {
    const page = pageOf(location.pathname);
    return page && page.name === "elsa-workflow-instance-viewer" ? page.attributes["instance-id"] : null;
  };
  let ended = null; // the instance that needs no more looking at

  const tell = instance => {
    const held = instance && instance.held ? instance.held.map(place => place.activity).join(", ") : null;
    const retry = instance && instance.retry;
    const text = document.getElementById("sift-state-text");
    text.textContent = held ? "Held before " + held : retry ? "Failed at " + retry.activity + (retry.possible ? "" : ". " + retry.reason) : "";
    text.title = text.textContent;
    state.hidden = !held && !retry;
    for (const button of state.querySelectorAll("button")) button.hidden = button.dataset.act === "retry" ? !(retry && retry.possible) : !held;
  };

  const look = async () => {
    const id = viewed();
    past.hidden = !id;
    if (!id) {
      ended = null;
      tell(null);
      return;
    }
    past.href = historyOf(id);
    if (ended === id || document.hidden) return;
    const response = await fetch("/v0/instances/" + encodeURIComponent(id));
    if (!response.ok || viewed() !== id) return;
    const instance = await response.json();
    tell(instance);
    ended = ["finished", "cancelled", "faulted"].includes(instance.status) ? id : null;
  };
  const looking = () => { look().catch(() => { /* the next look tries again */ }); };
  setInterval(looking, 1000);

  state.addEventListener("click", async event => {
    const id = viewed();
    if (!event.target.dataset.act || !id) return;
    event.target.disabled = true;
    try {
      const response = await fetch("/v0/instances/" + encodeURIComponent(id) + "/" + event.target.dataset.act, { method: "POST" });
      if (!response.ok) document.getElementById("sift-state-text").textContent = (await response.json()).detail;
      else if (event.target.dataset.act === "retry") location.reload(); // the viewer has taken its ended instance for final
    } finally {
      event.target.disabled = false;
      ended = null;
      looking();
    }
  });

  // The rows of the call list belong to Blazor; the link floats over the one that is pointed at or has the focus.
  const point = event => {
    const page = pageOf(location.pathname);
    const line = page && page.name === "elsa-workflow-instance-list" && event.target.closest("#sift-main tbody tr");
    if (event.target === row) return;
    const id = line && [...line.cells].map(cell => cell.textContent.trim()).find(text => /^[0-9a-f]{16}$/.test(text));
    row.hidden = !id;
    if (!id) return;
    const box = line.getBoundingClientRect();
    row.href = historyOf(id);
    row.style.top = box.top + (box.height - 28) / 2 + "px";
    row.style.right = innerWidth - Math.min(box.right, innerWidth) + 64 + "px";
  };
  document.addEventListener("mouseover", point);
  document.addEventListener("focusin", point);
  document.addEventListener("scroll", () => { row.hidden = true; }, true);

  follow();
  looking();
})();
