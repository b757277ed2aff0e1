// How marked text is cut for drawing. A text becomes paragraphs, a paragraph pieces of bounded size, and a piece segments: runs that the
// same marks cover. Only the pieces that a changed mark touches are drawn again. Everything here is pure; places are UTF-16 units.

/** Longest piece: drawing one again takes well under a millisecond, and a text of 200,000 characters has some hundreds. */
export const PIECE_UNITS = 1500;

/**
 * @typedef {{start: number, end: number}} Piece
 * @typedef {{start: number, end: number, pieces: Piece[]}} Paragraph
 * @typedef {{start: number, end: number, ids: string[], ending: string[]}} Segment
 *   `ids`: the marks that cover it, in the order of their lanes; `ending`: those whose last segment it is.
 */

/**
 * Cut a text into paragraphs, each with the line breaks that follow it, and these into pieces. Joined, they are the text.
 *
 * @param {string} text
 * @returns {Paragraph[]}
 */
export function paragraphsOf(text) {
  const paragraphs = [];
  for (let start = 0; start < text.length;) {
    const line = text.indexOf("\n", start);
    let end = line < 0 ? text.length : line + 1;
    while (text[end] === "\n" || (text[end] === "\r" && text[end + 1] === "\n")) end += 1;
    paragraphs.push({ start, end, pieces: piecesOf(text, start, end) });
    start = end;
  }
  return paragraphs;
}

function piecesOf(text, start, end) {
  const pieces = [];
  for (let from = start; from < end;) {
    let to = end;
    if (end - from > PIECE_UNITS) {
      const space = text.lastIndexOf(" ", from + PIECE_UNITS);
      to = space > from ? space + 1 : from + PIECE_UNITS;
      // Without a space: at least not within a surrogate pair.
      if (/[\ud800-\udbff]/.test(text[to - 1])) to += 1;
    }
    pieces.push({ start: from, end: to });
    from = to;
  }
  return pieces;
}

/** Which marks touch which piece, and on which lane each is drawn so that marks that overlap never share one. */
export class MarkIndex {
  /** @param {Piece[]} pieces all pieces of the text, in order and without gaps */
  constructor(pieces) {
    this.pieces = pieces;
    /** @type {Map<string, {start: number, end: number, lane: number, first: number, last: number}>} */
    this.marks = new Map();
    /** @type {Map<number, Set<string>>} */
    this.touching = new Map();
  }

  /**
   * Put a mark, or put it anew at another place.
   *
   * Its lane is the lowest that no overlapping mark has; the others keep theirs, so that one new mark never moves a far one.
   *
   * @param {string} id
   * @param {number} start
   * @param {number} end
   * @returns {number[]} the numbers of the pieces to draw again
   */
  put(id, start, end) {
    const standing = this.marks.get(id);
    if (standing && standing.start === start && standing.end === end) return range(standing.first, standing.last);
    const before = this.remove(id);
    if (start >= end || !this.pieces.length) return before;
    const first = this.pieceAt(start);
    const last = this.pieceAt(end - 1);
    const taken = new Set();
    for (const other of this.#over(first, last)) {
      const mark = this.marks.get(other);
      if (mark.start < end && start < mark.end) taken.add(mark.lane);
    }
    let lane = 0;
    while (taken.has(lane)) lane += 1;
    this.marks.set(id, { start, end, lane, first, last });
    for (const number of range(first, last)) {
      if (!this.touching.has(number)) this.touching.set(number, new Set());
      this.touching.get(number).add(id);
    }
    return [...new Set([...before, ...range(first, last)])];
  }

  /**
   * @param {string} id
   * @returns {number[]} the numbers of the pieces to draw again
   */
  remove(id) {
    const mark = this.marks.get(id);
    if (!mark) return [];
    this.marks.delete(id);
    for (const number of range(mark.first, mark.last)) this.touching.get(number).delete(id);
    return range(mark.first, mark.last);
  }

  /**
   * @param {string} id
   * @returns {number[]} the numbers of the pieces that a mark touches
   */
  piecesUnder(id) {
    const mark = this.marks.get(id);
    return mark ? range(mark.first, mark.last) : [];
  }

  /**
   * @param {number} place
   * @returns {number} the number of the piece that holds a place; the last one for the end of the text
   */
  pieceAt(place) {
    let low = 0;
    let high = this.pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.pieces[middle].start <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * Cut a piece where marks begin and end.
   *
   * @param {number} number
   * @returns {Segment[]}
   */
  segments(number) {
    const piece = this.pieces[number];
    const marks = [...(this.touching.get(number) ?? [])].map((id) => ({ id, ...this.marks.get(id) }));
    if (!marks.length) return [{ start: piece.start, end: piece.end, ids: [], ending: [] }];
    marks.sort((one, other) => one.lane - other.lane);
    const cuts = new Set([piece.start, piece.end]);
    for (const mark of marks) {
      cuts.add(Math.max(piece.start, mark.start));
      cuts.add(Math.min(piece.end, mark.end));
    }
    const places = [...cuts].sort((one, other) => one - other);
    return places.slice(0, -1).map((start, n) => {
      const end = places[n + 1];
      const over = marks.filter((mark) => mark.start <= start && end <= mark.end);
      return {
        start,
        end,
        ids: over.map((mark) => mark.id),
        ending: over.filter((mark) => mark.end === end).map((mark) => mark.id),
      };
    });
  }

  #over(first, last) {
    const found = new Set();
    for (const number of range(first, last)) for (const id of this.touching.get(number) ?? []) found.add(id);
    return found;
  }
}

function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}
