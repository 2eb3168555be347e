/* Operations on their way to Python. The whole outbox is one persistent state value: a trigger would lose all
 * but the last of several operations in one tick. Python applies what lies above its acknowledged number once
 * and sends that number back; only then is an operation dropped here. */

const PATIENCE_MS = 4000; // after which what was not acknowledged is sent again, doubled each time
const MOST_PATIENCE_MS = 32000;

export class Outbox {
  constructor() {
    this.attempt = 0;
    this.client = [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join("");
    this.sequence = 0;
    this.operations = [];
    this.revision = null; // the document that this client holds, against which Python may send changes only
    this.publish = () => {};
    this.scheduled = false;
  }

  push(operation) {
    this.sequence += 1;
    this.operations.push({ seq: this.sequence, ...operation });
    this.send();
  }

  /* Sends once per tick, however many operations the tick brings. */
  send() {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.publish({ client: this.client, revision: this.revision, attempt: this.attempt, ops: this.operations });
      this.#wait();
    });
  }

  acknowledge({ client, seq }) {
    if (client !== this.client) return;
    const before = this.operations.length;
    this.operations = this.operations.filter((operation) => operation.seq > seq);
    if (this.operations.length < before) this.attempt = 0;
    if (!this.operations.length) this.close();
  }

  close() {
    clearTimeout(this.waiting);
  }

  /* A server that died and came back takes no message until its first run is over, and nobody tells when. */
  #wait() {
    this.close();
    if (!this.operations.length) return;
    this.waiting = setTimeout(() => {
      this.attempt += 1;
      this.send();
    }, Math.min(PATIENCE_MS * 2 ** this.attempt, MOST_PATIENCE_MS));
  }

  /* Names of the boxes whose new place Python has not confirmed yet. */
  get moving() {
    const moves = this.operations.filter(({ kind }) => kind === "move");
    return new Set(moves.flatMap(({ places }) => places.map(([name]) => name)));
  }

  waitsFor(kind) {
    return this.operations.some((operation) => operation.kind === kind);
  }
}

/* Documents by revision, so that Python can say "this revision is that one with these changes". */
export class Documents {
  constructor(limit = 8) {
    this.limit = limit;
    this.known = new Map();
  }

  /* The full document that a message describes, or null when the one it builds on is not here. */
  resolve({ revision, base, document }) {
    const full = this.known.get(revision) ?? (base === null ? document : patch(this.known.get(base), document));
    if (!full) return null;
    this.known.delete(revision);
    this.known.set(revision, full);
    for (const oldest of [...this.known.keys()].slice(0, -this.limit)) this.known.delete(oldest);
    return full;
  }
}

function patch(base, changes) {
  if (!base) return null;
  return { ...base, ...changes.fields, nodes: merge(base.nodes, changes.nodes), edges: merge(base.edges, changes.edges) };
}

function merge(before, { items, removed }) {
  const known = new Map([...before, ...items].map((item) => [item.id, item]));
  for (const id of removed) known.delete(id);
  return [...known.values()];
}
