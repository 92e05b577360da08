// Steps through the history of an instance. The server tells what each event changed; the page takes the events in order up to the one
// that is shown, so every position is exactly what the journal says.
"use strict";
const id = decodeURIComponent(location.pathname.split("/").at(-2));
const by = name => document.getElementById(name);
const steps = [];
let shown = 0;
let drawn = null; // the picture: nodes by node id
let flow = null;
let busy = false;

const ask = async (path, options) => {
  const response = await fetch(path, options);
  const text = await response.text();
  let answer = {};
  try { answer = text ? JSON.parse(text) : {}; } catch { /* a page instead of an answer says nothing */ }
  if (!response.ok) throw new Error(answer.detail || answer.message || `The server answered ${response.status}.`);
  return answer;
};
const make = (name, text, attributes) => {
  const element = document.createElement(name);
  if (text !== undefined && text !== null) element.textContent = text;
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  return element;
};
const draw = (name, attributes, text) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
};
const pretty = value => {
  if (typeof value === "string") {
    try { const inner = JSON.parse(value); if (inner && typeof inner === "object") return JSON.stringify(inner, null, 2); } catch { /* a text */ }
    return value;
  }
  return value === undefined ? "–" : JSON.stringify(value, null, 2);
};
const clock = at => at.slice(11, 23);
const trouble = problem => { by("trouble").textContent = problem.message; by("trouble").hidden = false; };

// ---- what stood where ----

const fold = count => {
  const state = { variables: new Map(), executions: new Map(), nodes: new Map(), held: new Set() };
  for (const step of steps.slice(0, count)) {
    state.before = new Map();
    for (const [name, value] of Object.entries(step.changed || {})) {
      state.before.set(name, state.variables.get(name));
      state.variables.set(name, value);
    }
    if (step.started) {
      state.executions.set(step.started.execution, { name: step.activity, nodeId: step.node_id, type: step.started.type, inputs: step.started.inputs, since: step.at, parent: step.started.parent });
      state.nodes.set(step.node_id, "running");
    }
    if (step.kind === "activity.held") state.held.add(step.data.execution);
    if (step.kind === "hold.released") state.held.delete([...state.held][0]) && !step.data.step && state.held.clear();
    if (step.ended) {
      state.executions.delete(step.ended.execution);
      state.held.delete(step.ended.execution);
      state.nodes.set(step.node_id, step.ended.status);
    }
  }
  for (const execution of state.held) if (state.executions.has(execution)) state.nodes.set(state.executions.get(execution).nodeId, "held");
  return state;
};

// ---- the picture ----

const layout = root => {
  const activities = root.activities || [];
  const hasPlaces = activities.length > 0 && activities.every(activity => activity.metadata?.designer?.position);
  return activities.map((activity, index) => {
    const place = activity.metadata?.designer;
    return {
      id: activity.id, nodeId: activity.nodeId, name: activity.metadata?.displayText || activity.name || activity.id, type: activity.type.split(".").at(-1),
      x: hasPlaces ? place.position.x : (index % 3) * 230, y: hasPlaces ? place.position.y : Math.floor(index / 3) * 110,
      width: Math.max(150, hasPlaces && place.size?.width || 0), height: Math.max(52, hasPlaces && place.size?.height || 0),
    };
  });
};

