/* Draws the document of causalviz/plots/network.py with vis-network: the same code in the live editor and in
 * the exported page. A Drawing owns one vis.Network and diffs every new document into it, so that nothing
 * flickers, jumps or loses its place. Names only ever reach the canvas or textContent, never markup. */

const PILL_HEIGHT = 20;
const BASE_FONT = 12.5;
const STEPS = 32; // along an arrow, to find the place of its label
const MOST_LABELLED = 80; // bright items, of which all arrows have their labels
const FADED = 0.13; // opacity
const MANY = 0.3; // opacity of each of so many arrows that they would make one dark plain
const LEGIBLE = 0.6; // scale; below it the names in boxes are too small to read
const MOST_NAMED = 40; // boxes whose names are then written larger over them
const NAME_FONT = 13; // px of the screen
const LARGE = 300; // edges; fewer are painted within a frame of the screen
const MEANINGS = {
  follows: "often follows, no cause", causal: "causal path", biasing: "biasing path",
  added: "added", removed: "removed", changed: "changed",
};

export class Drawing {
  /* `look` is {dark, font, paper}: which palette, the canvas font, and the background behind the drawing. */
  constructor(container, vis, look) {
    this.container = container;
    this.vis = vis;
    this.look = look;
    this.lookNumber = 0; // of the palettes so far
    this.document = null;
    this.nodes = new vis.DataSet();
    this.edges = new vis.DataSet();
    this.drawn = { nodes: new Map(), edges: new Map() }; // id -> {item, style, text, look}: what vis last got
    this.network = null;
    this.hovered = null;
    this.bright = null; // Set of ids that stay bright while all others fade, or null
    this.selected = [];
    this.pills = []; // {id, x, y, width, height}: where the labels stand, in canvas coordinates
  }

  /* Shows a document; `held` are names of boxes that the user is moving and that must stay where they are. What looks
   * as before is not painted again. */
  show(document, held = new Set()) {
    const seen = this.#seen();
    this.document = document;
    this.known = new Map([...document.nodes, ...document.edges].map((item) => [item.id, item]));
    this.stressed = document.emphasis.length ? new Set(document.emphasis) : null;
    this.selected = document.selected;
    const paints = this.network?.renderer.allowRedraw; // what glides is not painted before it rests
    if (paints) this.network.body.emitter.emit("_blockRedraw"); // vis-network would paint each change by itself
    const boxes = this.#diff("nodes", document.nodes, (node) => this.#box(node), held);
    const arrows = this.#diff("edges", document.edges, (edge) => this.#arrow(edge));
    if (this.network === null) this.#mount();
    this.#applySelection();
    if (paints) this.network.body.emitter.emit("_allowRedraw");
    if (boxes || arrows || this.#seen() !== seen) this.network.redraw();
  }

  /* What is painted beside the items. */
  #seen() {
    return JSON.stringify([this.selected, this.document?.labelled, [...(this.bright ?? this.stressed ?? [])]]);
  }

  restyle(look) {
    if (JSON.stringify(look) === JSON.stringify(this.look)) return;
    this.look = look;
    this.lookNumber += 1;
    if (this.document) this.show(this.document);
  }

  get palette() {
    const { dark, paper } = this.look;
    const palette = this.document.palettes[dark ? "dark" : "light"];
    return paper ? { ...palette, paper } : palette;
  }

  /* Whether it takes longer to paint than a frame of the screen lasts. */
  get isLarge() {
    return (this.document?.edges.length ?? 0) > LARGE;
  }

  node(id) {
    return "x" in (this.known.get(id) ?? {}) ? this.known.get(id) : undefined;
  }

  edge(id) {
    return "from" in (this.known.get(id) ?? {}) ? this.known.get(id) : undefined;
  }

  named(name) {
    return this.document.nodes.find((node) => node.name === name);
  }

  /* Lets all but some items fade; null makes everything bright again. */
  emphasise(bright) {
    if (this.bright === bright || (this.bright?.size === bright?.size && [...(bright ?? [])].every((id) => this.bright.has(id)))) return;
    this.bright = bright;
    this.show({ ...this.document, selected: this.selected });
  }

  fades(id) {
    const bright = this.bright ?? this.stressed;
    if (bright === null || bright.has(id)) return false;
    return this.bright !== null || "from" in this.known.get(id); // a reading fades arrows only
  }

