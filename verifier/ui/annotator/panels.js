// What stands around the text: the bar of labels, what was refused, and the help.

import { button, element, shortened } from "./dom.js";
import { SHORTCUTS } from "./keyboard.js";

/** Labels with a button of their own; the others are in the list of all. */
const BUTTONS = 12;

/** The labels of the codebook in use, the choice of codebook, and whether everything is saved. */
export class Bar {
  /** @param {{onLabel: (label: object) => void, onCodebook: (number: number) => void, onPalette: () => void, onHelp: () => void}} events */
  constructor(events) {
    this.events = events;
    this.status = element("span", { class: "cva-status", role: "status" });
    this.hint = element("span", { class: "cva-small" });
    this.choice = element("select", {
      class: "cva-field",
      "aria-label": "Codebook",
      onchange: () => events.onCodebook(this.choice.selectedIndex),
    });
    this.labels = element("div", {
      class: "cva-labels",
      role: "toolbar",
      "aria-label": "Labels",
      onkeydown: (event) => this.#key(event),
    });
    this.root = element(
      "div",
      { class: "cva-bar" },
      element(
        "div",
        { class: "cva-row" },
        this.choice,
        button({ class: "cva-button", onclick: events.onPalette }, "All labels ", element("kbd", {}, "/")),
        button(
          { class: "cva-button", "aria-label": "Keyboard shortcuts", onclick: events.onHelp },
          "Keys ",
          element("kbd", {}, "?"),
        ),
        this.hint,
        this.status,
      ),
      this.labels,
    );
  }

  /**
   * @param {object[]} codebooks
   * @param {number} used number of the codebook in use
   * @param {boolean} readonly
   */
  show(codebooks, used, readonly) {
    this.choice.replaceChildren(...codebooks.map((codebook) => element("option", {}, codebook.title)));
    this.choice.selectedIndex = used;
    this.choice.hidden = codebooks.length < 2;
    const labels = codebooks[used]?.labels ?? [];
    this.labels.replaceChildren(
      ...labels.slice(0, BUTTONS).map((label, number) => {
        const key = label.key || (number < 9 ? String(number + 1) : "");
        const made = button(
          {
            class: "cva-label",
            title: label.definition,
            tabindex: number ? -1 : 0,
            disabled: readonly,
            "aria-keyshortcuts": key || null,
            onclick: () => this.events.onLabel(label),
          },
          ...(key ? [element("kbd", {}, key), " "] : []),
          label.name,
        );
        made.style.setProperty("--cva-colour", label.colour || "currentColor");
        return made;
      }),
    );
  }

  /**
   * @param {number} unsaved
   * @param {boolean} kept whether the browser could keep a copy of them
   */
  showUnsaved(unsaved, kept) {
    const said = unsaved ? `${unsaved} unsaved${kept ? "" : ", kept in this tab only"}` : "Saved";
    if (this.status.textContent !== said) this.status.textContent = said; // said aloud on each change
    this.status.classList.toggle("cva-unsaved", unsaved > 0);
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const buttons = [...this.labels.children];
    const at = buttons.indexOf(event.target);
    if (!step || at < 0) return;
    const next = buttons[(at + step + buttons.length) % buttons.length];
    buttons[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}

/** What the server has refused, each with its reason, until it has been read. */
export class Refusals {
  /** @param {{onDismiss: (opId: string) => void}} events */
  constructor({ onDismiss }) {
    this.onDismiss = onDismiss;
    this.root = element("div", { class: "cva-refusals", role: "alert", hidden: true });
  }

  /**
   * @param {{op: object, reason: string}[]} rejected
   * @param {(op: object) => string} nameOf
   */
  show(rejected, nameOf) {
    const shown = rejected.map((item) => item.op.op_id).join(" ");
    if (shown === this.shown) return;
    this.shown = shown;
    this.root.hidden = !rejected.length;
    const kinds = { add: "Not added", change: "Not changed", withdraw: "Not withdrawn" };
    this.root.replaceChildren(
      ...rejected.map(({ op, reason }) =>
        element(
          "div",
          { class: "cva-refusal" },
          element("strong", {}, `${kinds[op.kind] ?? "Not done"}: `),
          element("q", { dir: "auto" }, shortened(op.quote || "")),
          ` as ${nameOf(op)}. `,
          reason || "The server gave no reason.",
          " ",
          ...[op.note && `Note: ${op.note} `, op.target && `About: ${op.target} `].filter(Boolean),
          button({ class: "cva-button", onclick: () => this.onDismiss(op.op_id) }, "Dismiss"),
        ),
      ),
    );
  }
}

/** The list of keys. */
export class Help {
  /** @param {{onClose: () => void}} events */
  constructor({ onClose }) {
    this.root = element(
      "div",
      { class: "cva-help", role: "dialog", "aria-label": "Keyboard shortcuts", hidden: true },
      element("dl", {}, ...SHORTCUTS.flatMap(([keys, what]) => [element("dt", {}, keys), element("dd", {}, what)])),
      button({ class: "cva-button", onclick: onClose }, "Close"),
    );
  }

  /** @returns {boolean} whether it is shown now */
  toggle() {
    this.root.hidden = !this.root.hidden;
    return !this.root.hidden;
  }
}