const picture = root => {
  const boxes = layout(root);
  const byId = new Map(boxes.map(box => [box.id, box]));
  const [left, top] = [Math.min(...boxes.map(box => box.x)) - 16, Math.min(...boxes.map(box => box.y)) - 16];
  const [right, bottom] = [Math.max(...boxes.map(box => box.x + box.width)) + 16, Math.max(...boxes.map(box => box.y + box.height)) + 16];
  const svg = draw("svg", { class: "flow", viewBox: `${left} ${top} ${right - left} ${bottom - top}`, role: "img", "aria-label": "The flow, with what runs at this moment marked" });
  const marker = draw("marker", { id: "tip", viewBox: "0 0 8 8", refX: "8", refY: "4", markerWidth: "7", markerHeight: "7", orient: "auto" });
  marker.append(draw("path", { d: "M0 0L8 4L0 8z" }));
  svg.append(draw("defs", {}), marker);
  for (const connection of root.connections || []) {
    const [from, to] = [byId.get(connection.source?.activity), byId.get(connection.target?.activity)];
    if (!from || !to) continue;
    const [x1, y1, x2, y2] = [from.x + from.width, from.y + from.height / 2, to.x, to.y + to.height / 2];
    const bend = Math.max(30, Math.abs(x2 - x1) / 2);
    const line = draw("path", { d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, "marker-end": "url(#tip)" });
    line.append(draw("title", {}, connection.source.port || "Done"));
    svg.append(line);
  }
  const nodes = new Map();
  for (const box of boxes) {
    const group = draw("g", { "data-node": box.nodeId });
    const short = (text, most) => text.length > most ? text.slice(0, most - 1) + "…" : text;
    const most = Math.floor(box.width / 7.2);
    group.append(
      draw("title", {}, `${box.name} (${box.type})`),
      draw("rect", { x: box.x, y: box.y, width: box.width, height: box.height, rx: 8 }),
      draw("text", { x: box.x + 12, y: box.y + box.height / 2 - 3 }, short(box.name, most)),
      draw("text", { x: box.x + 12, y: box.y + box.height / 2 + 13, class: "type" }, short(box.type, most)));
    svg.append(group);
    nodes.set(box.nodeId, group);
  }
  by("drawing").replaceChildren(boxes.length > 0 ? svg : make("p", "There is nothing to draw.", { class: "empty" }));
  return nodes;
};

// An activity inside another that is drawn as one box lights up that box.
const boxOf = nodeId => {
  for (let at = nodeId; at; at = at.includes(":") ? at.slice(0, at.lastIndexOf(":")) : "") {
    if (drawn?.has(at)) return drawn.get(at);
  }
  return null;
};

const loadFlow = async () => {
  const instance = await ask("/elsa/api/workflow-instances/" + encodeURIComponent(id));
  flow = await ask("/elsa/api/workflow-definitions/by-id/" + encodeURIComponent(instance.definitionVersionId));
  drawn = picture(flow.root);
};

// ---- showing one position ----

const show = position => {
  if (steps.length === 0) return;
  shown = Math.min(Math.max(1, position), steps.length);
  const step = steps[shown - 1];
  const state = fold(shown);
  by("slider").max = steps.length;
  by("slider").value = shown;
  by("slider").setAttribute("aria-valuetext", `Event ${shown} of ${steps.length}: ${step.text}`);
  by("position").textContent = `${shown} of ${steps.length}`;
  by("at").textContent = clock(step.at);
  by("text").textContent = step.text;
  by("first").disabled = by("previous").disabled = shown === 1;
  by("last").disabled = by("next").disabled = shown === steps.length;
  showFlow(step, state);
  showVariables(step, state);
  showEvent(step);
  showCallback(step);
  for (const button of by("events").querySelectorAll("[aria-current]")) button.removeAttribute("aria-current");
  const line = by("events").children[shown - 1]?.firstElementChild;
  line?.setAttribute("aria-current", "step");
  if (line) by("events").scrollTop = line.parentElement.offsetTop - by("events").offsetTop - by("events").clientHeight / 2;
  history.replaceState(null, "", "#" + step.sequence);
};

const showFlow = (step, state) => {
  const rank = { completed: 1, cancelled: 1, failed: 2, running: 3, held: 4 };
  const classes = new Map();
  for (const [nodeId, status] of state.nodes) {
    const box = boxOf(nodeId);
    const exact = box?.dataset.node === nodeId;
    if (box && (exact || status === "running" || status === "held") && (rank[status] ?? 0) >= (rank[classes.get(box)] ?? 0)) classes.set(box, status);
  }
  for (const box of drawn?.values() || []) box.setAttribute("class", classes.get(box) || "");
  if (step.node_id) boxOf(step.node_id)?.classList.add("at");
  const running = [...state.executions].filter(([, execution]) => execution.parent);
  by("running").replaceChildren(...running.map(([number, execution]) => {
    const item = make("li");
    const pill = make("span", state.held.has(number) ? "held" : "running", { class: state.held.has(number) ? "pill warn" : "pill busy" });
    item.append(pill, " ", make("b", execution.name), ` ${execution.type.split(".").at(-1)} since ${clock(execution.since)}`);
    return item;
  }));
  if (running.length === 0) by("running").append(make("li", "Nothing.", { class: "empty" }));
};

