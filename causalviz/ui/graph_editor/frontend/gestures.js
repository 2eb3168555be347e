/* Drawing an arrow by hand: from the handle that a box shows under the pointer, or, in the toolbar's add mode,
 * from any box, by dragging or by two clicks. The gesture ends in one proposal (cause, effect); what comes of
 * it is Python's to say. */

const HANDLE_PX = 12; // from its middle to the edge of the drawing, at least

export class ArrowGesture {
  constructor({ stage, drawing, propose, onMode }) {
    this.stage = stage;
    this.drawing = drawing;
    this.propose = propose;
    this.onMode = onMode;
    this.adding = false;
    this.cause = null;
    this.pointer = null;
    this.handled = null; // the box at which the handle stands
    this.handle = this.#button();
    this.veil = this.#overlay();
    stage.append(this.veil, this.handle);
    drawing.network.on("hoverNode", ({ node }) => this.#offer(node));
    drawing.network.on("blurNode", () => this.#withdraw());
    drawing.network.on("dragStart", () => this.#hide());
    drawing.network.on("afterDrawing", (context) => this.#paint(context));
  }

  /* Turns the add mode on or off; leaving it drops a half-drawn arrow. */
  setAdding(adding) {
    this.adding = adding;
    this.veil.hidden = !adding;
    this.#hide();
    this.cancel();
    this.onMode(adding);
  }

  get busy() {
    return this.cause !== null;
  }

  cancel() {
    this.cause = null;
    this.pointer = null;
    this.drawing.network.redraw();
  }

  #button() {
    const handle = document.createElement("button");
    handle.className = "handle";
    handle.type = "button";
    handle.tabIndex = -1;
    handle.hidden = true;
    handle.title = "Drag to the effect to add an edge";
    handle.setAttribute("aria-label", handle.title);
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      this.#begin(this.handled, event);
    });
    handle.addEventListener("pointermove", (event) => this.busy && this.#follow(event));
    handle.addEventListener("pointerup", (event) => {
      this.#finish(this.#under(event));
      this.cancel();
      this.#hide();
    });
    handle.addEventListener("pointercancel", () => this.cancel());
    handle.addEventListener("pointerleave", () => this.busy || this.#withdraw());
    return handle;
  }

  #overlay() {
    const veil = document.createElement("div");
    veil.className = "veil";
    veil.hidden = true;
    veil.addEventListener("pointerdown", (event) => {
      const node = this.#under(event);
      if (this.busy) this.#complete(node);
      else if (node !== undefined) this.#begin(node, event);
    });
    veil.addEventListener("pointermove", (event) => this.#follow(event));
    veil.addEventListener("pointerup", (event) => {
      const node = this.#under(event);
      if (this.busy && node !== this.cause) this.#complete(node);
    });
    return veil;
  }

  #begin(node, event) {
    this.cause = node;
    this.#follow(event);
  }

  /* The second click or the end of a drag: an arrow where there is an effect, otherwise nothing. */
  #complete(node) {
    if (this.#finish(node)) this.setAdding(false);
    else this.cancel();
  }

  #finish(node) {
    if (!this.busy || node === undefined || node === this.cause) return false;
    this.propose(this.drawing.node(this.cause).name, this.drawing.node(node).name);
    return true;
  }

  #follow(event) {
    this.pointer = this.#point(event);
    this.veil.classList.toggle("over", this.#under(event) !== undefined);
    this.drawing.network.redraw();
  }

  #point(event) {
    const { left, top } = this.drawing.container.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #under(event) {
    return this.drawing.network.getNodeAt(this.#point(event));
  }

  #offer(node) {
    if (this.adding || this.busy) return;
    clearTimeout(this.leaving);
    this.handled = node;
    this.handle.hidden = false;
    this.#place();
  }

  #withdraw() {
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => this.busy || this.handle.matches(":hover") || this.#hide(), 250);
  }

  #hide() {
    this.handle.hidden = true;
    this.handled = null;
  }

  #place() {
    const box = this.drawing.nodes.get(this.handled) && this.drawing.network.getBoundingBox(this.handled);
    if (!box) return this.#hide();
    const { x, y } = this.drawing.network.canvasToDOM({ x: box.right, y: (box.top + box.bottom) / 2 });
    const { clientWidth } = this.drawing.container;
    this.handle.style.left = `${Math.min(x, clientWidth - HANDLE_PX)}px`; // within reach where the box is cut off
    this.handle.style.top = `${y}px`;
  }

  #paint(context) {
    if (this.handled !== null && !this.busy) this.#place();
    if (!this.busy || !this.pointer) return;
    const { network, palette } = this.drawing;
    const from = network.getPosition(this.cause);
    const tip = network.DOMtoCanvas(this.pointer);
    const target = network.getNodeAt(this.pointer);
    context.save();
    context.strokeStyle = palette.selected;
    context.fillStyle = palette.selected;
    context.lineWidth = 2;
    for (const node of [this.cause, target]) if (node !== undefined) outline(context, network.getBoundingBox(node));
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

function outline(context, { left, top, right, bottom }) {
  context.beginPath();
  context.roundRect(left - 4, top - 4, right - left + 8, bottom - top + 8, 11);
  context.stroke();
}