  /* The element under a point of the container: {edge}, {node} or {}; labels belong to their arrows. */
  at(point) {
    const node = this.network.getNodeAt(point);
    if (node !== undefined) return { node };
    const { x, y } = this.network.DOMtoCanvas(point);
    const pill = this.pills.find((p) => Math.abs(p.x - x) <= p.width / 2 && Math.abs(p.y - y) <= p.height / 2);
    if (pill) return { edge: pill.id };
    const edge = this.network.getEdgeAt(point);
    return edge === undefined ? {} : { edge };
  }

  /* Where an arrow's label stands, in canvas coordinates: on the arrow as it is drawn, which ends at its tip, at the
   * point nearest to the one that Python chose on the way from middle to middle. */
  labelPoint({ id, text_at: at }) {
    const { from, to, edgeType } = this.network.body.edges[id];
    const via = edgeType.getViaNode?.() ?? { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
    const along = (axis) => (1 - at) ** 2 * from[axis] + 2 * at * (1 - at) * via[axis] + at ** 2 * to[axis];
    const chosen = { x: along("x"), y: along("y") };
    const away = ({ x, y }) => Math.hypot(x - chosen.x, y - chosen.y);
    const drawn = Array.from({ length: STEPS + 1 }, (_, step) => edgeType.getPoint(step / STEPS));
    return drawn.reduce((nearest, point) => (away(point) < away(nearest) ? point : nearest));
  }

  select(ids) {
    this.selected = ids;
    this.#applySelection();
    this.network.redraw();
  }

  /* Takes the tooltip away; vis-network leaves it standing when the pointer goes out of the drawing. */
  hush() {
    const hover = this.network.interactionHandler;
    clearTimeout(hover.popupTimer);
    hover.popupTimer = undefined;
    hover.popup?.hide();
    hover.popupObj = undefined;
  }

  /* Fits all boxes into the container, never larger than life. */
  fit(animated = false) {
    if (this.nodes.length === 0 || this.container.clientWidth === 0) return;
    this.network.fit({ maxZoomLevel: 1.15, animation: animated && this.#animation(250) });
  }

  /* Whether the middles of all these boxes are in view. */
  shows(nodes) {
    const { clientWidth, clientHeight } = this.container;
    const places = Object.values(this.network.getPositions(nodes)).map((place) => this.network.canvasToDOM(place));
    return places.every(({ x, y }) => x > 0 && y > 0 && x < clientWidth && y < clientHeight);
  }

  /* Brings items into view, if any of their boxes is out of it. */
  reveal(ids) {
    const nodes = ids.filter((id) => this.node(id));
    if (this.shows(nodes)) return;
    this.network.fit({ nodes, maxZoomLevel: 1.15, animation: this.#animation(250) });
  }

  zoom(factor) {
    this.network.moveTo({ scale: this.network.getScale() * factor, animation: this.#animation(150) });
  }

  destroy() {
    this.network?.destroy();
    this.network = null;
  }

  #animation(duration) {
    return !this.isLarge && { duration, easingFunction: "easeInOutQuad" };
  }

  #mount() {
    const data = { nodes: this.nodes, edges: this.edges };
    this.network = new this.vis.Network(this.container, data, { ...this.document.options, autoResize: true });
    this.network.on("afterDrawing", (context) => {
      this.#labels(context);
      this.#names(context);
    });
    this.network.on("hoverEdge", ({ edge }) => this.#hover(edge));
    this.network.on("blurEdge", () => this.#hover(null));
    this.container.addEventListener("pointerleave", () => this.network && this.hush());
    this.fit();
  }

  #hover(edge) {
    this.hovered = edge;
    this.network.redraw();
  }

  #applySelection() {
    const nodes = this.selected.filter((id) => this.nodes.get(id));
    const edges = this.selected.filter((id) => this.edges.get(id));
    this.network.setSelection({ nodes, edges }, { highlightEdges: false });
  }

  /* Tells vis of the items that are different than before; answers whether any looks different. An unchanged document
   * keeps its items, so that most are known by being the same object in the same style. */
  #diff(kind, items, dressed, held = new Set()) {
    const set = this[kind];
    const before = this.drawn[kind];
    const after = new Map();
    const changed = [];
    let repaint = false;
    for (const item of items) {
      const style = this.#style(item.id);
      const known = before.get(item.id);
      if (known?.item === item && known.style === style) {
        after.set(item.id, known);
        continue;
      }
      const mark = dressed(item);
      const text = JSON.stringify(mark);
      const look = JSON.stringify({ ...mark, title: undefined, label: [mark.label, item.text, item.text_at] });
      after.set(item.id, { item, style, text, look });
      repaint ||= known?.look !== look;
      if (known?.text === text) continue;
      if (held.has(item.name)) {
        delete mark.x;
        delete mark.y;
      }
      changed.push(mark);
    }
    this.drawn[kind] = after;
    const gone = set.getIds().filter((id) => !after.has(id));
    set.remove(gone);
    if (changed.length) set.update(changed);
    return repaint || gone.length > 0;
  }

  /* All that an item's look depends on beside the item itself. */
  #style(id) {
    return `${this.lookNumber} ${this.isLarge} ${this.fades(id)} ${this.#opacity(id)}`;
  }

  #box(node) {
    const { palette } = this;
    const border = palette[`kind${node.tone}`];
    const background = palette[`fill${node.tone}`];
    const marked = { border: palette.selected, background };
    return {
      ...node,
      opacity: this.fades(node.id) ? FADED : 1,
      shapeProperties: { ...this.document.options.nodes.shapeProperties, borderDashes: node.assumed ? [6, 4] : false },
      color: { border, background, highlight: marked, hover: { border, background } },
      font: { size: this.document.options.nodes.font.size, face: this.look.font, color: this.fades(node.id) ? `${palette.ink}38` : palette.ink },
    };
  }

  #arrow(edge) {
    const { text, text_at: _place, ...rest } = edge;
    const colour = this.palette[edge.tone];
    return {
      ...rest,
      smooth: edge.smooth || { enabled: false },
      color: { color: colour, highlight: this.palette.selected, hover: colour, inherit: false, opacity: this.#opacity(edge.id) },
      hidden: this.isLarge && this.fades(edge.id), // thousands would cover the rest, faded or not
      dashes: edge.layer ? [1.5, 5] : edge.dashes ? [6, 5] : false,
    };
  }

  #opacity(id) {
    if (this.fades(id)) return FADED;
    return this.isLarge && this.bright === null && !this.document.emphasis.length ? MANY : 1;
  }

  /* Labels are pills on top of the arrows, at the place along the arrow that Python chose. */
  #labels(context) {
    this.pills = [];
    const about = this.bright?.size ?? this.document.emphasis.length;
    const always = this.document.labelled || (about > 0 && about <= MOST_LABELLED);
    const grown = this.document.labelled ? 1 : Math.max(1, LEGIBLE / this.network.getScale());
    context.save();
    context.font = `600 ${BASE_FONT * grown}px ${this.look.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const edge of this.document.edges) {
      const marked = this.selected.includes(edge.id);
      const wanted = marked || this.hovered === edge.id || (always && !this.fades(edge.id));
      if (!edge.text || !wanted) continue;
      if (!this.network.body.edges[edge.id]?.connected) continue;
      const { x, y } = this.labelPoint(edge);
      const pill = { id: edge.id, x, y, width: context.measureText(edge.text).width + 12 * grown, height: PILL_HEIGHT * grown };
      this.#pill(context, edge, pill, marked);
      this.pills.push(pill);
    }
    context.restore();
  }

  /* Where a large drawing is seen as a whole, the few boxes that it is about are named over their places. */
  #names(context) {
    const scale = this.network.getScale();
    const ids = this.#subject();
    if (scale >= LEGIBLE || ids.length > MOST_NAMED) return;
    const { palette } = this;
    context.save();
    context.font = `600 ${NAME_FONT / scale}px ${this.look.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const tags = new Map();
    for (const [id, { x, y }] of Object.entries(this.network.getPositions(ids))) {
      const text = this.node(id).label.replace("\n", " ");
      tags.set(id, { x, y, text, width: context.measureText(text).width + 12 / scale, height: 20 / scale });
    }
    const shown = this.document.edges.filter(({ id, from, to }) => tags.has(from) && tags.has(to) && !this.fades(id));
    for (const edge of shown) this.#tip(context, edge, tags.get(edge.to), scale);
    for (const [id, { x, y, text, width, height }] of tags) {
      const { tone } = this.node(id);
      context.beginPath();
      context.roundRect(x - width / 2, y - height / 2, width, height, 6 / scale);
      context.fillStyle = palette[`fill${tone}`];
      context.strokeStyle = this.selected.includes(id) ? palette.selected : palette[`kind${tone}`];
      context.lineWidth = 1.5 / scale;
      context.fill();
      context.stroke();
      context.fillStyle = palette.ink;
      context.fillText(text, x, y);
    }
    context.restore();
  }

  /* Ids of the boxes that the drawing is about: in focus, on a reading's arrows, or else selected. */
  #subject() {
    if (this.bright !== null) return [...this.bright].filter((id) => this.node(id));
    const read = this.document.emphasis.map((id) => this.edge(id)).filter(Boolean);
    return [...new Set([...read.flatMap(({ from, to }) => [from, to]), ...this.selected.filter((id) => this.node(id))])];
  }

