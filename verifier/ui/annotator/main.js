// The annotator: one controller an element, brought up to date each time Streamlit has new data.

import { baseOf, combined, whenBaseArrives } from "./base.js";
import { Backup, newClientId } from "./backup.js";
import { Details } from "./details.js";
import { element, shortened } from "./dom.js";
import { commandOf, isTyping, WordCursor } from "./keyboard.js";
import { Boundaries, OffsetMap } from "./offsets.js";
import { OpLog } from "./oplog.js";
import { Palette } from "./palette.js";
import { Bar, Help, Refusals } from "./panels.js";
import { TextView } from "./textview.js";

/** Unanswered operations are sent again after so long; each time without any sign of the server doubles it, up to the second. */
const HEARTBEAT_MS = 3_000;
const SLOWEST_HEARTBEAT_MS = 12_000;

/** For labels without a colour of their own; chosen to be told apart by most colour-blind people (Okabe and Ito, 2008). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f00", "#8a5a9e", "#a0522d"];
const HINT = "Select words by mouse, touch or the arrow keys; then a key or a label. Press ? for all keys.";
const FAILURES = { "no-words": "Select some words first.", readonly: "This document can only be read.", foreign: "Only its author can change that." };

/** Connects data, operations, text and panels. */
class Controller {
  constructor(host) {
    this.host = host;
    this.clientId = newClientId();
    this.log = new OpLog({ clientId: this.clientId, newId: newClientId });
    this.backup = new Backup({ clientId: this.clientId, storage: storageOf(), locks: navigator.locks ?? null });
    this.listening = new AbortController();
    this.data = null;
    this.codebooks = [];
    this.used = 0;
    /** @type {[number, number] | null} the words selected, in UTF-16 units */
    this.selected = null;
    /** @type {string | null} id of the mark in hand */
    this.hand = null;
    this.since = performance.now();
    this.suggestions = new Map();
    this.open = new Set();
    this.order = null;
    this.kept = true;
    this.wait = HEARTBEAT_MS;
    this.#build();
    this.#listen();
    this.#beat();
  }

  /** Take what Streamlit has sent; called whenever it is different. */
  update({ data: live, setStateValue }) {
    this.setStateValue = setStateValue;
    this.sent = live;
    this.wait = HEARTBEAT_MS;
    const base = baseOf(live.base);
    if (base) this.#show(combined(base, live)); // else when it arrives
  }