const showVariables = (step, state) => {
  const rows = [...state.variables].sort(([a], [b]) => a.localeCompare(b)).map(([name, value]) => {
    const changed = state.before.has(name) && pretty(state.before.get(name)) !== pretty(value);
    const row = make("tr", null, changed ? { class: "changed" } : {});
    const cell = make("td");
    cell.append(make("pre", pretty(value)));
    const before = make("td");
    if (changed) before.append(make("pre", pretty(state.before.get(name))));
    row.append(make("td", name), cell, before);
    return row;
  });
  by("variables").tBodies[0].replaceChildren(...rows);
  by("variables").hidden = rows.length === 0;
  by("no-variables").hidden = rows.length > 0;
};

const showEvent = step => {
  const facts = [["Kind", step.kind], ["Came from", step.outside ? "outside" : "the flow"], ["Journal entry", step.sequence]];
  if (step.activity) facts.push(["Activity", `${step.activity} (${step.node_id})`]);
  if (step.started?.inputs) facts.push(...Object.entries(step.started.inputs).map(([name, value]) => [name, pretty(value)]));
  by("event").replaceChildren(...facts.map(([name, value]) => {
    const fact = make("div");
    fact.append(make("dt", name), make("dd", value));
    return fact;
  }));
  by("data").textContent = JSON.stringify(step.data, null, 2);
};

const showCallback = step => {
  const sent = step.sent || (step.answer && steps.slice(0, shown).map(other => other.sent).findLast(other => other?.id === step.answer.id));
  by("callback").hidden = !step.sent && !step.answer;
  if (by("callback").hidden) return;
  const parts = [];
  const body = (title, text) => parts.push(make("h3", title), make("pre", text, { tabindex: "0" }));
  if (sent) {
    parts.push(make("p", `${sent.kind} → ${sent.url || ""}`, { class: "id" }));
    body("Sent", sent.sensitive ? "Not shown: a caller entered this in confidence." : pretty(sent.body ?? ""));
  }
  if (step.answer) body("Answered", pretty(step.answer.body));
  for (const attempt of sent?.attempts || []) {
    body(`Attempt at ${clock(attempt.at)}: ${attempt.status ?? attempt.error ?? "no answer"}`, sent.sensitive ? "Not shown: a caller entered this in confidence." : pretty(attempt.response_body ?? attempt.error ?? ""));
  }
  if (sent && sent.kind !== "http_call") {
    const link = make("p");
    link.append(make("a", "This delivery in the console", { href: "/console/deliveries/" + encodeURIComponent(sent.id) }));
    parts.push(link);
  }
  by("callback-body").replaceChildren(...parts);
};

const list = added => by("events").append(...added.map(step => {
  const item = make("li");
  const button = make("button", null, { type: "button" });
  button.append(make("span", step.sequence, { class: "number" }), make("time", clock(step.at)), make("span", step.text, step.outside ? {} : { class: "inner" }));
  button.addEventListener("click", () => show(step.sequence));
  item.append(button);
  return item;
}));

// ---- what the instance is, and what can be done ----

const read = async () => {
  const instance = await ask("/v0/instances/" + encodeURIComponent(id));
  by("who").textContent = `${instance.name || id}, version ${instance.version} of ${flow?.name || instance.workflow_id}`;
  by("status").textContent = instance.held ? "held" : instance.status;
  by("status").className = "pill " + ({ finished: "good", faulted: "bad", cancelled: "warn" }[instance.status] || (instance.held ? "warn" : "busy"));
  by("to-viewer").href = instance.viewer_url;
  by("to-flow").href = "/studio/workflows/definitions/" + encodeURIComponent(instance.workflow_id) + "/edit";
  by("to-connection").hidden = !instance.connection_id;
  if (instance.connection_id) by("to-connection").href = "/console/connections/" + encodeURIComponent(instance.connection_id);
  by("to-file").hidden = ["running", "waiting"].includes(instance.status);
  by("to-file").href = `/v0/instances/${encodeURIComponent(id)}/export`;
  const held = instance.held?.map(place => place.activity).join(", ");
  const incident = instance.status === "faulted" ? instance.incidents?.at(-1) : null;
  by("act").hidden = !held && !incident;
  by("continue").hidden = by("step").hidden = by("cancel").hidden = !held;
  by("retry").hidden = !instance.retry?.possible;
  by("act-text").textContent = held
    ? `This test run is held before ${held}, until ${clock(instance.held[0].until)} at the latest.`
    : `${incident} ${instance.retry?.possible ? "" : instance.retry?.reason || ""}`;
  by("retry").textContent = `Retry from ${instance.retry?.activity}`;
  return instance;
};

