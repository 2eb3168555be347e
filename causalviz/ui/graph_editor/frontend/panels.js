/* What opens over the drawing: the context menu, the sheet of keys, a line to type into, the finder. Each closes on
 * Escape and gives the focus back to the drawing. Names only ever become textContent and values. */

import { element } from "../causalviz.drawing/drawing.js";
import { COMMANDS, keyText } from "./toolbar.js";

const GESTURES = [
  ["Drag from the dot of a box", "add an edge"],
  ["Drag an end of the chosen edge", "give it another cause or effect"],
  ["Ctrl + click", "choose several"],
  ["Shift + drag", "choose all boxes in a frame"],
  ["Choose two boxes", "show the ways between them"],
  ["Double click on the paper", "add a behaviour there"],
  ["Right click", "commands for what is under the pointer"],
];
const MOST_FOUND = 8;

/* The commands for what was clicked; `able` says which of them can be done now. */
export function openMenu(stage, point, context, able, run) {
  const menu = element("div", "menu");
  menu.setAttribute("role", "menu");
  for (const command of COMMANDS.filter((candidate) => candidate?.on?.includes(context))) {
    const item = element("button", "", command.label);
    item.type = "button";
    item.setAttribute("role", "menuitem");
    item.disabled = Boolean(command.needs) && !able.has(command.needs);
    item.append(element("kbd", "", keyText(command.key)));
    item.addEventListener("click", () => {
      close();
      run(command.name);
    });
    menu.append(item);
  }
  const close = opened(stage, menu);
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = [...menu.querySelectorAll("button:enabled")];
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
  });
  menu.style.left = `${Math.min(point.x, stage.clientWidth - menu.offsetWidth - 8)}px`;
  menu.style.top = `${Math.min(point.y, stage.clientHeight - menu.offsetHeight - 8)}px`;
  menu.querySelector("button:enabled")?.focus();
}

export function openSheet(stage) {
  const sheet = element("div", "sheet");
  sheet.setAttribute("role", "dialog");
  sheet.setAttribute("aria-label", "Keys and gestures");
  const keys = element("dl");
  for (const { label, key } of COMMANDS.filter(Boolean)) keys.append(term(keyText(key)), element("dd", "", label));
  keys.append(term("Esc"), element("dd", "", "Leave a mode, then choose nothing"));
  const gestures = element("dl");
  for (const [gesture, meaning] of GESTURES) gestures.append(element("dt", "", gesture), element("dd", "", meaning));
  const shut = element("button", "", "Close");
  shut.type = "button";
  sheet.append(keys, gestures, shut);
  const close = opened(stage, sheet);
  shut.addEventListener("click", close);
  shut.focus();
}

/* A line to type into; `done` gets what was typed, trimmed and not empty unless `mayBeEmpty`. */
export function ask(stage, { label, value = "", most = 200, mayBeEmpty = false }, done) {
  const form = element("form", "ask");
  const caption = element("label", "", label);
  const input = element("input");
  input.value = value;
  input.maxLength = most;
  const keep = element("button", "", "Keep");
  caption.append(input);
  form.append(caption, keep);
  const close = opened(stage, form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    close();
    if (text || mayBeEmpty) done(text);
  });
  input.focus();
  input.select();
}

/* Finds a behaviour by a part of its name; `nodes` are the document's. */
export function openFinder(stage, nodes, chosen) {
  const finder = element("div", "ask finder");
  const caption = element("label", "", "Find a behaviour");
  const input = element("input");
  const found = element("div", "found");
  found.setAttribute("role", "listbox");
  caption.append(input);
  finder.append(caption, found);
  const close = opened(stage, finder);
  const sorted = [...nodes].sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
  let at = 0;
  const list = () => {
    const wanted = input.value.trim().toLocaleLowerCase();
    const begins = (node) => node.name.toLocaleLowerCase().startsWith(wanted);
    const holds = sorted.filter((node) => node.name.toLocaleLowerCase().includes(wanted));
    const fits = [...holds.filter(begins), ...holds.filter((node) => !begins(node))];
    at = Math.min(at, Math.max(Math.min(fits.length, MOST_FOUND) - 1, 0));
    const shown = fits.slice(0, MOST_FOUND).map((node, row) => {
      const item = element("button", "", node.name);
      item.type = "button";
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(row === at));
      item.addEventListener("click", () => take(node));
      return item;
    });
    if (!shown.length) shown.push(element("span", "", "No behaviour has that in its name."));
    else if (fits.length > MOST_FOUND) shown.push(element("span", "", `and ${fits.length - MOST_FOUND} more`));
    found.replaceChildren(...shown);
    return fits;
  };
  const take = (node) => {
    close();
    if (node) chosen(node);
  };
  input.addEventListener("input", () => ((at = 0), list()));
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      at = Math.max(at + step, 0);
      list();
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(list()[at]);
    }
  });
  list();
  input.focus();
}

/* Puts a panel on the stage, alone; returns what closes it. */
function opened(stage, panel) {
  stage.querySelectorAll(".menu, .sheet, .ask").forEach((other) => other.remove());
  panel.tabIndex = -1;
  const outside = (event) => event.composedPath().includes(panel) || close(); // the target is hidden by the shadow root
  const close = () => {
    panel.remove();
    document.removeEventListener("pointerdown", outside, true);
    stage.focus({ preventScroll: true });
  };
  panel.addEventListener("keydown", (event) => {
    event.stopPropagation(); // keys belong to the panel while it is open
    if (event.key === "Escape") close();
  });
  for (const kind of ["pointerdown", "dblclick", "contextmenu", "wheel"]) panel.addEventListener(kind, (event) => event.stopPropagation());
  stage.append(panel);
  setTimeout(() => panel.isConnected && document.addEventListener("pointerdown", outside, true));
  return close;
}

function term(text) {
  const made = element("dt");
  made.append(element("kbd", "", text));
  return made;
}