  #show(data) {
    const before = this.data;
    this.data = data;
    const other = !before || before.annotator !== data.annotator || before.document.id !== data.document.id || before.document.sha256 !== data.document.sha256;
    if (other) this.#openDocument();
    const scheme = JSON.stringify([data.codebooks, data.readonly]);
    if (other || scheme !== this.scheme) this.#showCodebooks();
    this.scheme = scheme;
    const touched = this.log.receive(data.annotations, data.answers ?? []);
    this.suggestions = new Map(data.hidden ? [] : (data.suggestions ?? []).map((one) => [one.id, one]));
    this.#save();
    this.#place(touched);
    this.bar.hint.textContent = [data.readonly ? "Read only." : "", data.hidden ? "Blind: what others labelled is hidden." : ""].join(" ").trim();
    this.#refresh();
    if (other) this.#recover(true);
  }

  /** Let go of everything; called when Streamlit takes the element away. */
  close() {
    this.details.flush();
    this.#save();
    this.listening.abort();
    clearTimeout(this.timer);
    this.backup.close();
    globalThis.CSS?.highlights?.delete("cva-selected");
  }

  #build() {
    this.text = element("div", { class: "cva-text", tabindex: 0, role: "textbox", "aria-readonly": "true", "aria-multiline": "true", "aria-label": "Text to annotate", "aria-describedby": "cva-hint" });
    this.view = new TextView(this.text);
    this.bar = new Bar({
      onLabel: (label) => this.#label(this.codebooks[this.used], label),
      onCodebook: (number) => this.#useCodebook(number),
      onPalette: () => this.#openPalette(),
      onHelp: () => this.help.toggle(),
    });
    this.palette = new Palette({ onPick: (codebook, label) => this.#label(codebook, label), onClose: () => this.#backToText() });
    this.details = new Details({
      onChange: (id, content) => this.#change(id, content),
      onWithdraw: (id) => this.#withdraw(id),
      onAccept: (id) => this.#decide(id, "suggestion-accepted"),
      onReject: (id) => this.#decide(id, "suggestion-rejected"),
      onLeave: () => this.#backToText(),
    });
    this.refusals = new Refusals({ onDismiss: (opId) => this.#dismiss(opId) });
    this.help = new Help({ onClose: () => this.help.toggle() });
    this.live = element("p", { class: "cva-live", "aria-live": "polite" });
    this.host.replaceChildren(this.bar.root, this.refusals.root, this.help.root,
      element("div", { class: "cva-stage" }, this.text, this.palette.root), this.live, this.details.root,
      element("p", { id: "cva-hint", class: "cva-hidden" }, HINT));
  }

  #listen() {
    const on = (target, event, act, options = {}) => target.addEventListener(event, act, { signal: this.listening.signal, ...options });
    on(this.host, "keydown", (event) => this.#key(event));
    on(document, "selectionchange", () => this.#selectionChanged());
    on(this.text, "pointerdown", (event) => this.#takeHold(event));
    for (const event of ["pointerup", "pointercancel"]) on(window, event, () => this.#letGo(), { capture: true });
    // The button may have been let go outside of the window.
    on(this.text, "pointermove", (event) => event.buttons === 0 && this.view.held && this.#letGo());
    on(this.text, "click", (event) => this.#click(event));
    on(window, "beforeunload", (event) => {
      this.details.flush();
      if (this.log.pending.length) event.preventDefault();
    });
    on(window, "pagehide", () => {
      this.details.flush();
      this.#save();
    });
    on(document, "visibilitychange", () => document.hidden && this.details.flush());
    on(window, "online", () => this.#send());
    whenBaseArrives(() => this.sent && this.update({ data: this.sent, setStateValue: this.setStateValue }), this.listening.signal);
  }

  // --- what is shown -------------------------------------------------------------------------------------------------------------

  #openDocument() {
    const { document: shown, annotator } = this.data;
    this.details.showNothing(HINT);
    this.offsets = new OffsetMap(shown.text);
    this.boundaries = new Boundaries(shown.text, shown.language);
    this.cursor = new WordCursor(this.boundaries);
    this.selected = this.hand = null;
    this.open = new Set();
    const idle = document.activeElement === document.body && this.host.dataset.document;
    this.view.setText(shown.text, shown.language, shown.direction);
    this.log.open(shown, annotator);
    this.host.dataset.document = shown.id;
    if (idle) this.text.focus({ preventScroll: true });
    this.#place(this.log.current.keys());
  }

  #showCodebooks() {
    const used = this.codebooks[this.used]?.id;
    const all = this.data.codebooks.map((codebook) => ({ ...codebook, labels: codebook.labels.map((label, number) => ({ ...label, colour: label.colour || COLOURS[number % COLOURS.length] })) }));
    // Labels that belong to sentences or documents only, and retired ones, are known here but not given.
    this.codebooks = all.map((codebook) => ({ ...codebook, labels: codebook.labels.filter((label) => label.givable !== false) })).filter((codebook) => codebook.labels.length);
    this.names = new Map(all.flatMap((codebook) => codebook.labels.map((label) => [`${codebook.id} ${label.id}`, label])));
    this.used = Math.max(0, this.codebooks.findIndex((codebook) => codebook.id === used));
    this.bar.show(this.codebooks, this.used, this.data.readonly);
    this.palette.set(this.codebooks);
    this.#place(this.log.current.keys());
  }

  /** Put the marks of annotations that look different now; draw nothing yet. */
  #place(ids) {
    for (const id of ids) {
      const annotation = this.log.current.get(id);
      const shown = annotation && annotation.method !== "suggestion-rejected" && annotation.level !== "document" && (annotation.own || !this.data.hidden);
      if (!shown) {
        this.view.remove(id);
        continue;
      }
      const label = this.#labelOf(annotation);
      const kind = annotation.own ? "own" : "other";
      const details = [annotation.intensity && `intensity ${annotation.intensity}`, annotation.target && `about ${annotation.target}`, annotation.note && `note: ${annotation.note}`].filter(Boolean);
      this.view.put({
        id, kind, colour: label.colour, ...this.#unitsOf(annotation),
        tag: kind === "own" ? label.name : `${annotation.annotator}: ${label.name}`,
        title: `${label.name} (${kind === "own" ? "yours" : annotation.annotator})${details.length ? ` – ${details.join(", ")}` : ""}`,
      });
    }
    this.order = null;
    this.#placeSuggestions();
  }

  /** Show the suggestions that this person has neither accepted nor rejected, nor labelled so by hand. */
  #placeSuggestions() {
    if (!this.suggestions.size && !this.open.size) return;
    const decided = new Set();
    for (const one of this.log.current.values()) if (one.own) decided.add(placeKey(one));
    const open = new Set([...this.suggestions.values()].filter((one) => !decided.has(placeKey(one))).map((one) => one.id));
    for (const id of this.open) if (!open.has(id)) this.view.remove(id);
    for (const id of open) {
      if (this.open.has(id)) continue;
      const suggestion = this.suggestions.get(id);
      const label = this.#labelOf(suggestion);
      this.view.put({ id, kind: "suggestion", colour: label.colour, ...this.#unitsOf(suggestion), tag: `${label.name}?`, title: `Suggestion: ${label.name} – ${suggestion.explanation || suggestion.term}` });
    }
    this.open = open;
  }

  /** Draw, and bring panels and figures up to date. */
  #refresh() {
    if (this.hand !== null && !this.view.marks.has(this.hand)) this.hand = null;
    this.view.draw();
    this.view.emphasise(this.hand);
    this.#showSelected();
    this.#showDetails();
    this.refusals.show(this.log.rejected, (op) => this.#labelOf(op).name);
    this.bar.showUnsaved(this.log.pending.length, this.kept);
    Object.assign(this.host.dataset, {
      pending: this.log.pending.length, rejected: this.log.rejected.length, annotations: this.log.current.size, suggestions: this.open.size,
      client: this.clientId, hand: this.hand ?? "", selected: this.selected ? this.selected.map((unit) => this.offsets.toPoint(unit)).join("-") : "",
    });
  }

  #showDetails() {
    const annotation = this.hand === null ? null : this.log.current.get(this.hand);
    const suggestion = this.hand === null ? null : this.suggestions.get(this.hand);
    if (annotation) {
      const editable = annotation.own && !this.data.readonly;
      this.details.showAnnotation(annotation, { codebooks: this.codebooks, name: this.#labelOf(annotation).name, editable, readonly: this.data.readonly, pending: this.log.isPending(annotation.id) });
    } else if (suggestion) this.details.showSuggestion({ ...suggestion, term: this.#quote(this.#unitsOf(suggestion)) }, this.#labelOf(suggestion).name, this.data.readonly);
    else if (this.details.id !== null) this.details.showNothing(HINT);
  }

  /** Keep the selected words visible as such, also while the focus is in a field. */
  #showSelected() {
    const highlights = globalThis.CSS?.highlights;
    if (!highlights || typeof Highlight === "undefined") return;
    if (this.selected) highlights.set("cva-selected", new Highlight(this.view.rangeOf(...this.selected)));
    else highlights.delete("cva-selected");
  }

  // --- hands on ------------------------------------------------------------------------------------------------------------------

  #key(event) {
    if (!this.data) return;
    if (!isTyping(event)) this.#selectionChanged(); // its event may come after that of the key
    const context = { labels: this.codebooks[this.used]?.labels ?? [], selected: this.selected !== null, marked: this.hand !== null, rightToLeft: this.data.document.direction === "rtl" };
    const command = commandOf(event, context);
    if (!command) return;
    const inText = this.text.contains(event.target);
    if (!inText && (command.name === "move" || command.leaves || command.name === "withdraw")) return;
    if (this.#obey(command) === false) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has keys of its own, such as c
  }

  /** @returns {false | void} false where the key shall do what it does anyway */
  #obey(command) {
    switch (command.name) {
      case "label": return this.#label(this.codebooks[this.used], command.label);
      case "move": return this.#move(command);
      case "palette": return this.#openPalette();
      case "codebook": return this.#useCodebook(this.used + command.step);
      case "next": return this.#walk(1, command.leaves);
      case "previous": return this.#walk(-1, command.leaves);
      case "next-suggestion": return this.#walk(1, false, this.open);
      case "accept": return this.#decideInHand("suggestion-accepted");
      case "reject": return this.#decideInHand("suggestion-rejected");
      case "withdraw": return this.hand === null ? false : this.#withdraw(this.hand);
      case "intensity": case "confidence": return this.#turn(command.name);
      case "target": case "note": return this.details.focus(command.name);
      case "undo": return this.#takeBack(this.log.undo(), "Undone", "Nothing to undo.");
      case "redo": return this.#takeBack(this.log.redo(), "Done again", "Nothing to do again.");
      case "help": return void this.help.toggle();
      default: return this.#escape();
    }
  }

  #selectionChanged() {
    if (!this.data) return;
    const raw = this.view.selection();
    if (raw) {
      const snapped = this.boundaries.snap(...raw);
      if (snapped && !(this.selected?.[0] === snapped[0] && this.selected?.[1] === snapped[1])) this.#select(snapped);
    } else if (this.selected && this.view.caret() !== null && document.activeElement === this.text) {
      this.selected = null;
      this.cursor.clear();
      this.#refresh();
    }
  }

  #select(range) {
    this.selected = range;
    this.cursor.place(...range);
    this.hand = null;
    this.since = performance.now();
    this.view.emphasise(null);
    this.#showSelected();
    this.#showDetails();
    this.host.dataset.selected = range.map((unit) => this.offsets.toPoint(unit)).join("-");
    this.host.dataset.hand = "";
  }

  #takeHold(event) {
    this.view.hold();
    // Else the mouse would drag the selected words away, where a person wants to select some of them.
    if (event.pointerType === "mouse" && event.button === 0 && !event.shiftKey) document.getSelection().removeAllRanges();
  }

  #letGo() {
    if (!this.view.held) return;
    this.view.release();
    // Draw after the browser has settled what is selected.
    setTimeout(() => {
      this.view.draw();
      this.#showSelected();
    }, 0);
  }

  #click(event) {
    if (this.view.selection()) return;
    const ids = this.view.marksAt(event.target);
    if (!ids.length) {
      if (this.hand !== null) this.#take(null);
      return;
    }
    const at = ids.indexOf(this.hand); // a second click takes the next of the marks that overlap there
    this.#take(ids[(at + 1) % ids.length]);
  }

  #move({ unit, step, extend }) {
    const from = this.hand === null ? (this.view.caret() || this.view.firstVisible()) : this.view.marks.get(this.hand).start;
    const range = this.cursor.move(unit, step, extend, from);
    if (!range) return;
    this.#select(range);
    this.view.select(...range);
    this.view.reveal(...(step > 0 ? [Math.max(range[0], range[1] - 1), range[1]] : range));
    this.#say(`${this.#quote({ start: range[0], end: range[1] })}`);
  }

  /** Take a mark in hand, or none. */
  #take(id) {
    this.details.flush();
    this.hand = id !== null && this.view.marks.has(id) ? id : null;
    this.selected = null;
    this.cursor.clear();
    this.since = performance.now();
    this.view.collapse();
    this.#refresh();
    if (this.hand === null) return;
    const mark = this.view.marks.get(this.hand);
    this.view.reveal(mark.start, mark.end);
    this.#say(`${mark.title}: “${this.#quote(mark)}”`);
  }

  #walk(step, leaves, among = null) {
    this.order ??= [...this.view.marks.values()].sort((one, other) => one.start - other.start || one.end - other.end || (one.id < other.id ? -1 : 1));
    const order = among ? this.order.filter((mark) => among.has(mark.id)) : this.order;
    const here = this.hand === null ? null : this.view.marks.get(this.hand);
    let next;
    const at = order.indexOf(here);
    if (at >= 0) next = order[at + step];
    else {
      const from = here?.start ?? this.selected?.[0] ?? this.view.caret() ?? this.view.firstVisible();
      next = step > 0 ? order.find((mark) => mark.start >= from) : order.findLast((mark) => mark.start < from);
    }
    if (!next && leaves) return false;
    if (!next) next = step > 0 ? order[0] : order.at(-1);
    if (next) this.#take(next.id);
    else this.#say(among ? "No suggestion is open." : "Nothing is marked.");
    return undefined;
  }

  #escape() {
    if (!this.help.root.hidden) return void this.help.toggle();
    if (this.selected === null && this.hand === null) return false;
    this.#take(null);
    return undefined;
  }

  #useCodebook(number) {
    if (!this.codebooks.length) return;
    this.used = (number + this.codebooks.length) % this.codebooks.length;
    this.bar.show(this.codebooks, this.used, this.data.readonly);
    this.#say(`Codebook: ${this.codebooks[this.used].title}`);
  }

  #openPalette() {
    const range = this.#range();
    this.palette.open(range ? shortened(this.#quote(range)) : "");
  }

  #backToText() {
    this.text.focus({ preventScroll: true });
    if (this.selected) this.view.select(...this.selected);
  }

  #say(what) {
    this.live.textContent = what;
  }

  // --- edits ---------------------------------------------------------------------------------------------------------------------

  /** What a label would be given to: the words selected, else those of the mark in hand. */
  #range() {
    if (this.selected) return { start: this.selected[0], end: this.selected[1] };
    return this.hand === null ? null : this.view.marks.get(this.hand);
  }

  #label(codebook, label) {
    const range = this.#range();
    if (this.data.readonly) return this.#say(FAILURES.readonly);
    if (!range) return this.#say(FAILURES["no-words"]);
    const suggestion = this.selected ? null : this.suggestions.get(this.hand);
    if (suggestion && suggestion.codebook_id === codebook.id && suggestion.label === label.id) return this.#decide(suggestion.id, "suggestion-accepted");
    const place = { start: this.offsets.toPoint(range.start), end: this.offsets.toPoint(range.end), codebook_id: codebook.id };
    const there = [...this.log.current.values()].filter((one) => one.own && one.start === place.start && one.end === place.end && one.codebook_id === codebook.id && one.method !== "suggestion-rejected");
    const quote = this.#quote(range);
    const same = there.find((one) => one.label === label.id);
    if (same) {
      this.hand = same.id;
      this.#refresh();
      return this.#say(`“${shortened(quote)}” is labelled ${label.name} already.`);
    }
    const content = { ...place, quote: this.data.document.text.slice(range.start, range.end), level: "span", codebook_version: codebook.version, label: label.id };
    const how = { duration_ms: performance.now() - this.since };
    const op = there.length && codebook.multiple === false ? this.log.change(there[0].id, content, how) : this.log.add(content, how);
    return this.#commit(op, `Labelled “${shortened(quote)}” as ${label.name}.`);
  }

  #decideInHand(method) {
    if (this.open.has(this.hand)) return this.#decide(this.hand, method);
    const range = this.#range();
    const there = range && [...this.open].find((id) => this.view.marks.get(id).start < range.end && range.start < this.view.marks.get(id).end);
    return there ? this.#decide(there, method) : this.#walk(1, false, this.open);
  }

  #decide(id, method) {
    if (this.data.readonly) return this.#say(FAILURES.readonly);
    const { start, end, codebook_id, label } = this.suggestions.get(id);
    const codebook = this.data.codebooks.find((one) => one.id === codebook_id);
    const units = this.#unitsOf({ start, end });
    const op = this.log.add(
      { start, end, quote: this.data.document.text.slice(units.start, units.end), level: "span", codebook_id, codebook_version: codebook?.version ?? "", label, method },
      { suggestion_id: id, duration_ms: performance.now() - this.since },
    );
    const accepted = method === "suggestion-accepted";
    this.#commit(op, `${accepted ? "Accepted" : "Rejected"}: ${this.#labelOf({ codebook_id, label }).name}, “${shortened(this.#quote(units))}”.`);
    if (!accepted && this.open.size) this.#walk(1, false, this.open);
    return undefined;
  }

  #change(id, content) {
    if (this.data.readonly) return;
    const op = this.log.change(id, content, { duration_ms: performance.now() - this.since });
    if (op) this.#commit(op, "Changed.", this.hand);
  }

  #turn(field) {
    const annotation = this.hand === null ? null : this.log.current.get(this.hand);
    if (!annotation?.own) return this.#say(annotation ? FAILURES.foreign : FAILURES["no-words"]);
    const next = { 1: 2, 2: 3, 3: null }[annotation[field]];
    this.#change(this.hand, { [field]: annotation[field] === null ? 1 : next });
    return this.#say(`${field}: ${this.log.current.get(this.hand)[field] ?? "none"}`);
  }

  #withdraw(id) {
    const annotation = this.log.current.get(id);
    if (!annotation) return undefined;
    if (!annotation.own || this.data.readonly) return this.#say(annotation.own ? FAILURES.readonly : FAILURES.foreign);
    return this.#commit(this.log.withdraw(id, { duration_ms: performance.now() - this.since }), `Withdrawn: ${this.#labelOf(annotation).name}. Ctrl+Z brings it back.`);
  }

  #takeBack(op, done, nothing) {
    if (!op) return this.#say(nothing);
    return this.#commit(op, `${done}: ${{ add: "added", change: "changed", withdraw: "withdrawn" }[op.kind]} ${this.#labelOf(op).name}, “${shortened(op.quote)}”.`);
  }

  #commit(op, said, hand = op.annotation_id) {
    this.hand = hand;
    this.#place([op.annotation_id]);
    this.#save();
    this.#refresh();
    this.#say(said);
    this.since = performance.now();
    this.#send();
  }

  #dismiss(opId) {
    this.log.dismiss(opId);
    this.#save();
    this.#refresh();
  }

  // --- nothing is lost -------------------------------------------------------------------------------------------------------------

  #save() {
    if (this.data) this.kept = this.backup.save(this.data.annotator, this.log.pending, this.log.rejected);
  }

  /** Send everything that is not answered, as one value; sent twice it does no harm. */
  #send() {
    if (!this.log.pending.length || !this.setStateValue) return;
    try {
      this.setStateValue("edits", this.log.pending.slice());
    } catch {
      // Not connected: the heartbeat tries again.
    }
  }

  /** Take over what closed tabs of this person have left. */
  async #recover(first) {
    const annotator = this.data.annotator;
    const { ops, rejected, forget } = await this.backup.leftovers(annotator);
    if (this.listening.signal.aborted || annotator !== this.data.annotator || !(ops.length || rejected.length)) return;
    this.#place(this.log.adopt(ops, rejected));
    this.#save();
    if (this.kept) forget();
    this.#refresh();
    if (ops.length) this.#say(`${ops.length} unsaved ${ops.length === 1 ? "edit" : "edits"} of a closed tab taken over.`);
    this.#send();
    if (first) this.wait = HEARTBEAT_MS;
  }

  #beat() {
    this.timer = setTimeout(async () => {
      if (this.data) {
        await this.#recover(false).catch(() => {});
        this.#save(); // also says that this tab is alive
        this.#send();
      }
      // A server that is slow is not helped by being asked more often: each question may begin its run anew.
      this.wait = this.log.pending.length ? Math.min(SLOWEST_HEARTBEAT_MS, this.wait * 2) : HEARTBEAT_MS;
      if (!this.listening.signal.aborted) this.#beat();
    }, this.wait);
  }

  // --- look-ups --------------------------------------------------------------------------------------------------------------------

  #labelOf({ codebook_id, label }) {
    return this.names.get(`${codebook_id} ${label}`) ?? { name: label, colour: COLOURS[0] };
  }

  #unitsOf({ start, end }) {
    return { start: this.offsets.toUnit(start), end: this.offsets.toUnit(end) };
  }

  #quote({ start, end }) {
    return this.data.document.text.slice(start, end);
  }
}

function placeKey(one) {
  return `${one.start} ${one.end} ${one.codebook_id} ${one.label}`;
}

function storageOf() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null; // the person has forbidden it
  }
}

/** Called by Streamlit at first and then whenever the data change; only the last function returned is called, at the end. */
export default function annotator({ data, parentElement, setStateValue }) {
  const host = parentElement.querySelector(".cva");
  // On the element itself, as the module may be loaded anew.
  host.annotatorController ??= new Controller(host);
  host.annotatorController.update({ data, setStateValue });
  return () => {
    host.annotatorController?.close();
    delete host.annotatorController;
  };
}