const versions = async instance => {
  const answer = await ask("/elsa/api/workflow-definitions?versionOptions=AllVersions&PageSize=100&OrderBy=Version&DefinitionIds=" + encodeURIComponent(instance.workflow_id));
  const items = answer.items.sort((a, b) => b.version - a.version);
  by("version").replaceChildren(...items.map(item => make("option",
    `${item.version}${item.version === instance.version ? " (followed)" : ""}${item.isPublished ? " (published)" : item.isLatest ? " (newest)" : ""}`, { value: item.version })));
  const other = items.find(item => item.version !== instance.version);
  if (other) by("version").value = other.version;
};

const compare = async event => {
  event.preventDefault();
  const version = by("version").value;
  by("verdict").textContent = "Comparing …";
  by("differences").hidden = true;
  try {
    const result = await ask(`/v0/instances/${encodeURIComponent(id)}/replay?version=${encodeURIComponent(version)}`);
    const count = result.differences?.length || 0;
    by("verdict").textContent = result.same
      ? `Version ${version} decides everything in the same way.`
      : `${count} decision${count === 1 ? " differs" : "s differ"}. Recorded: ${result.recorded_end}. By version ${version}: ${result.decided_end}.`;
    by("other").textContent = "By version " + version;
    by("differences").tBodies[0].replaceChildren(...(result.differences || []).map(difference => {
      const row = make("tr");
      const cell = make("td");
      const go = make("button", difference.sequence, { type: "button", class: "quiet", "aria-label": "Show event " + difference.sequence });
      go.addEventListener("click", () => { show(difference.sequence); by("player").scrollIntoView({ block: "center" }); });
      cell.append(go);
      row.append(cell, make("td", difference.node_id?.split(":").slice(1).join(":") || "–"));
      for (const side of [difference.recorded, difference.decided]) row.append(make("td", side ?? "nothing", side ? {} : { class: "none" }));
      return row;
    }));
    by("differences").hidden = count === 0;
  } catch (problem) {
    by("verdict").textContent = problem.message;
  }
};

const change = async (action, question) => {
  if (question && !confirm(question)) return;
  try {
    by("trouble").hidden = true;
    await ask(`/v0/instances/${encodeURIComponent(id)}/${action}`, { method: "POST" });
    await follow();
  } catch (problem) {
    trouble(problem);
  }
};

/** Takes in what has happened since; a page that stands at the end stays at the end. */
const follow = async () => {
  if (busy) return;
  busy = true;
  try {
    const atEnd = shown === steps.length;
    for (let more = true; more;) {
      const page = await ask(`/v0/instances/${encodeURIComponent(id)}/steps?after=${steps.length}`);
      steps.push(...page.steps);
      list(page.steps);
      more = page.next !== undefined;
      if (page.steps.some(step => step.started && !boxOf(step.node_id))) await loadFlow();
      if (page.steps.length > 0) await read();
      running = page.status === "running" || page.status === "waiting";
    }
    if (steps.length > 0) show(atEnd && shown > 0 ? steps.length : shown);
  } finally {
    busy = false;
  }
};
let running = true;

for (const [button, target] of [["first", () => 1], ["previous", () => shown - 1], ["next", () => shown + 1], ["last", () => steps.length]]) {
  by(button).addEventListener("click", () => show(target()));
}
by("slider").addEventListener("input", () => show(Number(by("slider").value)));
by("compare").addEventListener("submit", compare);
by("continue").addEventListener("click", () => change("continue"));
by("step").addEventListener("click", () => change("step"));
by("retry").addEventListener("click", () => change("retry"));
by("cancel").addEventListener("click", () => change("cancel", "Cancel this run?"));
document.addEventListener("keydown", event => {
  const keys = { ArrowLeft: () => shown - 1, ArrowRight: () => shown + 1, Home: () => 1, End: () => steps.length };
  if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, select, textarea, pre")) return;
  event.preventDefault();
  show(keys[event.key]());
});

(async () => {
  try {
    const asked = Number(location.hash.slice(1));
    await loadFlow();
    const instance = await read();
    await versions(instance);
    await follow();
    show(asked > 0 ? asked : running ? steps.length : 1);
    setInterval(() => { if (running && !document.hidden) follow().catch(trouble); }, 1000);
  } catch (problem) {
    trouble(problem);
  }
})();
