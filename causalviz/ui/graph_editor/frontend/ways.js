/* What belongs together in the drawn graph: the surroundings of a behaviour, and the ways between two. Pure functions
 * of the document's edges; denied edges and other layers are no ways. */

export function causalEdges(edges) {
  return edges.filter((edge) => !edge.dashes && !edge.layer);
}

/* Ids of one behaviour, its causes and its consequences up to `depth` steps, and of the edges on the way. */
export function around(edges, centre, depth) {
  const near = new Set([centre]);
  for (const [here, there] of [["from", "to"], ["to", "from"]]) {
    let ring = new Set([centre]);
    for (let step = 0; step < depth && ring.size; step += 1) {
      const next = new Set();
      for (const edge of edges) {
        if (!ring.has(edge[here])) continue;
        near.add(edge.id);
        if (!near.has(edge[there])) next.add(edge[there]);
        near.add(edge[there]);
      }
      ring = next;
    }
  }
  return near;
}

/* Ids of all behaviours and edges on ways from one behaviour to another; empty where there is none. */
export function between(edges, start, end) {
  const forth = reached(edges, start, "from", "to");
  const back = reached(edges, end, "to", "from");
  if (!forth.has(end)) return new Set();
  const on = edges.filter((edge) => forth.has(edge.from) && back.has(edge.to) && edge.to !== start && edge.from !== end);
  return new Set([start, end, ...on.flatMap((edge) => [edge.id, edge.from, edge.to])]);
}

function reached(edges, start, here, there) {
  const known = new Set([start]);
  const waiting = [start];
  while (waiting.length) {
    const node = waiting.pop();
    for (const edge of edges) {
      if (edge[here] !== node || known.has(edge[there])) continue;
      known.add(edge[there]);
      waiting.push(edge[there]);
    }
  }
  return known;
}
