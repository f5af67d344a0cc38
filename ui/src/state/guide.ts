/** What stands on every screen of a walk: one more sentence where explanations are on, and the mark of practice. Handed down by the window. */
import { getContext, setContext } from 'svelte';

type Guide = { explain: () => boolean; practising: () => boolean };

const key = Symbol('guide');
const none: Guide = { explain: () => false, practising: () => false };

export function setGuide(guide: Guide) {
  setContext(key, guide);
}

export function getGuide(): Guide {
  return getContext<Guide | undefined>(key) ?? none;
}
