/** What a command came to, for the frame of whatever screen is shown: handed down by the window, so that no screen need pass it on. */
import { getContext, setContext } from 'svelte';
import type { Failure } from '../ipc/bindings';

type Trouble = { failure: () => Failure | null; dismiss: () => void };

const key = Symbol('trouble');
const none: Trouble = { failure: () => null, dismiss: () => undefined };

export function setTrouble(trouble: Trouble) {
  setContext(key, trouble);
}

export function getTrouble(): Trouble {
  return getContext<Trouble | undefined>(key) ?? none;
}

/** Whether a command ended with a failure in words, rather than with an error nobody expected. */
export function isFailure(error: unknown): error is Failure {
  return typeof error === 'object' && error !== null && 'happened' in error && 'next' in error && 'safe' in error;
}
