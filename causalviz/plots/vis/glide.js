/* A large drawing takes longer to paint than a frame of the screen lasts. While its paper is dragged or zoomed, a
 * picture of it is moved in its place by a CSS transform, and it is painted anew when it has come to rest, or when
 * too much of the picture has left the frame. A copy moves and not the canvas itself: vis-network measures the
 * pointer from the canvas, which must therefore stay where it is. */

const SETTLE_MS = 150; // without a turn of the wheel
const MOST_BARE = 0.4; // share of the frame's width or height
const COARSE = 2; // times as large as it was painted

export class Glide {
  constructor(drawing) {
    this.drawing = drawing;
    this.painted = null; // {x, y, scale}: the view as it was painted last
    this.picture = null; // the moving copy, while it glides
    this.dragging = false;
    const { network } = drawing;
    network.on("afterDrawing", () => (this.painted = this.#view()));
    network.on("dragStart", ({ nodes }) => nodes.length === 0 && this.#drag());
    network.on("dragEnd", () => this.dragging && this.#drop());
    network.on("zoom", () => this.#turn());
    network.on("_requestRedraw", () => this.picture && this.#place()); // the view has moved
  }

  #drag() {
    this.dragging = true;
    this.drawing.network.renderer.dragging = false; // what glides need not hide its edges meanwhile
    this.#begin();
  }

  #drop() {
    this.dragging = false;
    this.#end();
  }

  #turn() {
    this.#begin();
    if (this.picture) this.#place();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.dragging || this.#end(), SETTLE_MS);
  }

  #begin() {
    const { network, isLarge } = this.drawing;
    if (this.picture || this.painted === null || !isLarge) return;
    const { frame } = network.canvas;
    const seen = frame.canvas;
    this.picture = seen.ownerDocument.createElement("canvas");
    this.picture.className = "glide";
    Object.assign(this.picture, { width: seen.width, height: seen.height });
    this.from = this.painted;
    this.picture.getContext("2d").drawImage(seen, 0, 0);
    frame.append(this.picture);
    frame.classList.add("gliding");
    network.body.emitter.emit("_blockRedraw");
  }

  #place() {
    const { x, y, scale } = this.#view();
    const grown = scale / this.from.scale;
    const [left, top] = [x - grown * this.from.x, y - grown * this.from.y];
    const { clientWidth, clientHeight } = this.picture;
    const bare = Math.max(uncovered(left / clientWidth, grown), uncovered(top / clientHeight, grown));
    if (bare > MOST_BARE || grown > COARSE) return this.#again();
    this.picture.style.transform = `translate(${left}px, ${top}px) scale(${grown})`;
  }

  #again() {
    this.#end();
    this.#begin();
  }

  #end() {
    if (!this.picture || !this.drawing.network) return;
    const { body, canvas } = this.drawing.network;
    body.emitter.emit("_allowRedraw");
    body.emitter.emit("_redraw"); // at once, so that nothing flickers
    canvas.frame.classList.remove("gliding");
    this.picture.remove();
    this.picture = null;
  }

  #view() {
    const { scale, translation } = this.drawing.network.body.view;
    return { ...translation, scale };
  }
}

/* Share of the frame that a picture does not cover which begins at `start` and is `size` long, both in frames. */
function uncovered(start, size) {
  return 1 - Math.max(Math.min(start + size, 1) - Math.max(start, 0), 0);
}
