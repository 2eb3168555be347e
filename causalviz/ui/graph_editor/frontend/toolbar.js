/* The commands: one list for buttons and keys, so that neither can do what the other cannot. */

const COMMANDS = [
  { name: "add", label: "Add edge", key: "e", icon: "M5 12h9M11 8l4 4-4 4M19 7v10", wide: true },
  null,
  { name: "accept", label: "Accept", key: "a", icon: "M5 12.5l4.5 4.5L19 7.5", needs: "edge" },
  { name: "reject", label: "Reject", key: "x", icon: "M6.5 6.5l11 11M17.5 6.5l-11 11", needs: "edge" },
  { name: "reverse", label: "Reverse", key: "r", icon: "M4 9h14l-4-4M20 15H6l4 4", needs: "edge" },
  { name: "delete", label: "Delete", key: "Delete", icon: "M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12M10.5 10.5v5.5M13.5 10.5v5.5", needs: "edge" },
  null,
  { name: "undo", label: "Undo", key: "Ctrl+Z", icon: "M8 5L4 9l4 4M4 9h10a5 5 0 0 1 0 10h-4", needs: "undo" },
  { name: "redo", label: "Redo", key: "Ctrl+Shift+Z", icon: "M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h4", needs: "redo" },
  null,
  { name: "closer", label: "Zoom in", key: "+", icon: "M12 6v12M6 12h12" },
  { name: "farther", label: "Zoom out", key: "-", icon: "M6 12h12" },
  { name: "fit", label: "Fit", key: "f", icon: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" },
];

export function toolbar(run) {
  const bar = document.createElement("div");
  bar.className = "toolbar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Graph commands");
  for (const command of COMMANDS) bar.append(command ? button(command, run) : separator());
  return bar;
}

/* Enables what can be done now; `able` holds "edge", "undo", "redo". */
export function refresh(bar, able, adding) {
  for (const control of bar.querySelectorAll("button")) {
    const { needs } = COMMANDS.find((command) => command?.name === control.dataset.command);
    control.disabled = Boolean(needs) && !able.has(needs);
    if (control.dataset.command === "add") control.setAttribute("aria-pressed", String(adding));
  }
}

/* The command that a key press means, or undefined. */
export function commandOf(event) {
  const held = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (held && key === "z") return event.shiftKey ? "redo" : "undo";
  if (held && key === "y") return "redo";
  if (held || event.altKey) return undefined;
  if (key === "Escape") return "escape";
  if (key === "Backspace") return "delete";
  if (key === "=") return "closer";
  return COMMANDS.find((command) => command?.key === key)?.name;
}

function button({ name, label, key, icon, wide }, run) {
  const made = document.createElement("button");
  made.type = "button";
  made.dataset.command = name;
  made.title = `${label} (${key.length === 1 ? key.toUpperCase() : key})`;
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
