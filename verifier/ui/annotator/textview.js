// The text on screen with its marks. It is drawn piece by piece, so that one mark more costs a piece and not the text.

import { MarkIndex, paragraphsOf } from "./segments.js";
import { element } from "./dom.js";

/** Lines that fit between two rows of text; a place under more marks than that says so in its tag. */
const LANES_DRAWN = 4;
const LANE_PX = 4;

/** Width of a row and height of a character for the guess of a paragraph's height before it is first drawn. */
const ROW_UNITS = 95;
const ROW_PX = 33;

/** How the line of a mark is drawn, by kind: never told by colour alone. */
const LINES = {
  own: (colour) => `linear-gradient(${colour}, ${colour})`,
  other: (colour) => `repeating-linear-gradient(90deg, ${colour} 0 2px, transparent 2px 5px)`,
  suggestion: (colour) => `repeating-linear-gradient(90deg, ${colour} 0 7px, transparent 7px 12px)`,
};

/**
 * @typedef {{id: string, start: number, end: number, kind: "own" | "other" | "suggestion", colour: string, tag: string, title: string}} Mark
 *   `start`, `end`: UTF-16 units; `tag`: shown behind it; `title`: said about it.
 */

/** Shows a text and its marks, and reads and sets what is selected in it. */
export class TextView {
  /** @param {HTMLElement} host scrolls, and holds nothing else */
  constructor(host) {
    this.host = host;
    this.text = "";
    /** @type {Map<string, Mark>} */
    this.marks = new Map();
    this.dirty = new Set();
    this.held = false;
    this.inHand = null;
    this.places = new WeakMap();
    this.setText("", "", "ltr");
  }

  /**
   * Show another text, without marks.
   *
   * @param {string} text
   * @param {string} language
   * @param {string} direction "ltr" or "rtl"
   */
  setText(text, language, direction) {
    this.text = text;
    this.marks.clear();
    this.inHand = null;
    this.host.lang = language;
    this.host.dir = direction;
    this.paragraphs = paragraphsOf(text);
    this.index = new MarkIndex(this.paragraphs.flatMap((paragraph) => paragraph.pieces));
    this.pieces = [];
    this.blocks = this.paragraphs.map((paragraph) => {
      const block = element("div", { class: "cva-paragraph", dir: "auto" });
      const rows = Math.max(1, Math.ceil((paragraph.end - paragraph.start) / ROW_UNITS));
      block.style.containIntrinsicBlockSize = `auto ${rows * ROW_PX}px`;
      this.places.set(block, paragraph);
      for (const piece of paragraph.pieces) {
        const drawn = element("span");
        this.places.set(drawn, piece);
        this.pieces.push(drawn);
        block.append(drawn);
      }
      return block;
    });
    this.dirty = new Set(this.pieces.keys());
    this.host.replaceChildren(...this.blocks);
    this.host.scrollTop = 0;
    this.#drawPieces();
  }

  /** @param {Mark} mark new, or changed */
  put(mark) {
    this.marks.set(mark.id, mark);
    for (const number of this.index.put(mark.id, mark.start, mark.end)) this.dirty.add(number);
  }

  /** @param {string} id */
  remove(id) {
    this.marks.delete(id);
    for (const number of this.index.remove(id)) this.dirty.add(number);
  }

  /** While a pointer is down nothing is drawn: that would destroy the selection which is being made. */
  hold() {
    this.held = true;
  }

  /** From now on `draw` draws again. */
  release() {
    this.held = false;
  }

  /** Draw the pieces whose marks have changed; what is selected stays selected. */
  draw() {
    if (this.held || !this.dirty.size) return;
    const before = this.#ends();
    this.#drawPieces();
    const after = this.#ends();
    if (before && (!after || before[0] !== after[0] || before[1] !== after[1])) this.#setBaseAndExtent(...before);
  }

  /**
   * Show which mark is in hand.
   *
   * @param {string | null} id
   */
  emphasise(id) {
    const before = this.inHand;
    this.inHand = id;
    for (const one of [before, id]) {
      if (one === null) continue;
      for (const number of this.index.piecesUnder(one)) {
        for (const segment of this.pieces[number].children) {
          const { ids } = this.places.get(segment);
          segment.classList.toggle("cva-in-hand", ids.includes(id));
        }
      }
    }
  }

  /** @returns {[number, number] | null} what is selected in the text, in UTF-16 units; null for nothing, or for a mere caret */
  selection() {
    const ends = this.#ends();
    if (!ends || ends[0] === ends[1]) return null;
    return ends[0] < ends[1] ? ends : [ends[1], ends[0]];
  }

