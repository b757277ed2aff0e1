// What a key means, and how the word cursor moves. Pure: events come in, names of commands and places go out.

/** Keys and what they do, as the help shows them. */
export const SHORTCUTS = [
  ["← →", "select the word before or after; with Shift, extend or shrink the selection by a word"],
  ["↑ ↓ or Ctrl+← →", "go to the sentence before or after; with Shift, extend the selection by a sentence"],
  ["Alt+Shift+← →", "extend or shrink the selection by one character"],
  ["1 – 9", "give one of the first nine labels of the codebook"],
  ["the key of a label", "give that label; while words are selected it comes before a command of the same letter"],
  ["/ or Enter", "open the list of all labels, filter by typing"],
  ["[ ]", "codebook before or after"],
  ["n p", "next or previous mark; then also Tab and Shift+Tab"],
  ["s", "next suggestion"],
  ["a x", "accept or reject the suggestion"],
  ["i c", "intensity or confidence: 1, 2, 3, none"],
  ["t e", "write the target or the note"],
  ["Delete", "withdraw your annotation"],
  ["Ctrl+Z", "undo"],
  ["Ctrl+Shift+Z or Ctrl+Y", "redo"],
  ["Esc", "drop the selection; leave a list or a field"],
  ["?", "show or hide this list"],
];

const COMMANDS = {
  n: "next",
  p: "previous",
  s: "next-suggestion",
  a: "accept",
  x: "reject",
  i: "intensity",
  c: "confidence",
  t: "target",
  e: "note",
};
const NAMED = { Delete: "withdraw", Backspace: "withdraw", Escape: "escape" };
const TYPED_INTO = /^(INPUT|TEXTAREA|SELECT)$/;
const PRESSED = /^(BUTTON|A|SUMMARY)$/;

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key goes to a field that is being written in; never take it then
 */
export function isTyping(event) {
  // composedPath, as the target of an event out of a shadow tree is its host
  const target = event.composedPath()[0] ?? event.target;
  return Boolean(event.isComposing || (target && (TYPED_INTO.test(target.tagName) || target.isContentEditable)));
}

/**
 * Read the letter of a key. A Latin letter is what is printed; on other layouts (Cyrillic, Arabic) it is the key in the same place.
 *
 * @param {KeyboardEvent} event
 * @returns {string} a lower-case letter, or empty
 */
export function letterOf(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  if (/^[\x20-\x7e]$/.test(event.key)) return "";
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
}

/**
 * Say what a key means.
 *
 * @param {KeyboardEvent} event
 * @param {{labels: {id: string, key?: string}[], selected: boolean, marked: boolean, rightToLeft: boolean}} context `labels`: of the
 *   codebook in use; `selected`: whether words are; `marked`: whether a mark is in hand
 * @returns {{name: string, [detail: string]: any} | null} null where the key is not ours
 */
export function commandOf(event, { labels, selected, marked, rightToLeft }) {
  if (isTyping(event)) return null;
  const mod = event.ctrlKey || event.metaKey;
  const letter = letterOf(event);
  if (mod && !event.altKey && letter === "z") return { name: event.shiftKey ? "redo" : "undo" };
  if (mod && !event.altKey && !event.shiftKey && letter === "y") return { name: "redo" };

  const arrow = /^Arrow(Left|Right|Up|Down)$/.exec(event.key)?.[1];
  if (arrow) return arrowCommand(arrow, event, rightToLeft);
  if (mod || event.altKey) return null;

  if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) return { name: "help" };
  if (event.key === "/" || event.code === "Slash") return { name: "palette" };
  if (event.key === "[" || event.code === "BracketLeft") return { name: "codebook", step: -1 };
  if (event.key === "]" || event.code === "BracketRight") return { name: "codebook", step: 1 };
  if (event.key === "Tab") return marked ? { name: event.shiftKey ? "previous" : "next", leaves: true } : null;
  const pressed = PRESSED.test((event.composedPath()[0] ?? event.target)?.tagName);
  if (event.key === "Enter") return pressed ? null : { name: "palette" };
  if (NAMED[event.key]) return { name: NAMED[event.key] };
  if (event.shiftKey) return null;

  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] ?? (/^[1-9]$/.test(event.key) ? event.key : "");
  if (digit) {
    const label = labels.find((one) => one.key === digit) ?? labels[Number(digit) - 1];
    return label ? { name: "label", label } : null;
  }
  if (letter) {
    const label = labels.find((one) => one.key && one.key.toLowerCase() === letter);
    if (label && (selected || !COMMANDS[letter])) return { name: "label", label };
    if (COMMANDS[letter]) return { name: COMMANDS[letter] };
  }
  return null;
}

