// Places in a text. The browser counts UTF-16 units, Python and all our files count Unicode code points; nothing outside this module
// converts between the two. Everything here is pure.

/** The same place in a text counted in UTF-16 units and in code points. */
export class OffsetMap {
  /** @param {string} text */
  constructor(text) {
    this.units = text.length;
    this.points = text.length;
    this.pointAt = null;
    this.unitAt = null;
    if (!/[\ud800-\udbff]/.test(text)) return; // without surrogates both counts are the same

    this.pointAt = new Uint32Array(text.length + 1);
    const unitAt = new Uint32Array(text.length + 1);
    let point = 0;
    for (let unit = 0; unit < text.length; point += 1) {
      const width = text.codePointAt(unit) > 0xffff ? 2 : 1;
      unitAt[point] = unit;
      this.pointAt[unit] = point;
      if (width === 2) this.pointAt[unit + 1] = point; // a place inside a character counts as its beginning
      unit += width;
    }
    this.pointAt[text.length] = point;
    unitAt[point] = text.length;
    this.unitAt = unitAt.slice(0, point + 1);
    this.points = point;
  }

  /**
   * @param {number} unit a place in UTF-16 units, 0 to the length of the text
   * @returns {number} the same place in code points
   */
  toPoint(unit) {
    const within = Math.max(0, Math.min(this.units, unit));
    return this.pointAt ? this.pointAt[within] : within;
  }

  /**
   * @param {number} point a place in code points
   * @returns {number} the same place in UTF-16 units
   */
  toUnit(point) {
    const within = Math.max(0, Math.min(this.points, point));
    return this.unitAt ? this.unitAt[within] : within;
  }
}

/** Where characters as people see them, words and sentences begin and end; all places in UTF-16 units. */
export class Boundaries {
  /**
   * @param {string} text
   * @param {string} language a BCP 47 tag, or empty
   */
  constructor(text, language) {
    this.text = text;
    const cut = (granularity) => new Intl.Segmenter(knownLocale(language), { granularity }).segment(text);
    this.graphemes = cut("grapheme");
    this.wordPieces = cut("word");
    this.sentencePieces = cut("sentence");
  }

  /**
   * Trim white space from a selection and widen it so that it cuts no character in two (an emoji of a family is one, and so is a letter
   * with its accent).
   *
   * @param {number} start
   * @param {number} end
   * @returns {[number, number] | null} null where nothing but white space is selected
   */
  snap(start, end) {
    let [from, to] = start <= end ? [start, end] : [end, start];
    from = Math.max(0, from);
    to = Math.min(this.text.length, to);
    while (from < to && isSpace(this.text, from)) from += 1;
    while (to > from && isSpace(this.text, to - 1)) to -= 1;
    if (from >= to) return null;
    const last = this.graphemes.containing(to - 1);
    return [this.graphemes.containing(from).index, last.index + last.segment.length];
  }

  /**
   * @param {number} place
   * @param {1 | -1} step
   * @returns {number} the edge of the next character as people see it, on that side
   */
  character(place, step) {
    if (step > 0) {
      if (place >= this.text.length) return this.text.length;
      const next = this.graphemes.containing(place);
      return next.index + next.segment.length;
    }
    return place <= 0 ? 0 : this.graphemes.containing(place - 1).index;
  }

  /**
   * Find the first word that begins at or after a place, or the last one that ends at or before it.
   *
   * @param {number} place
   * @param {1 | -1} step
   * @returns {[number, number] | null} null at the end (or beginning) of the text
   */
  word(place, step) {
    return this.#find(this.wordPieces, place, step, (piece) => piece.isWordLike || PICTURE.test(piece.segment));
  }

  /**
   * The sentence around a place, without the white space that follows it.
   *
   * @param {number} place
   * @returns {[number, number] | null}
   */
  sentenceAt(place) {
    const piece = this.sentencePieces.containing(Math.min(place, this.text.length - 1));
    return piece ? this.snap(piece.index, piece.index + piece.segment.length) : null;
  }

  /**
   * @param {number} place
   * @param {1 | -1} step
   * @returns {[number, number] | null} the next sentence that begins at or after (ends at or before) a place
   */
  sentence(place, step) {
    const found = this.#find(this.sentencePieces, place, step, (piece) => piece.segment.trim() !== "");
    return found ? this.snap(...found) : null;
  }

  #find(pieces, place, step, wanted) {
    let at = step > 0 ? place : place - 1;
    while (at >= 0 && at < this.text.length) {
      const piece = pieces.containing(at);
      const end = piece.index + piece.segment.length;
      const whole = step > 0 ? piece.index >= place : piece.index + piece.segment.trimEnd().length <= place;
      if (whole && wanted(piece)) return [piece.index, end];
      at = step > 0 ? end : piece.index - 1;
    }
    return null;
  }
}

const PICTURE = /\p{Extended_Pictographic}/u;

function isSpace(text, at) {
  return /\s/.test(text[at]);
}

/** @param {string} language */
function knownLocale(language) {
  try {
    return language && Intl.Segmenter.supportedLocalesOf(language).length ? language : undefined;
  } catch {
    return undefined; // a tag that no browser can read, such as an import's own
  }
}
