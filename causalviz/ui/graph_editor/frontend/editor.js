/* The two-way graph editor. Streamlit calls the default export again after every change of data or theme, so
 * the editor itself lives in a WeakMap by the element it is mounted in, and every call only brings it up to
 * date. The browser proposes operations; Python's answer says what stands. A verdict is drawn at once, as it will
 * stand if nothing speaks against it. What is only looked at (several chosen items, focus, ways, zoom) stays in the
 * browser. */

import "../causalviz.drawing/vis-network.min.js";
import { Drawing, element, legend } from "../causalviz.drawing/drawing.js";
import { Glide } from "../causalviz.drawing/glide.js";
import { foreseen } from "./foreseen.js";
import { ArrowGesture, FrameGesture } from "./gestures.js";
import { Documents, Outbox } from "./outbox.js";
import { ask, openFinder, openMenu, openSheet } from "./panels.js";
import { commandOf, refresh, toolbar } from "./toolbar.js";
import { Viewport } from "./viewport.js";
import { around, between, causalEdges } from "./ways.js";

const REST_MS = 120;
const MOST_FOCUS = 3; // steps; one more leaves the focus
const PICTURE_SCALE = 2; // device pixels per px, at least
const MANY = 60; // boxes; a larger graph is read from one behaviour outwards
const ROOM = { x: 150, y: 100 }; // px that a new box needs for itself
const ON_EDGES = new Set(["accept", "reject", "reverse", "delete"]);
const UNDONE = new Set([...ON_EDGES, "add", "retarget", "note", "hide", "rename", "merge", "assume", "describe"]);
const editors = new WeakMap();

export default function mount({ parentElement, data, setStateValue }) {
  if (!editors.has(parentElement)) editors.set(parentElement, new Editor(parentElement, data.key));
  const editor = editors.get(parentElement);
  editor.outbox.publish = (value) => setStateValue("outbox", value);
  editor.receive(data);
  return () => setTimeout(() => editor.unmountFrom(parentElement)); // a superseded call cleans up too: look first
}

