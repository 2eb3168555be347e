/* The exported page's own part: shows the document in the page with the classes of drawing.js and glide.js, which
 * stand above in the same module, and ties the table's rows to the arrows. */

const full = JSON.parse(document.getElementById("document").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
const canvas = document.getElementById("canvas");
const chosen = document.getElementById("chosen");
const rows = new Map([...document.querySelectorAll("tr[data-edge]")].map((row) => [row.dataset.edge, row]));

function look() {
  const style = getComputedStyle(document.documentElement);
  return { dark: dark.matches, font: style.fontFamily, paper: style.backgroundColor };
}

function dress() {
  for (const name of ["ink", "paper", "quiet", "selected"]) canvas.style.setProperty(`--drawing-${name}`, drawing.palette[name]);
  canvas.style.setProperty("--drawing-line", drawing.palette.quiet);
  document.getElementById("legend").replaceChildren(legend(full, dark.matches));
  document.getElementById("legend").style.setProperty("--drawing-quiet", drawing.palette.quiet);
}

function select(id) {
  drawing.select(id === undefined ? [] : [id]);
  for (const [edge, row] of rows) row.setAttribute("aria-selected", String(edge === id));
  const mark = drawing.edge(id) ?? drawing.node(id);
  chosen.textContent = mark ? mark.title.split("\n").join("  ·  ") : "Click an arrow, a box or a row.";
}

const drawing = new Drawing(canvas, globalThis.vis, look());
drawing.show(full);
new Glide(drawing);
dress();
select(full.selected[0]);
drawing.network.on("click", ({ pointer }) => {
  const { node, edge } = drawing.at(pointer.DOM);
  select(node ?? edge);
});
for (const [edge, row] of rows) {
  row.addEventListener("click", () => select(edge));
  row.addEventListener("keydown", (event) => event.key === "Enter" && select(edge));
}
dark.addEventListener("change", () => {
  drawing.restyle(look());
  dress();
});
