// The list of all labels of all codebooks, filtered by typing, with definition and examples of the one in view.

import { button, element } from "./dom.js";

/** Examples shown of a label; more would push the list off the screen. */
const EXAMPLES_SHOWN = 3;

/**
 * Find labels whose name, group or codebook holds every word of a query, those first whose name begins with it; a definition counts
 * where nothing else fits.
 *
 * @param {{id: string, title: string, labels: {id: string, name: string, group: string, definition: string}[]}[]} codebooks
 * @param {string} query
 * @returns {{codebook: object, label: object}[]}
 */
export function filtered(codebooks, query) {
  const words = plain(query).split(" ").filter(Boolean);
  const all = codebooks.flatMap((codebook) => codebook.labels.map((label) => ({ codebook, label })));
  if (!words.length) return all;
  const ranked = [];
  for (const item of all) {
    const name = plain(item.label.name);
    const near = plain(`${item.label.name} ${item.label.id} ${item.label.group ?? ""} ${item.codebook.title}`);
    const far = `${near} ${plain(item.label.definition ?? "")}`;
    const rank = name.startsWith(words.join(" "))
      ? 0
      : words.every((word) => name.includes(word))
        ? 1
        : words.every((word) => near.includes(word))
          ? 2
          : words.every((word) => far.includes(word))
            ? 3
            : -1;
    if (rank >= 0) ranked.push({ rank, item });
  }
  return ranked.sort((one, other) => one.rank - other.rank).map(({ item }) => item);
}

/** Lower case without accents and runs of white space, for comparing. */
function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/\s+/g, " ").trim().toLowerCase();
}

/** The palette on screen: a field with the role combobox that steers a list box. */
export class Palette {
  /** @param {{onPick: (codebook: object, label: object) => void, onClose: () => void}} events */
  constructor({ onPick, onClose }) {
    this.onPick = onPick;
    this.onClose = onClose;
    this.codebooks = [];
    this.found = [];
    this.active = 0;
    this.field = element("input", {
      type: "text",
      class: "cva-field",
      role: "combobox",
      "aria-label": "Filter labels",
      "aria-expanded": "true",
      "aria-autocomplete": "list",
      "aria-controls": "cva-labels",
      placeholder: "Filter labels …",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.#show(0),
      onkeydown: (event) => this.#key(event),
    });
    this.list = element("div", { id: "cva-labels", class: "cva-list", role: "listbox", "aria-label": "Labels" });
    this.about = element("div", { class: "cva-about", "aria-live": "polite" });
    this.heading = element("p", { class: "cva-small" });
    this.root = element(
      "div",
      { class: "cva-palette", role: "dialog", "aria-label": "Choose a label", hidden: true },
      element("div", { class: "cva-row" }, this.field, button({ class: "cva-button", onclick: () => this.close() }, "Close")),
      this.heading,
      element("div", { class: "cva-columns" }, this.list, this.about),
    );
  }

  /** @param {object[]} codebooks */
  set(codebooks) {
    this.codebooks = codebooks;
  }

  /** @param {string} quote what will be labelled; empty for nothing */
  open(quote) {
    this.heading.textContent = quote ? `For “${quote}”` : "Nothing is selected: the labels can be read, not given.";
    this.field.value = "";
    this.root.hidden = false;
    this.#show(0);
    this.field.focus();
  }

  /** Hide it; focus goes back to the text. */
  close() {
    if (this.root.hidden) return;
    this.root.hidden = true;
    this.onClose();
  }

  #key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in steps) this.#show(Math.max(0, Math.min(this.found.length - 1, this.active + steps[event.key])), true);
    else if (event.key === "Enter") this.#pick(this.active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #pick(number) {
    const item = this.found[number];
    if (!item) return;
    this.root.hidden = true;
    this.onPick(item.codebook, item.label);
    this.onClose();
  }

  #show(active, sameList = false) {
    this.active = active;
    if (!sameList) {
      this.found = filtered(this.codebooks, this.field.value);
      let heading = null;
      const options = [];
      this.found.forEach(({ codebook, label }, number) => {
        const title = [codebook.title, label.group].filter(Boolean).join(" – ");
        if (title !== heading) options.push(element("div", { class: "cva-group", role: "presentation" }, (heading = title)));
        const option = element("div", {
          class: "cva-option",
          role: "option",
          id: `cva-label-${number}`,
          onmousedown: (event) => event.preventDefault(),
          onclick: () => this.#pick(number),
        });
        const colour = element("span", { class: "cva-swatch", "aria-hidden": "true" });
        colour.style.backgroundColor = label.colour || "currentColor";
        option.append(colour, label.name, element("kbd", {}, label.key || ""));
        options.push(option);
      });
      if (!options.length) options.push(element("div", { class: "cva-group" }, "No label fits."));
      this.list.replaceChildren(...options);
    }
    for (const option of this.list.querySelectorAll('[role="option"]'))
      option.setAttribute("aria-selected", String(option.id === `cva-label-${active}`));
    const option = this.list.querySelector(`#cva-label-${active}`);
    if (option) {
      this.field.setAttribute("aria-activedescendant", option.id);
      const top = option.offsetTop - this.list.offsetTop;
      if (top < this.list.scrollTop + 24) this.list.scrollTop = top - 24;
      else if (top + option.offsetHeight > this.list.scrollTop + this.list.clientHeight)
        this.list.scrollTop = top + option.offsetHeight - this.list.clientHeight;
    } else this.field.removeAttribute("aria-activedescendant");
    this.about.replaceChildren(...aboutLabel(this.found[active]?.label));
  }
}

function aboutLabel(label) {
  if (!label) return [];
  const examples = (title, given, list) =>
    given?.length
      ? [
          element("p", { class: "cva-small" }, title),
          element("ul", { class: list }, ...given.slice(0, EXAMPLES_SHOWN).map((one) => element("li", { dir: "auto" }, one))),
        ]
      : [];
  return [
    element("p", { class: "cva-name" }, label.name),
    element("p", {}, label.definition || "No definition is given."),
    ...examples("For example", label.examples, "cva-examples"),
    ...examples("Not", label.counter_examples, "cva-examples"),
  ];
}
