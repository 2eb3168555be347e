/* The commands: one list for buttons, keys, the context menu and the sheet of keys, so that none can do what the
 * others cannot. `needs` names what must be there: "edge" or "node" (one or more chosen), "nodes" (two or more),
 * "undo", "redo". `on` says in which context menus a command stands. */

export const COMMANDS = [
  { name: "add", label: "Add edge", key: "e", icon: "M5 12h9M11 8l4 4-4 4M19 7v10", wide: true, on: ["node", "canvas"] },
  { name: "assume", label: "Add a behaviour", key: "b", icon: "M4 7h12v10H4zM19 4v6M16 7h6", on: ["canvas"] },
  null,
  { name: "accept", label: "Accept", key: "a", icon: "M5 12.5l4.5 4.5L19 7.5", needs: "edge", on: ["edge"] },
  { name: "reject", label: "Reject", key: "x", icon: "M6.5 6.5l11 11M17.5 6.5l-11 11", needs: "edge", on: ["edge"] },
  { name: "reverse", label: "Reverse", key: "r", icon: "M4 9h14l-4-4M20 15H6l4 4", needs: "edge", on: ["edge"] },
  { name: "delete", label: "Delete", key: "Delete", icon: "M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12M10.5 10.5v5.5M13.5 10.5v5.5", needs: "edge", on: ["edge"] },
  { name: "note", label: "Note", key: "n", icon: "M5 4h14v11l-5 5H5zM14 20v-5h5M8.5 8.5h7M8.5 12h5", needs: "one", on: ["edge", "node"] },
  null,
  { name: "undo", label: "Undo", key: "Ctrl+Z", icon: "M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10h-4", needs: "undo" },
  { name: "redo", label: "Redo", key: "Ctrl+Shift+Z", icon: "M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h4", needs: "redo" },
  null,
  { name: "find", label: "Find a behaviour", key: "/", icon: "M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5" },
  { name: "focus", label: "Focus: causes and consequences", key: "g", icon: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM12 3v3M12 18v3M3 12h3M18 12h3", needs: "node", on: ["node"] },
  { name: "hide", label: "Hide", key: "h", needs: "node", on: ["node"] },
  { name: "rename", label: "Rename", key: "F2", needs: "node", on: ["node"] },
  { name: "merge", label: "Merge into one", key: "m", needs: "nodes", on: ["node"] },
  null,
  { name: "closer", label: "Zoom in", key: "+", icon: "M12 6v12M6 12h12" },
  { name: "farther", label: "Zoom out", key: "-", icon: "M6 12h12" },
  { name: "fit", label: "Fit", key: "f", icon: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5", on: ["canvas"] },
  { name: "picture", label: "Save as a picture (PNG)", key: "p", icon: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01", on: ["canvas"] },
  { name: "keys", label: "Keys and gestures", key: "?", icon: "M9 9a3 3 0 1 1 4.2 2.7c-.8.4-1.2 1-1.2 1.8M12 17h.01" },
];

export function toolbar(run) {
  const bar = document.createElement("div");
  bar.className = "toolbar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Graph commands");
  for (const command of COMMANDS) {
    if (command === null) bar.append(separator());
    else if (command.icon) bar.append(button(command, run));
  }
  return bar;
}

/* Enables what can be done now; `able` holds what `needs` may name, `pressed` the modes that are on. */
export function refresh(bar, able, pressed) {
  for (const control of bar.querySelectorAll("button")) {
    const { name, needs } = COMMANDS.find((command) => command?.name === control.dataset.command);
    control.disabled = Boolean(needs) && !able.has(needs);
    if (name === "add" || name === "focus") control.setAttribute("aria-pressed", String(pressed.has(name)));
  }
}

/* The command that a key press means, or undefined. */
export function commandOf(event) {
  const held = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (held && key === "z") return event.shiftKey ? "redo" : "undo";
  if (held && key === "y") return "redo";
  if (held && key === "f") return "find";
  if (held || event.altKey) return undefined;
  if (key === "Escape") return "escape";
  if (key === "Backspace") return "delete";
  if (key === "=") return "closer";
  return COMMANDS.find((command) => command?.key === key)?.name;
}

export function keyText(key) {
  return key.length === 1 ? key.toUpperCase() : key;
}

function button({ name, label, key, icon, wide }, run) {
  const made = document.createElement("button");
  made.type = "button";
  made.dataset.command = name;
  made.title = `${label} (${keyText(key)})`;
  made.setAttribute("aria-label", label);
  made.append(drawn(icon));
  if (wide) made.append(label);
  made.addEventListener("click", () => run(name));
  return made;
}

function drawn(path) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  picture.append(line);
  return picture;
}

function separator() {
  const made = document.createElement("span");
  made.className = "separator";
  return made;
}
