// The live diagram: tokens, the way taken, and one light for diagram and timeline.
const json = (text) => JSON.parse(text || "[]");

async function showBpmn(box) {
  const xml = await (await fetch(box.dataset.bpmn)).text();
  const fallback = box.querySelector(".cd-diagram-fallback");
  const viewer = new window.BpmnJS({ container: box });
  try {
    await viewer.importXML(xml);
  } catch {
    return;
  }
  fallback?.remove();
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  trim(box, canvas);
  fit(canvas, json(box.dataset.live), registry);
  const paint = paintWith(canvas, overlays, registry);
  paint(json(box.dataset.visited), json(box.dataset.live), json(box.dataset.failed));
  linkTimeline(box, viewer, canvas, registry);
  replay(box, paint);
  for (const button of document.querySelectorAll(`[data-zoom]`)) {
    button.hidden = false;
    button.addEventListener("click", () => zoom(canvas, button.dataset.zoom));
  }
}

function zoom(canvas, what) {
  if (what === "fit") canvas.zoom("fit-viewport", "auto");
  else canvas.zoom(canvas.zoom() * (what === "in" ? 1.25 : 0.8));
}

// A box no higher than its drawing, with room for the logo: no white above and below a flat one.
function trim(box, canvas) {
  const { inner } = canvas.viewbox();
  const needed = Math.max(220, (box.clientWidth * inner.height) / inner.width + 64);
  if (needed >= box.clientHeight) return;
  box.style.height = `${Math.round(needed)}px`;
  canvas.resized();
}

// The whole drawing when it stays readable, else the part around the token.
function fit(canvas, live, registry) {
  canvas.zoom("fit-viewport", "auto");
  if (canvas.zoom() >= 0.35) canvas.zoom(canvas.zoom() * 0.94); // air around it, and room for the logo
  else {
    canvas.zoom(0.7);
    const near = live.map((id) => registry.get(id)).find(Boolean);
    if (near) canvas.scrollToElement(near, 60);
  }
}

function paintWith(canvas, overlays, registry) {
  let marked = [];
  return (visited, live, failed = []) => {
    for (const [id, mark] of marked) canvas.removeMarker(id, mark);
    overlays.remove({ type: "token" });
    marked = [];
    const mark = (ids, name) => {
      for (const id of ids) {
        if (!registry.get(id)) continue;
        canvas.addMarker(id, name);
        marked.push([id, name]);
      }
    };
    const seen = new Set([...visited, ...live]);
    mark(visited, "is-visited");
    mark(flows(registry, seen), "is-visited");
    mark(live, "is-live");
    mark(failed, "is-failed");
    for (const id of live) {
      if (!registry.get(id)) continue;
      const html = document.createElement("div");
      html.className = "cd-token";
      overlays.add(id, "token", { position: { top: -7, left: -7 }, html });
    }
  };
}

// A flow counts as taken when both its ends were; exact paths come with the ids of the flows themselves.
function flows(registry, seen) {
  if ([...seen].some((id) => registry.get(id)?.waypoints)) return [];
  return registry
    .filter((element) => element.waypoints && seen.has(element.source?.id) && seen.has(element.target?.id))
    .map((element) => element.id);
}

function linkTimeline(box, viewer, canvas, registry) {
  const events = [...document.querySelectorAll(".cd-event[data-node]")];
  const light = (node, on) => {
    if (registry.get(node)) on ? canvas.addMarker(node, "is-lit") : canvas.removeMarker(node, "is-lit");
    for (const event of events) if (event.dataset.node === node) event.classList.toggle("is-lit", on);
  };
  for (const event of events) {
    event.addEventListener("mouseenter", () => light(event.dataset.node, true));
    event.addEventListener("mouseleave", () => light(event.dataset.node, false));
    event.addEventListener("focusin", () => light(event.dataset.node, true));
    event.addEventListener("focusout", () => light(event.dataset.node, false));
  }
  const bus = viewer.get("eventBus");
  bus.on("element.hover", ({ element }) => light(element.id, true));
  bus.on("element.out", ({ element }) => light(element.id, false));
  bus.on("element.click", ({ element }) => {
    events.find((event) => event.dataset.node === element.id)?.scrollIntoView({ block: "center" });
  });
}

// Step n shows the first n events as the way and the last of them as the token.
function replay(box, paint) {
  const bar = document.querySelector("[data-replay]");
  const steps = json(box.dataset.steps);
  if (!bar || !steps.length) return;
  bar.hidden = false;
  const slider = bar.querySelector("input");
  const says = bar.querySelector("output");
  const play = bar.querySelector("[data-replay-play]");
  const show = () => {
    const count = Number(slider.value);
    says.textContent = `${count} / ${steps.length}`;
    const done = steps.slice(0, count);
    const last = done.at(-1);
    for (const event of document.querySelectorAll(".cd-event")) {
      event.classList.toggle("is-lit", Boolean(last) && event.dataset.seq === String(last.seq) && count < steps.length);
    }
    if (count === steps.length) paint(json(box.dataset.visited), json(box.dataset.live), json(box.dataset.failed));
    else paint(done.flatMap((step) => step.path ?? [step.node]), last ? [last.node] : []);
  };
  slider.addEventListener("input", show);
  let timer;
  play.addEventListener("click", () => {
    clearInterval(timer);
    slider.value = 0;
    show();
    timer = setInterval(() => {
      slider.value = Number(slider.value) + 1;
      show();
      if (Number(slider.value) >= steps.length) clearInterval(timer);
    }, 700);
  });
}

async function showDmn(box) {
  const xml = await (await fetch(box.dataset.dmn)).text();
  const viewer = new window.DmnJS({ container: box });
  try {
    await viewer.importXML(xml);
    const table = viewer.getViews().find((view) => view.type === "decisionTable");
    if (table) await viewer.open(table);
    box.querySelector(".cd-diagram-fallback")?.remove();
    // The table scrolls inside its box: reachable by keyboard, and no heading without a word.
    box.querySelector(".tjs-table-container")?.setAttribute("tabindex", "0");
    const corner = box.querySelector("th.index-column");
    if (corner && !corner.textContent) corner.textContent = "#";
  } catch {
    // The words below the table stay.
  }
}

for (const box of document.querySelectorAll("[data-bpmn]")) showBpmn(box);
for (const box of document.querySelectorAll("[data-dmn]")) showDmn(box);
