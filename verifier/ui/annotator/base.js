// The part of the data that stays the same from edit to edit: text, codebooks, and what was annotated when the work began. It comes through
// a component of its own, as Streamlit does not send again what has not changed; the annotator itself gets only what is different since.

/** What the components share: the bases by revision, the newest last, who tells of a new one, and the lifeline. */
const SHARED = Symbol.for("verifier-annotator-bases");

/** Revisions kept: the annotator may still refer to the one before. */
const KEPT = 3;
const REVISION_LENGTH = 64;

/** @typedef {{changed: {id: string}[], removed: string[]}} Difference */

/**
 * Put together what stays and what is different since.
 *
 * @param {{annotations: {id: string}[], suggestions: {id: string}[], [rest: string]: any}} base
 * @param {{annotations: Difference, suggestions: Difference, [rest: string]: any}} live
 * @returns {object} all of both, with the annotations and suggestions that stand; those that did not change are the same objects
 */
export function combined(base, live) {
  return {
    ...base,
    ...live,
    annotations: merged(base.annotations, live.annotations),
    suggestions: merged(base.suggestions, live.suggestions),
  };
}

function merged(records, { changed, removed }) {
  const byId = new Map(records.map((record) => [record.id, record]));
  for (const id of removed) byId.delete(id);
  for (const record of changed) byId.set(record.id, record);
  return [...byId.values()];
}

/**
 * @param {string} revision
 * @returns {object | undefined} undefined where it has not arrived yet; {@link whenBaseArrives} tells when one does
 */
export function baseOf(revision) {
  return shared().bases.get(revision);
}

/**
 * @param {() => void} act
 * @param {AbortSignal} signal
 */
export function whenBaseArrives(act, signal) {
  shared().teller.addEventListener("arrived", act, { signal });
}

/**
 * Keep a base for the annotator.
 *
 * @param {Uint8Array} bytes 64 characters that name the revision, then JSON, in UTF-8
 */
export function keepBase(bytes) {
  const { bases, teller } = shared();
  const revision = new TextDecoder().decode(bytes.subarray(0, REVISION_LENGTH));
  if (bases.has(revision)) return;
  bases.set(revision, JSON.parse(new TextDecoder().decode(bytes.subarray(REVISION_LENGTH))));
  while (bases.size > KEPT) bases.delete(bases.keys().next().value);
  teller.dispatchEvent(new Event("arrived"));
}

/**
 * Keep the way to have the whole page run anew.
 *
 * @param {() => void} wake
 * @returns {() => void} gives it up
 */
export function keepLifeline(wake) {
  const kept = shared();
  kept.wake = wake;
  return () => {
    if (kept.wake === wake) kept.wake = null;
  };
}

/**
 * Have the whole page run anew: a server that was started anew does not know the fragment in which the annotator lies, and passes over
 * what is sent from there.
 *
 * @returns {boolean} false where there is no way to do so
 */
export function wakePage() {
  const { wake } = shared();
  wake?.();
  return Boolean(wake);
}

function shared() {
  return (globalThis[SHARED] ??= { bases: new Map(), teller: new EventTarget(), wake: null });
}
