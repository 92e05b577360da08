// Shows the Studio element that the address asks for, follows the address when an element changes it, and marks activity cards so that
// activities.css can paint them. The elements bring no router: they only rewrite the address.
(() => {
  "use strict";
  const base = "/studio/";
  const api = location.origin + "/elsa/api"; // without a slash at the end, or every call of the elements fails
  const settle = 1400; // an element ends its component one second after it was removed; two at once break the page
  const main = document.getElementById("sift-main");
  const loading = document.getElementById("sift-loading");
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
    // A callback given before the element is defined is lost when it is upgraded.
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
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !window.Blazor) return;
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

  follow();
})();
