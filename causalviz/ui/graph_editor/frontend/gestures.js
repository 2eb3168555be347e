/* What the pointer does beyond moving boxes: draw an arrow from the handle that a box shows (or, in add mode, from any
 * box, by dragging or by two clicks), drag an end of the chosen arrow to another box, frame several boxes. Each
 * gesture ends in one proposal; what comes of it is Python's to say. */

const HANDLE_PX = 12; // from its middle to the edge of the drawing, at least
const STEPS = 50; // along an arrow, to find where it leaves its boxes
const BESIDE_PX = 7;

export class ArrowGesture {
  /* `propose(cause, effect)` and `retarget(edge, cause, effect)` get ids; `onMode` is told when add mode changes. */
  constructor({ stage, drawing, propose, retarget, onMode }) {
    this.stage = stage;
    this.drawing = drawing;
    this.propose = propose;
    this.retarget = retarget;
    this.onMode = onMode;
    this.adding = false;
    this.anchor = null; // the box at the arrow's other end while one is drawn
    this.outcome = null; // what an arrow between the anchor and another box means
    this.pointer = null;
    this.handled = null; // the box at which the handle stands
    this.edge = null; // the chosen edge, whose ends can be dragged
    this.handle = this.#knob("handle", "Drag to the effect to add an edge", () => this.#grip(this.handled));
    this.ends = {
      from: this.#knob("end", "Drag to another cause", () => this.#regrip("to", (node) => this.retarget(this.edge, node, this.edge.to))),
      to: this.#knob("end", "Drag to another effect", () => this.#regrip("from", (node) => this.retarget(this.edge, this.edge.from, node))),
    };
    this.veil = this.#overlay();
    stage.append(this.veil, this.handle, this.ends.from, this.ends.to);
    drawing.network.on("hoverNode", ({ node }) => this.#offer(node));
    drawing.network.on("blurNode", () => this.#withdraw());
    drawing.network.on("dragStart", () => this.#hide());
    drawing.network.on("afterDrawing", (context) => this.#paint(context));
    drawing.network.on("_requestRedraw", () => this.#placeEnds()); // the paper may glide, painted only when it rests
  }

  /* Turns the add mode on or off; leaving it drops a half-drawn arrow. */
  setAdding(adding) {
    this.adding = adding;
    this.veil.hidden = !adding;
    this.#hide();
    this.cancel();
    this.onMode(adding);
  }

  /* Tells which edge may be taken by its ends; undefined for none. */
  offerEnds(edge) {
    if (this.edge === (edge ?? null)) return;
    this.edge = edge ?? null;
    this.drawing.network.redraw();
  }

  get busy() {
    return this.anchor !== null;
  }

  cancel() {
    this.anchor = null;
    this.outcome = null;
    this.pointer = null;
    this.drawing.network.redraw();
  }

  #knob(kind, title, begin) {
    const knob = document.createElement("button");
    knob.className = kind;
    knob.type = "button";
    knob.tabIndex = -1;
    knob.hidden = true;
    knob.title = title;
    knob.setAttribute("aria-label", title);
    knob.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      event.stopPropagation();
      knob.setPointerCapture(event.pointerId);
      begin();
      this.#follow(event);
    });
    knob.addEventListener("pointermove", (event) => this.busy && this.#follow(event));
    knob.addEventListener("pointerup", (event) => {
      this.#finish(this.#under(event));
      this.cancel();
      this.#hide();
    });
    knob.addEventListener("pointercancel", () => this.cancel());
    knob.addEventListener("pointerleave", () => this.busy || this.#withdraw());
    return knob;
  }

  #overlay() {
    const veil = document.createElement("div");
    veil.className = "veil";
    veil.hidden = true;
    veil.addEventListener("pointerdown", (event) => {
      const node = this.#under(event);
      if (this.busy) this.#complete(node);
      else if (node !== undefined) {
        this.#grip(node);
        this.#follow(event);
      }
    });
    veil.addEventListener("pointermove", (event) => this.#follow(event));
    veil.addEventListener("pointerup", (event) => {
      const node = this.#under(event);
      if (this.busy && node !== this.anchor) this.#complete(node);
    });
    return veil;
  }

  #begin(anchor, outcome) {
    this.anchor = anchor;
    this.outcome = outcome;
  }

  #grip(cause) {
    this.#begin(cause, (effect) => this.propose(cause, effect));
  }

  #regrip(kept, outcome) {
    this.#begin(this.edge[kept], outcome);
  }

  /* The second click or the end of a drag: an arrow where there is another box, otherwise nothing. */
  #complete(node) {
    if (this.#finish(node)) this.setAdding(false);
    else this.cancel();
  }

  #finish(node) {
    if (!this.busy || node === undefined || node === this.anchor) return false;
    this.outcome(node);
    return true;
  }

  #follow(event) {
    this.pointer = pointIn(this.drawing.container, event);
    this.veil.classList.toggle("over", this.#under(event) !== undefined);
    this.drawing.network.redraw();
  }

