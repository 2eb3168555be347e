/* How the drawing will look once Python has applied the verdicts that are on their way, so that a key's effect is seen
 * at once. Only what is certain is foreseen; Python's next drawing says what stands, and takes back what was refused. */

const BADGES = { accept: "✓", reject: "✕" };
const LOOKS = { accept: { dashes: false }, reject: { dashes: true, tone: "rejected" } };
const TRAVELS = new Set(["undo", "redo"]);

/* A document with the verdicts among the operations; what comes before an undo or a redo is not certain. */
export function foreseen(document, operations) {
  const last = operations.findLastIndex(({ kind }) => TRAVELS.has(kind));
  const coming = new Map();
  for (const { kind, names } of operations.slice(last + 1)) {
    if (!(kind in LOOKS)) continue;
    for (let at = 0; at < names.length; at += 2) coming.set(JSON.stringify(names.slice(at, at + 2)), kind);
  }
  if (!coming.size) return document;
  const name = new Map(document.nodes.map((node) => [node.id, node.name]));
  const ruled = (edge) => {
    const kind = edge.layer ? undefined : coming.get(JSON.stringify([name.get(edge.from), name.get(edge.to)]));
    return kind === undefined ? edge : { ...edge, ...LOOKS[kind], text: `${BADGES[kind]} ${number(edge.text)}`.trim() };
  };
  return { ...document, edges: document.edges.map(ruled) };
}

/* The probability in a label, behind its badge. */
function number(text) {
  return text.match(/[<>]?[0-9.]+$/)?.[0] ?? "";
}