class Editor {
  constructor(parent, key) {
    this.outbox = new Outbox();
    this.documents = new Documents();
    this.viewport = new Viewport(key);
    this.drawing = null;
    this.gesture = null;
    this.data = null;
    this.stands = null; // the document as Python last sent it
    this.focus = null; // {id, depth}
    this.settled = true; // the view is still as fitted, so it may be fitted again
    this.root = element("div", "editor");
    this.bar = toolbar((command) => this.run(command));
    this.stage = element("div", "stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.canvas = element("div", "canvas");
    this.hint = element("div", "hint");
    this.hint.setAttribute("role", "status");
    this.notice = element("div", "notice");
    this.notice.setAttribute("role", "status");
    this.notice.addEventListener("click", () => this.notice.classList.remove("shown"));
    this.chosen = element("div", "chosen");
    this.chosen.setAttribute("role", "status");
    this.foot = element("div", "foot");
    this.stage.append(this.canvas, this.hint, this.notice, this.chosen);
    this.root.append(this.bar, this.stage, this.foot);
    this.root.addEventListener("keydown", (event) => this.#key(event));
    parent.append(this.root);
    this.observer = new ResizeObserver(() => this.#resized());
    this.observer.observe(this.canvas);
  }

  unmountFrom(parent) {
    if (this.root.isConnected) return;
    this.observer.disconnect();
    this.outbox.close();
    clearTimeout(this.resting);
    this.drawing?.destroy();
    editors.delete(parent);
  }

  receive(data) {
    this.outbox.acknowledge(data.acked);
    const full = this.documents.resolve(data);
    if (full === null) {
      this.outbox.revision = null;
      this.outbox.send(); // the changes build on a document that this client never saw: ask for all of it
      return;
    }
    this.outbox.revision = data.revision;
    this.data = data;
    this.stands = full;
    this.stage.style.height = `${data.height}px`;
    this.#show(foreseen(full, this.outbox.operations));
  }

  run(command) {
    if (!this.gesture) return;
    if (ON_EDGES.has(command)) return this.#rule(command);
    const commands = {
      add: () => this.gesture.setAdding(!this.gesture.adding),
      escape: () => this.#escape(),
      closer: () => this.#zoom(1.25),
      farther: () => this.#zoom(0.8),
      fit: () => this.#fit(),
      undo: () => this.able.has("undo") && this.#propose({ kind: "undo" }),
      redo: () => this.able.has("redo") && this.#propose({ kind: "redo" }),
      note: () => this.#note(),
      assume: () => this.#assume(this.drawing.network.getViewPosition()),
      find: () => openFinder(this.stage, this.drawing.document.nodes, (node) => this.#find(node)),
      focus: () => this.#focus(),
      hide: () => this.#onNodes("hide"),
      rename: () => this.#rename(),
      merge: () => this.#merge(),
      picture: () => this.#picture(),
      keys: () => openSheet(this.stage),
    };
    commands[command]();
  }

  get able() {
    const possible = new Set();
    const [nodes, edges] = [this.chosenNodes.length, this.chosenEdges.length];
    if (edges) possible.add("edge");
    if (nodes) possible.add("node");
    if (nodes > 1) possible.add("nodes");
    if (nodes + edges === 1) possible.add("one");
    if (this.data.can_undo || this.outbox.operations.some(({ kind }) => UNDONE.has(kind))) possible.add("undo");
    if (this.data.can_redo || this.outbox.waitsFor("undo")) possible.add("redo");
    return possible;
  }

  get chosenEdges() {
    return this.drawing.selected.map((id) => this.drawing.edge(id)).filter((edge) => edge && !edge.layer);
  }

  get chosenNodes() {
    return this.drawing.selected.map((id) => this.drawing.node(id)).filter(Boolean);
  }

  #show(full) {
    const style = getComputedStyle(this.root);
    const paper = style.getPropertyValue("--st-background-color").trim();
    const look = { dark: isDark(paper), font: style.fontFamily, paper };
    if (this.drawing === null) {
      this.drawing = new Drawing(this.canvas, globalThis.vis, look);
      this.canvas.drawing = this.drawing; // so that whoever drives the browser finds the boxes
      this.drawing.show(full);
      new Glide(this.drawing);
      this.#look(this.viewport.read());
      this.#listen();
    } else {
      this.drawing.restyle(look);
      const several = this.drawing.selected.length > 1; // which Python does not know of
      const kept = several || this.outbox.waitsFor("select") ? this.drawing.selected : full.selected;
      const before = new Set(this.drawing.document.nodes.map(({ name }) => name));
      this.drawing.show({ ...full, selected: kept }, this.outbox.moving);
      this.#meet(full.nodes.filter(({ name }) => !before.has(name)), before.size === 0);
    }
    for (const name of ["ink", "paper", "quiet", "selected"]) this.root.style.setProperty(`--drawing-${name}`, this.drawing.palette[name]);
    this.stage.setAttribute("aria-label", `Causal graph, ${full.nodes.length} behaviours and ${full.edges.length} edges; the table beside it holds the same edges`);
    this.foot.replaceChildren(legend(full, look.dark));
    if (this.data.notices.length > 0) {
      this.notice.textContent = this.data.notices.join(" "); // it stays until a click or the next gesture
      this.notice.classList.add("shown");
    }
    this.#refresh();
  }

  /* New boxes are brought into view where nobody has chosen what to look at. */
  #meet(nodes, first) {
    if (nodes.length && (first || (this.settled && !this.drawing.shows(nodes.map(({ id }) => id))))) this.drawing.fit();
  }

  #look(kept) {
    if (kept === null) return;
    this.settled = false;
    this.drawing.network.moveTo({ position: { x: kept.x, y: kept.y }, scale: kept.scale });
  }

  #listen() {
    const { network } = this.drawing;
    const names = (...ids) => ids.map((id) => this.drawing.node(id).name);
    this.gesture = new ArrowGesture({
      stage: this.stage,
      drawing: this.drawing,
      propose: (cause, effect) => this.#propose({ kind: "add", names: names(cause, effect) }),
      retarget: (edge, cause, effect) => this.#propose({ kind: "retarget", names: names(edge.from, edge.to, cause, effect) }),
      onMode: () => this.#refresh(),
    });
    this.frame = new FrameGesture({ stage: this.stage, drawing: this.drawing, framed: (ids) => this.#choose(ids) });
    network.on("click", ({ pointer, event }) => this.#pick(this.drawing.at(pointer.DOM), event.srcEvent));
    network.on("doubleClick", ({ pointer }) => {
      const { node, edge } = this.drawing.at(pointer.DOM);
      if (node === undefined && edge === undefined) this.#assume(pointer.canvas);
    });
    network.on("oncontext", ({ pointer, event }) => this.#menu(pointer.DOM, event));
    network.on("dragStart", ({ nodes }) => nodes.length === 0 && (this.settled = false));
    network.on("dragEnd", ({ nodes }) => this.#moved(nodes));
    network.on("zoom", () => this.#looked());
    network.on("animationFinished", () => this.settled || this.viewport.keep(network)); // it lasts longer on a busy machine
    this.canvas.addEventListener("pointerdown", () => this.stage.focus({ preventScroll: true }));
  }

  #pick({ node, edge }, event) {
    const id = node ?? edge;
    if (!(event?.ctrlKey || event?.metaKey)) return this.#choose(id === undefined ? [] : [id]);
    if (id === undefined) return this.drawing.select(this.drawing.selected);
    const before = this.drawing.selected;
    this.#choose(before.includes(id) ? before.filter((other) => other !== id) : [...before, id]);
  }

  /* Chooses items; Python is told of one edge or box, and of nothing where there are more. */
  #choose(ids) {
    const before = this.#told(this.drawing.selected);
    this.drawing.select(ids);
    this.#refresh();
    const after = this.#told(ids);
    if (after.join("\n") !== before.join("\n")) this.#propose({ kind: "select", names: after });
  }

  #told(ids) {
    return ids.length === 1 && !this.drawing.edge(ids[0])?.layer ? this.#names(ids[0]) : [];
  }

  #names(id) {
    const edge = this.drawing.edge(id);
    const ends = edge ? [edge.from, edge.to] : [id];
    return ends.map((end) => this.drawing.node(end).name);
  }

  #menu(point, event) {
    event.preventDefault();
    const { node, edge } = this.drawing.at(point);
    const id = node ?? edge;
    if (id !== undefined && !this.drawing.selected.includes(id)) this.#choose([id]);
    const context = node !== undefined ? "node" : edge !== undefined ? "edge" : "canvas";
    this.drawing.hush();
    openMenu(this.stage, point, context, this.able, (command) => this.run(command));
  }

  #moved(ids) {
    if (ids.length === 0) {
      this.drawing.select(this.drawing.selected);
      return this.#looked();
    }
    const places = ids.map((id) => {
      const { x, y } = this.drawing.network.getPosition(id);
      return [this.drawing.node(id).name, Math.round(x), Math.round(y)];
    });
    this.#propose({ kind: "move", places });
    if (ids.length > 1) this.drawing.select(ids);
    else this.#choose(ids);
  }