  #under(event) {
    return this.drawing.network.getNodeAt(pointIn(this.drawing.container, event));
  }

  #offer(node) {
    if (this.adding || this.busy) return;
    clearTimeout(this.leaving);
    this.handled = node;
    this.handle.hidden = false;
    this.#placeHandle();
  }

  #withdraw() {
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => this.busy || this.handle.matches(":hover") || this.#hide(), 250);
  }

  #hide() {
    this.handle.hidden = true;
    this.handled = null;
  }

  #placeHandle() {
    const box = this.drawing.nodes.get(this.handled) && this.drawing.network.getBoundingBox(this.handled);
    if (!box) return this.#hide();
    const { x, y } = this.drawing.network.canvasToDOM({ x: box.right, y: (box.top + box.bottom) / 2 });
    const { clientWidth } = this.drawing.container;
    put(this.handle, { x: Math.min(x, clientWidth - HANDLE_PX), y }); // within reach where the box is cut off
  }

  /* The ends stand just outside the boxes that the arrow joins. */
  #placeEnds() {
    const { network } = this.drawing;
    const body = this.edge && !this.adding ? network.body.edges[this.edge.id] : undefined;
    for (const end of Object.values(this.ends)) end.hidden = !body?.connected;
    if (!body?.connected) return;
    const boxes = { from: network.getBoundingBox(this.edge.from), to: network.getBoundingBox(this.edge.to) };
    const outside = (box, { x, y }) => x < box.left - BESIDE_PX || x > box.right + BESIDE_PX || y < box.top - BESIDE_PX || y > box.bottom + BESIDE_PX;
    for (const [end, box] of Object.entries(boxes)) {
      let step = 0;
      const at = () => body.edgeType.getPoint(end === "from" ? step / STEPS : 1 - step / STEPS);
      while (step < STEPS / 2 && !outside(box, at())) step += 1;
      put(this.ends[end], network.canvasToDOM(at()));
    }
  }

  #paint(context) {
    if (this.handled !== null && !this.busy) this.#placeHandle();
    this.#placeEnds();
    if (!this.busy || !this.pointer) return;
    const { network, palette } = this.drawing;
    const from = network.getPosition(this.anchor);
    const tip = network.DOMtoCanvas(this.pointer);
    const target = network.getNodeAt(this.pointer);
    context.save();
    context.strokeStyle = palette.selected;
    context.fillStyle = palette.selected;
    context.lineWidth = 2;
    for (const node of [this.anchor, target]) if (node !== undefined) outline(context, network.getBoundingBox(node));
    context.setLineDash([7, 5]);
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(tip.x, tip.y);
    context.stroke();
    context.beginPath();
    context.arc(tip.x, tip.y, 4, 0, 2 * Math.PI);
    context.fill();
    context.restore();
  }
}

/* A frame drawn with Shift held: `framed` gets the ids of the boxes whose middle lies in it. */
export class FrameGesture {
  constructor({ stage, drawing, framed }) {
    this.drawing = drawing;
    this.framed = framed;
    this.start = null;
    this.frame = document.createElement("div");
    this.frame.className = "frame";
    this.frame.hidden = true;
    stage.append(this.frame);
    // before vis-network sees it: a drag with Shift would move the paper
    drawing.container.addEventListener("pointerdown", (event) => this.#begin(event), true);
    drawing.container.addEventListener("pointermove", (event) => this.start && this.#stretch(event), true);
    drawing.container.addEventListener("pointerup", (event) => this.start && this.#end(event), true);
    drawing.container.addEventListener("pointercancel", () => this.#drop(), true);
  }

  #begin(event) {
    if (!event.shiftKey || event.button !== 0) return;
    event.stopPropagation();
    event.preventDefault();
    this.drawing.container.setPointerCapture(event.pointerId);
    this.start = pointIn(this.drawing.container, event);
    this.#stretch(event);
  }

  #stretch(event) {
    event.stopPropagation();
    const end = pointIn(this.drawing.container, event);
    const [left, right] = [this.start.x, end.x].sort((a, b) => a - b);
    const [top, bottom] = [this.start.y, end.y].sort((a, b) => a - b);
    this.frame.hidden = false;
    Object.assign(this.frame.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    this.corners = { left, right, top, bottom };
  }

  #end(event) {
    event.stopPropagation();
    const { left, right, top, bottom } = this.corners;
    const places = this.drawing.network.getPositions();
    const inside = Object.keys(places).filter((id) => {
      const { x, y } = this.drawing.network.canvasToDOM(places[id]);
      return x >= left && x <= right && y >= top && y <= bottom;
    });
    this.#drop();
    this.framed(inside);
  }

  #drop() {
    this.start = null;
    this.frame.hidden = true;
  }
}

function pointIn(container, event) {
  const { left, top } = container.getBoundingClientRect();
  return { x: event.clientX - left, y: event.clientY - top };
}

function put(knob, { x, y }) {
  knob.style.left = `${x}px`;
  knob.style.top = `${y}px`;
}

function outline(context, { left, top, right, bottom }) {
  context.beginPath();
  context.roundRect(left - 4, top - 4, right - left + 8, bottom - top + 8, 11);
  context.stroke();
}
