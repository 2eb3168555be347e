/* Where the visitor looks: centre and zoom of the drawing, kept in this browser by the editor's key, so that another
 * page, a refresh or a new server finds the same part of the graph. It is the visitor's own and no part of the project. */

const PREFIX = "causalviz.viewport.";
const WAIT_MS = 300;

export class Viewport {
  constructor(key) {
    this.key = PREFIX + key;
  }

  /* {x, y, scale}, or null where nothing was kept or the browser keeps nothing. */
  read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.key));
      return kept && [kept.x, kept.y, kept.scale].every(Number.isFinite) && kept.scale > 0 ? kept : null;
    } catch {
      return null;
    }
  }

  keep(network) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#write({ ...network.getViewPosition(), scale: network.getScale() }), WAIT_MS);
  }

  forget() {
    clearTimeout(this.waiting);
    this.#write(null);
  }

  #write(value) {
    try {
      if (value) localStorage.setItem(this.key, JSON.stringify(value));
      else localStorage.removeItem(this.key);
    } catch {
      /* a browser that keeps nothing shows the whole graph each time */
    }
  }
}