function arrowCommand(arrow, event, rightToLeft) {
  const step = arrow === "Up" ? -1 : arrow === "Down" ? 1 : (arrow === "Right") === rightToLeft ? -1 : 1;
  const sideways = arrow === "Left" || arrow === "Right";
  if (event.altKey) return sideways && event.shiftKey ? { name: "move", unit: "character", step, extend: true } : null;
  const unit = sideways && !event.ctrlKey && !event.metaKey ? "word" : "sentence";
  return { name: "move", unit, step, extend: event.shiftKey };
}

/**
 * A cursor that rests on words instead of between letters: what lies between where it set out and where it is, is selected.
 * Places are UTF-16 units.
 */
export class WordCursor {
  /** @param {import("./offsets.js").Boundaries} boundaries */
  constructor(boundaries) {
    this.boundaries = boundaries;
    this.clear();
  }

  /** Rest nowhere. */
  clear() {
    /** @type {[number, number] | null} the word where the selection set out */
    this.anchor = null;
    /** @type {[number, number] | null} the word where it is now */
    this.head = null;
  }

  /** @returns {[number, number] | null} what is selected */
  get selection() {
    if (!this.anchor) return null;
    return [Math.min(this.anchor[0], this.head[0]), Math.max(this.anchor[1], this.head[1])];
  }

  /**
   * Take over a selection made otherwise.
   *
   * @param {number} start
   * @param {number} end
   */
  place(start, end) {
    const [from, to] = this.selection ?? [];
    if (from === start && to === end) return;
    const first = this.boundaries.word(start, 1);
    const last = this.boundaries.word(end, -1);
    const inside = (word) => word && word[0] >= start && word[1] <= end;
    this.anchor = [start, inside(first) ? first[1] : end];
    this.head = [inside(last) ? last[0] : start, end];
  }

  /**
   * @param {"word" | "sentence" | "character"} unit
   * @param {1 | -1} step
   * @param {boolean} extend
   * @param {number} from where to begin when nothing is selected yet
   * @returns {[number, number] | null} what is selected now
   */
  move(unit, step, extend, from = 0) {
    const { boundaries } = this;
    if (!this.anchor) {
      const word = boundaries.word(from, 1) ?? boundaries.word(from, -1);
      if (word) this.anchor = this.head = word;
      if (unit === "sentence" && extend && word) this.#extendBySentence(step);
      return this.selection;
    }
    if (unit === "character") this.#extendByCharacter(step);
    else if (unit === "sentence" && extend) this.#extendBySentence(step);
    else if (unit === "sentence") this.#toSentence(step);
    else {
      const edge = (extend ? this.head : this.selection)[step > 0 ? 1 : 0];
      const next = boundaries.word(edge, step);
      // At the end of the text a plain step still leaves one word only.
      const word = next ?? (extend ? null : boundaries.word(edge, step > 0 ? -1 : 1));
      if (word) this.head = word;
      if (word && !extend) this.anchor = word;
    }
    return this.selection;
  }

  #toSentence(step) {
    const { boundaries } = this;
    const [start, end] = this.selection;
    const here = boundaries.sentenceAt(step > 0 ? end - 1 : start);
    const next = here && boundaries.sentence(here[step > 0 ? 1 : 0], step);
    // Back goes to the beginning of this sentence first, as in every editor.
    const goal = step < 0 && here && start > here[0] && boundaries.word(here[0], 1)?.[0] < start ? here : next;
    const word = goal && boundaries.word(goal[0], 1);
    if (word) this.anchor = this.head = word;
  }

  #extendBySentence(step) {
    const edge = this.head[step > 0 ? 1 : 0];
    const here = this.boundaries.sentenceAt(step > 0 ? edge - 1 : edge);
    if (!here) return;
    const reached = step > 0 ? here[1] <= edge : here[0] >= edge;
    const goal = reached ? this.boundaries.sentence(here[step > 0 ? 1 : 0], step) : here;
    if (!goal) return;
    const word = this.boundaries.word(goal[step > 0 ? 1 : 0], step > 0 ? -1 : 1);
    this.head = step > 0 ? [word ? word[0] : goal[0], goal[1]] : [goal[0], word ? word[1] : goal[1]];
  }

  #extendByCharacter(step) {
    const [start, end] = this.selection;
    const forward = this.head[1] >= this.anchor[1];
    const moved = this.boundaries.character(forward ? end : start, step);
    const next = forward ? [start, moved] : [moved, end];
    if (next[0] >= next[1]) return;
    const within = (place) => Math.max(next[0], Math.min(next[1], place));
    this.anchor = this.anchor.map(within);
    this.head = this.head.map(within);
    if (forward) [this.anchor[0], this.head[1]] = next;
    else [this.head[0], this.anchor[1]] = next;
  }
}
