/* The two-way graph editor. Streamlit calls the default export again after every change of data or theme, so
 * the editor itself lives in a WeakMap by the element it is mounted in, and every call only brings it up to
 * date. The browser proposes operations; the picture changes when Python's answer arrives. */

import "../causalviz.drawing/vis-network.min.js";
import { Drawing, element, legend } from "../causalviz.drawing/drawing.js";
import { ArrowGesture } from "./gestures.js";
import { Documents, Outbox } from "./outbox.js";
import { commandOf, refresh, toolbar } from "./toolbar.js";

const REST_MS = 120;
const editors = new WeakMap();

export default function mount({ parentElement, data, setStateValue }) {
  if (!editors.has(parentElement)) editors.set(parentElement, new Editor(parentElement));
  const editor = editors.get(parentElement);
  editor.outbox.publish = (value) => setStateValue("outbox", value);
  editor.receive(data);
  return () => setTimeout(() => editor.unmountFrom(parentElement)); // a superseded call cleans up too: look first
}

class Editor {
  constructor(parent) {
    this.outbox = new Outbox();
    this.documents = new Documents();
    this.drawing = null;
    this.gesture = null;
    this.data = null;
    this.settled = true; // the view is still as fitted, so it may be fitted again
    this.root = element("div", "editor");
    this.bar = toolbar((command) => this.run(command));
    this.stage = element("div", "stage");
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.canvas = element("div", "canvas");
    this.hint = element("div", "hint");
    this.notice = element("div", "notice");
    this.notice.setAttribute("role", "status");
    this.notice.addEventListener("click", () => this.notice.classList.remove("shown"));
    this.chosen = element("div", "chosen");
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
    this.stage.style.height = `${data.height}px`;
    this.#show(full);
  }

  run(command) {
    if (!this.gesture) return;
    if (command === "add") this.gesture.setAdding(!this.gesture.adding);
    else if (command === "escape") this.#escape();
    else if (command === "closer") this.#zoom(1.25);
    else if (command === "farther") this.#zoom(0.8);
    else if (command === "fit") this.#fit();
    else if (command === "undo" || command === "redo") this.able.has(command) && this.#propose({ kind: command });
    else this.#onEdge(command);
  }

  get able() {
    const possible = new Set();
    if (this.selectedEdge) possible.add("edge");
    if (this.data.can_undo || this.outbox.operations.length) possible.add("undo");
    if (this.data.can_redo || this.outbox.waitsFor("undo")) possible.add("redo");
    return possible;
  }

  get selectedEdge() {
    return this.drawing.selected.map((id) => this.drawing.edge(id)).find(Boolean);
  }

  #show(full) {
    const style = getComputedStyle(this.root);
    const paper = style.getPropertyValue("--st-background-color").trim();
    const look = { dark: isDark(paper), font: style.fontFamily, paper };
    if (this.drawing === null) {
      this.drawing = new Drawing(this.canvas, globalThis.vis, look);
      this.canvas.drawing = this.drawing; // so that whoever drives the browser finds the boxes
      this.drawing.show(full);
      this.#listen();
    } else {
      this.drawing.restyle(look);
      const kept = this.outbox.waitsFor("select") ? this.drawing.selected : full.selected;
      this.drawing.show({ ...full, selected: kept }, this.outbox.moving);
    }
    for (const name of ["ink", "paper", "quiet", "selected"]) this.root.style.setProperty(`--drawing-${name}`, this.drawing.palette[name]);
    this.stage.setAttribute("aria-label", `Causal graph, ${full.nodes.length} behaviours and ${full.edges.length} edges; the table beside it holds the same edges`);
    this.foot.replaceChildren(legend(full, look.dark));
    this.notice.textContent = this.data.notices.join(" ");
    this.notice.classList.toggle("shown", this.data.notices.length > 0);
    this.#refresh();
  }

  #listen() {
    const { network } = this.drawing;
    this.gesture = new ArrowGesture({
      stage: this.stage,
      drawing: this.drawing,
      propose: (cause, effect) => this.#propose({ kind: "add", names: [cause, effect] }),
      onMode: () => this.#refresh(),
    });
    network.on("click", ({ pointer }) => this.#pick(this.drawing.at(pointer.DOM)));
    network.on("dragStart", ({ nodes }) => nodes.length === 0 && (this.settled = false));
    network.on("dragEnd", ({ nodes }) => this.#moved(nodes));
    network.on("zoom", () => (this.settled = false));
    this.canvas.addEventListener("pointerdown", () => this.stage.focus({ preventScroll: true }));
  }

  #pick({ node, edge }) {
    const ids = [node ?? edge].filter((id) => id !== undefined);
    const before = this.drawing.selected;
    this.drawing.select(ids);
    this.#refresh();
    if (ids[0] !== before[0]) this.#propose({ kind: "select", names: ids.length ? this.#names(ids[0]) : [] });
  }

  #names(id) {
    const edge = this.drawing.edge(id);
    const ends = edge ? [edge.from, edge.to] : [id];
    return ends.map((end) => this.drawing.node(end).name);
  }

  #moved(ids) {
    if (ids.length === 0) return this.drawing.select(this.drawing.selected);
    const places = ids.map((id) => {
      const { x, y } = this.drawing.network.getPosition(id);
      return [this.drawing.node(id).name, Math.round(x), Math.round(y)];
    });
    this.drawing.select(ids);
    this.#propose({ kind: "move", places }, { kind: "select", names: this.#names(ids[0]) });
  }

  #onEdge(kind) {
    const edge = this.selectedEdge;
    if (!edge) return;
    this.#propose({ kind, names: this.#names(edge.id) });
  }

  #propose(...operations) {
    this.notice.classList.remove("shown");
    operations.forEach((operation) => this.outbox.push(operation));
    this.#refresh();
  }

  #escape() {
    if (this.gesture.busy) this.gesture.cancel();
    else if (this.gesture.adding) this.gesture.setAdding(false);
    else if (this.drawing.selected.length) this.#pick({});
  }

  #zoom(factor) {
    this.settled = false;
    this.drawing.zoom(factor);
  }

  #fit() {
    this.settled = true;
    this.drawing.fit(true);
  }

  /* vis-network keeps the picture's share of the canvas when that changes size, however small it was in between (a
   * page that loses its server shrinks it to nothing), so the fit is made again once the size has come to rest. */
  #resized() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.settled && this.drawing?.network && this.drawing.fit(), REST_MS);
  }

  #key(event) {
    const command = commandOf(event);
    if (command === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own: R would rerun the whole app
    this.run(command);
  }

  #refresh() {
    if (!this.gesture) return;
    const { adding } = this.gesture;
    refresh(this.bar, this.able, adding);
    this.hint.textContent = adding ? "Click the cause, then the effect, or drag from one to the other. Esc ends." : "";
    const edge = this.selectedEdge;
    this.chosen.textContent = edge ? edge.title.split("\n").join("  ·  ") : "";
  }
}

function isDark(colour) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = colour.trim() || "#fff";
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
  return 0.3 * red + 0.59 * green + 0.11 * blue < 128;
}