  #looked() {
    this.settled = false;
    this.viewport.keep(this.drawing.network);
  }

  #rule(kind) {
    const edges = this.chosenEdges;
    if (!edges.length) return;
    this.outbox.push({ kind, names: edges.flatMap((edge) => this.#names(edge.id)) });
    this.drawing.show({ ...foreseen(this.stands, this.outbox.operations), selected: this.drawing.selected }, this.outbox.moving);
    this.#proposed();
  }

  #onNodes(kind, note) {
    const names = this.chosenNodes.map((node) => node.name);
    if (!names.length) return;
    this.drawing.select([]);
    this.#propose({ kind, names, ...(note ? { note } : {}) });
  }

  #note() {
    const [edge, node] = [this.chosenEdges[0], this.chosenNodes[0]];
    const item = edge ?? node;
    if (!item || !this.able.has("one")) return;
    const names = this.#names(item.id);
    const kind = edge ? "note" : "describe";
    const label = edge ? `Note on ${names[0]} → ${names[1]}` : `Note on ${names[0]}`;
    ask(this.stage, { label, value: noteIn(item.title), most: 500, mayBeEmpty: true }, (note) => this.#propose({ kind, names, note }));
  }

  #assume(wished) {
    ask(this.stage, { label: "Name of a behaviour that you assume; the log need not have it" }, (note) => {
      if (this.drawing.named(note)) return this.#find(this.drawing.named(note));
      const { x, y } = this.#free(wished);
      this.#propose({ kind: "assume", note, places: [[note, Math.round(x), Math.round(y)]] });
    });
  }

  /* The wished place, or the next one below it that no box covers. */
  #free({ x, y }) {
    const places = Object.values(this.drawing.network.getPositions());
    while (places.some((box) => Math.abs(box.x - x) < ROOM.x && Math.abs(box.y - y) < ROOM.y)) y += ROOM.y;
    return { x, y };
  }

  #rename() {
    const [node] = this.chosenNodes;
    if (!node) return;
    ask(this.stage, { label: `New name of ${node.name}; the graph is read anew`, value: node.name }, (note) => note !== node.name && this.#propose({ kind: "rename", names: [node.name], note }));
  }

  #merge() {
    const nodes = this.chosenNodes;
    if (nodes.length < 2) return;
    ask(this.stage, { label: `One name for ${nodes.length} behaviours; the graph is read anew`, value: nodes[0].name }, (note) => this.#onNodes("merge", note));
  }

  #find(node) {
    this.#choose([node.id]);
    this.drawing.network.moveTo({ position: this.drawing.network.getPosition(node.id), scale: Math.max(this.drawing.network.getScale(), 0.8), animation: { duration: 250, easingFunction: "easeInOutQuad" } });
    this.#looked();
  }

  #focus() {
    const [node] = this.chosenNodes;
    const centre = node?.id ?? this.focus?.id;
    if (centre === undefined) return;
    const depth = this.focus?.id === centre ? this.focus.depth + 1 : 1;
    this.focus = depth > MOST_FOCUS ? null : { id: centre, depth };
    this.#refresh();
    if (this.focus) this.drawing.reveal([...this.drawing.bright]);
    this.#looked();
  }

  #propose(operation) {
    this.outbox.push(operation);
    this.#proposed();
  }

  #proposed() {
    this.notice.classList.remove("shown");
    this.#refresh();
  }

  #escape() {
    if (this.gesture.busy) this.gesture.cancel();
    else if (this.gesture.adding) this.gesture.setAdding(false);
    else if (this.focus) {
      this.focus = null;
      this.#refresh();
    } else if (this.drawing.selected.length) this.#choose([]);
  }

  #zoom(factor) {
    this.drawing.zoom(factor);
    this.#looked();
  }

  #fit() {
    this.settled = true;
    this.viewport.forget();
    this.drawing.fit(true);
  }

  /* The whole drawing as it is seen, on paper of the page's colour, in a file. */
  #picture() {
    const seen = this.canvas.querySelector("canvas");
    const scale = Math.max(PICTURE_SCALE, seen.width / seen.clientWidth);
    const paper = document.createElement("canvas");
    paper.width = seen.clientWidth * scale;
    paper.height = seen.clientHeight * scale;
    const pen = paper.getContext("2d");
    pen.fillStyle = this.drawing.palette.paper;
    pen.fillRect(0, 0, paper.width, paper.height);
    pen.drawImage(seen, 0, 0, paper.width, paper.height);
    const link = document.createElement("a");
    link.href = paper.toDataURL("image/png");
    link.download = "causal-graph.png";
    link.click();
  }

  /* vis-network keeps the picture's share of the canvas when that changes size, however small it was in between (a
   * page that loses its server shrinks it to nothing), so the fit is made again once the size has come to rest. */
  #resized() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.drawing?.network && (this.settled ? this.drawing.fit() : this.#look(this.viewport.read())), REST_MS);
  }

  #key(event) {
    if (event.target.closest?.(".ask, .menu, .sheet")) return;
    const command = commandOf(event);
    if (command === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own: R would rerun the whole app
    this.run(command);
  }

  #refresh() {
    if (!this.gesture) return;
    const { adding } = this.gesture;
    if (this.focus && !this.drawing.node(this.focus.id)) this.focus = null;
    this.#emphasise();
    refresh(this.bar, this.able, new Set([adding && "add", this.focus && "focus"]));
    const [edges, nodes] = [this.chosenEdges, this.chosenNodes];
    this.gesture.offerEnds(edges.length === 1 && nodes.length === 0 ? edges[0] : undefined);
    this.hint.textContent = adding ? "Click the cause, then the effect, or drag from one to the other. Esc ends." : this.said;
    this.chosen.textContent = this.#spoken();
    this.stage.setAttribute("aria-busy", String(this.outbox.operations.length > 0));
  }

  #emphasise() {
    const edges = causalEdges(this.drawing.document.edges);
    const nodes = this.chosenNodes;
    this.said = this.drawing.document.nodes.length ? "" : "Double-click, or press B, to add a behaviour; or import a graph.";
    if (this.focus) {
      const { id, depth } = this.focus;
      this.said = `Focus: ${depth} step${depth > 1 ? "s" : ""} before and after ${this.drawing.node(id).name}. G for more, Esc ends.`;
      return this.drawing.emphasise(around(edges, id, depth));
    }
    if (nodes.length !== 2 || this.chosenEdges.length) {
      if (this.drawing.document.nodes.length > MANY && !this.drawing.selected.length) this.said = "Press / to find a behaviour, then G to see its causes and consequences alone.";
      return this.drawing.emphasise(null);
    }
    let [start, end] = nodes;
    let ways = between(edges, start.id, end.id);
    if (!ways.size) [start, end, ways] = [end, start, between(edges, end.id, start.id)];
    this.said = ways.size ? `Ways from ${start.name} to ${end.name}` : `No way leads from one of ${nodes[0].name} and ${nodes[1].name} to the other`;
    return this.drawing.emphasise(ways.size ? ways : null);
  }

  /* What is chosen, in words. */
  #spoken() {
    const { selected } = this.drawing;
    if (selected.length > 1) {
      const counts = [[this.chosenNodes.length, "behaviour"], [this.chosenEdges.length, "edge"]];
      return `Chosen: ${counts.filter(([count]) => count).map(([count, word]) => `${count} ${word}${count > 1 ? "s" : ""}`).join(", ")}`;
    }
    const item = this.drawing.edge(selected[0]);
    return item ? item.title.split("\n").join("  ·  ") : "";
  }
}

/* The note in an item's title, where it is the last line. */
function noteIn(title) {
  const mark = title.lastIndexOf("\nnote: ");
  return mark < 0 ? "" : title.slice(mark + "\nnote: ".length);
}

function isDark(colour) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = colour.trim() || "#fff";
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
  return 0.3 * red + 0.59 * green + 0.11 * blue < 128;
}