  /* The tip or the bar of an arrow, where it meets the name that covers its box. */
  #tip(context, edge, { x, y, width, height }, scale) {
    const before = this.labelPoint(edge);
    const [dx, dy] = [x - before.x, y - before.y];
    const inside = Math.min(width / 2 / Math.max(Math.abs(dx), 1e-6), height / 2 / Math.max(Math.abs(dy), 1e-6));
    if (inside >= 1) return;
    context.save();
    context.translate(x - dx * inside, y - dy * inside);
    context.rotate(Math.atan2(dy, dx));
    context.scale(1 / scale, 1 / scale);
    context.fillStyle = this.palette[edge.tone];
    context.beginPath();
    if (edge.arrows.to.type === "bar") context.rect(-3, -6, 3, 12);
    else for (const corner of [[0, 0], [-10, -5], [-10, 5]]) context.lineTo(...corner);
    context.fill();
    context.restore();
  }

  #pill(context, edge, { x, y, width, height }, marked) {
    const { palette } = this;
    const colour = marked ? palette.selected : palette[edge.tone];
    context.beginPath();
    context.roundRect(x - width / 2, y - height / 2, width, height, height / 2);
    context.fillStyle = palette.paper;
    context.strokeStyle = colour;
    context.lineWidth = marked ? 2 : 1;
    context.fill();
    context.stroke();
    context.fillStyle = edge.dashes ? palette.quiet : palette.ink;
    context.fillText(edge.text, x, y + 0.5);
  }
}

