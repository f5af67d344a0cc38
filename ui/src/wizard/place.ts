/** What is remembered of the walk, so that a reopened window finds it. Never a secret. */
import type { Mark, Order } from './step';

export type Place = {
  version: 1;
  mark: Mark;
  /** Null while the server is looked at before a role is chosen. */
  role: string | null;
  where: 'ssh' | 'local';
  address: string;
  port: string;
  user: string;
  /** Not in the places of the first days. */
  order?: Order;
  setup?: string;
};

type Filled = { where: 'ssh' | 'local'; address: string; port: string; user: string };
type Chosen = { id: string | null; setup: string };

/** The place to remember; null outside a walk and once it is finished. */
export function placeOf(mark: Mark | null, order: Order, choice: Chosen, form: Filled): Place | null {
  if (mark === null || mark === 'summary') return null;
  const { where, address, port, user } = form;
  return { version: 1, mark, role: choice.id, where, address, port, user, order, setup: choice.setup };
}

/** Reads a remembered place; anything else than what this version wrote counts as none. */
export function readPlace(text: string | null): Place | null {
  if (text === null) return null;
  try {
    const place: unknown = JSON.parse(text);
    if (typeof place !== 'object' || place === null || !('version' in place) || place.version !== 1) return null;
    const p = place as Place;
    const texts = [p.mark, p.address, p.port, p.user].every((t) => typeof t === 'string');
    return texts && (p.role === null || typeof p.role === 'string') ? p : null;
  } catch {
    return null;
  }
}