  /** @returns {number | null} where the caret stands in the text */
  caret() {
    return this.#ends()?.[1] ?? null;
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  select(start, end) {
    this.#setBaseAndExtent(start, end);
  }

  /** Leave a caret at the end of what was selected. */
  collapse() {
    this.#nativeSelection()?.collapseToEnd();
  }

  /**
   * @param {number} start
   * @param {number} end
   * @returns {Range}
   */
  rangeOf(start, end) {
    const range = document.createRange();
    range.setStart(...this.#pointOf(start, false));
    range.setEnd(...this.#pointOf(end, true));
    return range;
  }

  /**
   * Scroll so far that a place can be seen.
   *
   * @param {number} start
   * @param {number} end
   */
  reveal(start, end) {
    if (!this.pieces.length) return;
    const block = this.pieces[this.index.pieceAt(start)].parentElement;
    let box = this.rangeOf(start, Math.min(end, start + ROW_UNITS)).getBoundingClientRect();
    const frame = this.host.getBoundingClientRect();
    const margin = ROW_PX;
    if (box.top >= frame.top + margin && box.bottom <= frame.bottom - margin) return;
    if (!box.height) block.scrollIntoView({ block: "nearest" });
    box = this.rangeOf(start, Math.min(end, start + ROW_UNITS)).getBoundingClientRect();
    if (box.top < frame.top + margin) this.host.scrollTop += box.top - frame.top - frame.height / 4;
    else if (box.bottom > frame.bottom - margin) this.host.scrollTop += box.bottom - frame.bottom + frame.height / 4;
  }

  /**
   * @param {Node} node of a click
   * @returns {string[]} ids of the marks there, the shortest first
   */
  marksAt(node) {
    const segment = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest?.("mark");
    const ids = (segment && this.places.get(segment)?.ids) ?? [];
    const length = (id) => this.marks.get(id).end - this.marks.get(id).start;
    return ids.filter((id) => this.marks.has(id)).sort((one, other) => length(one) - length(other));
  }

  /** @returns {number} the first place that can be seen, so that the keyboard begins there */
  firstVisible() {
    const top = this.host.getBoundingClientRect().top;
    const block = this.blocks.find((one) => one.getBoundingClientRect().bottom > top + ROW_PX / 2);
    return block ? this.places.get(block).start : 0;
  }

  #drawPieces() {
    for (const number of this.dirty) {
      const segments = this.index.segments(number).map((segment) => this.#segment(segment));
      this.pieces[number].replaceChildren(...segments);
    }
    this.dirty.clear();
  }

  #segment(segment) {
    const drawn = document.createElement(segment.ids.length ? "mark" : "span");
    drawn.append(this.text.slice(segment.start, segment.end));
    this.places.set(drawn, segment);
    if (!segment.ids.length) return drawn;

    const marks = segment.ids.map((id) => ({ ...this.marks.get(id), lane: this.index.marks.get(id).lane }));
    drawn.className = ["cva-mark", ...new Set(marks.map((mark) => `cva-${mark.kind}`))].join(" ");
    if (segment.ids.includes(this.inHand)) drawn.classList.add("cva-in-hand");
    drawn.title = marks.map((mark) => mark.title).join(" + ");
    const lines = marks.filter((mark) => mark.lane < LANES_DRAWN);
    drawn.style.backgroundImage = lines.map((mark) => LINES[mark.kind](visible(mark.colour))).join(", ");
    drawn.style.backgroundPosition = lines.map((mark) => `0 calc(100% - ${mark.lane * LANE_PX}px)`).join(", ");
    drawn.style.paddingBottom = `${Math.min(LANES_DRAWN, Math.max(...marks.map((mark) => mark.lane)) + 1) * LANE_PX - 1}px`;
    const wash = marks.find((mark) => mark.kind === "own");
    if (wash) drawn.style.backgroundColor = `color-mix(in srgb, ${visible(wash.colour)} 14%, transparent)`;
    if (segment.ending.length) {
      // Drawn by the style sheet, so that what is copied and counted stays the text.
      drawn.dataset.tag = segment.ending.map((id) => this.marks.get(id).tag).join(" · ");
    }
    return drawn;
  }

  #nativeSelection() {
    const selection = document.getSelection();
    if (!selection?.rangeCount) return null;
    const range = selection.getRangeAt(0);
    return this.host.contains(range.startContainer) || this.host.contains(range.endContainer) ? selection : null;
  }

  /** Where a selection that touches the text sets out and where it ends. */
  #ends() {
    const selection = this.#nativeSelection();
    if (!selection) return null;
    return [
      this.#placeOf(selection.anchorNode, selection.anchorOffset),
      this.#placeOf(selection.focusNode, selection.focusOffset),
    ];
  }

  #setBaseAndExtent(base, extent) {
    if (!this.pieces.length) return;
    document.getSelection().setBaseAndExtent(...this.#pointOf(base, base > extent), ...this.#pointOf(extent, extent >= base));
  }

  /** A place as a node and an offset; `before`: at the end of the segment before it rather than at the beginning of the one after. */
  #pointOf(place, before) {
    const within = Math.max(0, Math.min(this.text.length, place));
    const piece = this.pieces[this.index.pieceAt(before ? Math.max(0, within - 1) : within)];
    for (const segment of piece.children) {
      const { start, end } = this.places.get(segment);
      if (before ? within <= end : within < end) return [segment.firstChild, within - start];
    }
    const last = piece.lastElementChild.firstChild;
    return [last, last.length];
  }

  /** The place that a node and an offset stand for; outside of the text, its nearer end. */
  #placeOf(node, offset) {
    if (node?.nodeType === Node.TEXT_NODE && this.places.has(node.parentElement))
      return this.places.get(node.parentElement).start + offset;
    if (node === this.host || this.places.has(node)) {
      const child = node.childNodes[offset];
      if (child && this.places.has(child)) return this.places.get(child).start;
      if (node === this.host) return this.text.length;
      return offset ? this.places.get(node).end : this.places.get(node).start;
    }
    if (!node) return 0;
    return this.host.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING ? 0 : this.text.length;
  }
}

/** A colour that can be told from the paper in the light and in the dark. */
function visible(colour) {
  return `color-mix(in oklab, ${colour} 72%, var(--st-text-color))`;
}