/* The legend as elements: what colour, width, tip, dashes and badges mean, and the kinds of behaviours. */
export function legend(document, dark) {
  const palette = document.palettes[dark ? "dark" : "light"];
  const list = element("div", "legend");
  const ramp = (name) => [0, 1, 2, 3, 4, 5].map((step) => swatch("step", palette[`${name}${step}`]));
  list.append(
    entry("probability", element("span", "number", "<0.5"), ...ramp("excite"), element("span", "number", "1")),
    entry("inhibits", ...ramp("inhibit").slice(1, 5), element("span", "tip", "⊣")),
    entry("effect size", swatch("line thin", palette.quiet), swatch("line", palette.quiet), swatch("line thick", palette.quiet)),
    entry("rejected", swatch("dashes", palette.rejected)),
    entry("accepted", element("span", "badge", "✓")),
    entry("added", element("span", "badge", "＋")),
  );
  for (const [badge, name] of [["⚑", "required"], ["⊘", "forbidden"]]) {
    if (document.edges.some((edge) => edge.text.startsWith(badge))) list.append(entry(`${name} by a rule`, element("span", "badge", badge)));
  }
  for (const name of document.meanings) {
    const mark = name === "follows" ? "dots" : name === "removed" ? "dashes" : "line";
    list.append(entry(MEANINGS[name], swatch(mark, palette[name])));
  }
  if (document.nodes.some((node) => node.assumed)) list.append(entry("assumed", swatch("assumed", palette.quiet)));
  document.kinds.forEach((kind, tone) => list.append(entry(kind, swatch("kind", palette[`kind${tone}`]))));
  return list;
}

export function element(tag, className, text) {
  const made = globalThis.document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function swatch(className, colour) {
  const made = element("i", className);
  made.style.color = colour;
  return made;
}

function entry(text, ...marks) {
  const made = element("span", "entry");
  made.append(...marks, element("span", "", text));
  return made;
}
