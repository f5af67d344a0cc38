/**
 * Where the person is, and where an event leads: one pure function, no data fetched, nothing remembered.
 * A step carries what its screen cannot do without; everything else lives in the wizard's state.
 */
import type { ChangedKey, ConnectReply, EditedPlace, Failure, KeepAsk, PastRun, SavedServer } from '../ipc/bindings';

/** Whether the role was chosen before the server, or the server looked at first. It decides the order of the rail. */
export type Order = 'roleFirst' | 'serverFirst';

/** Which way a run goes. */
export type Way = 'apply' | 'undo';

export type FirstContact = Extract<ConnectReply, { kind: 'firstContact' }>;

/** The places outside a walk: the rail shows them instead of the five marks. */
export type Outside =
  | { kind: 'home' }
  | { kind: 'products' }
  | { kind: 'settings' }
  | { kind: 'history'; server: SavedServer }
  | { kind: 'comparison'; server: SavedServer; before: string; now: string };

/** The steps of one server's walk. */
export type Inside = { order: Order } & (
  | { kind: 'product' }
  | { kind: 'role' }
  | { kind: 'server' }
  | { kind: 'firstContact'; contact: FirstContact }
  | { kind: 'changedKey'; changed: ChangedKey }
  | { kind: 'unreachable'; failure: Failure }
  | { kind: 'fit' }
  | { kind: 'checking' }
  | { kind: 'sudo'; hidden: number }
  | { kind: 'checked' }
  | { kind: 'openRun'; run: PastRun }
  | { kind: 'measure' }
  | { kind: 'measuring' }
  | { kind: 'tune' }
  /** Choosing changes while it is still measured. */
  | { kind: 'meanwhile' }
  | { kind: 'applying'; way: Way }
  | { kind: 'lost'; way: Way }
  | { kind: 'keep'; way: Way; ask: KeepAsk }
  | { kind: 'putBack'; why: string }
  | { kind: 'summary' }
  | { kind: 'otherRoles' }
  | { kind: 'undoAsk' }
  | { kind: 'edited'; run: string; places: EditedPlace[] }
  | { kind: 'yourWord' }
);

export type Step = Outside | Inside;

/** The five marks of the rail. */
export type Mark = 'role' | 'server' | 'check' | 'tune' | 'summary';

export type StepEvent =
  // places
  | { kind: 'home' }
  | { kind: 'products' }
  | { kind: 'settings' }
  | { kind: 'history'; server: SavedServer }
  | { kind: 'comparison'; before: string; now: string }
  // choosing
  | { kind: 'setUp' }
  | { kind: 'lookFirst' }
  | { kind: 'serverOpened' }
  | { kind: 'productChosen' }
  | { kind: 'roleChosen' }
  // connecting
  | { kind: 'firstContact'; contact: FirstContact }
  | { kind: 'changedKey'; changed: ChangedKey }
  | { kind: 'unreachable'; failure: Failure }
  | { kind: 'notConnected' }
  | { kind: 'connected' }
  // checking
  | { kind: 'sudoAsked'; hidden: number }
  | { kind: 'checked' }
  | { kind: 'checkAgain' }
  | { kind: 'openRunFound'; run: PastRun }
  | { kind: 'takeUp' }
  // measuring
  | { kind: 'measureAsked' }
  | { kind: 'measureStarted' }
  | { kind: 'measured' }
  // changing
  | { kind: 'seeChanges' }
  | { kind: 'apply' }
  | { kind: 'silence' }
  | { kind: 'heard' }
  | { kind: 'keepAsked'; ask: KeepAsk }
  | { kind: 'kept' }
  | { kind: 'putBack'; why: string }
  | { kind: 'runRefused' }
  // the result
  | { kind: 'seeSummary' }
  | { kind: 'otherRoles' }
  | { kind: 'thisRole' }
  | { kind: 'undoAsked' }
  | { kind: 'undo' }
  | { kind: 'editedFound'; run: string; places: EditedPlace[] }
  | { kind: 'yourWord' }
  | { kind: 'dialogClosed' }
  // moving
  | { kind: 'back' }
  | { kind: 'to'; mark: Mark };

/** Where `event` leads from `step`. An event that means nothing in a step leaves it as it is. */
export function next(step: Step, event: StepEvent): Step {
  const order = orderOf(step);
  switch (event.kind) {
    case 'home':
    case 'products':
    case 'settings':
      return isBusy(step) ? step : { kind: event.kind };
    case 'history':
      return step.kind === 'home' ? { kind: 'history', server: event.server } : step;
    case 'comparison':
      return step.kind === 'history'
        ? { kind: 'comparison', server: step.server, before: event.before, now: event.now }
        : step;
    case 'setUp':
      return isOutside(step) ? { kind: 'product', order: 'roleFirst' } : step;
    case 'lookFirst':
      return isOutside(step) || step.kind === 'product' || step.kind === 'role'
        ? { kind: 'server', order: 'serverFirst' }
        : step;
    case 'serverOpened':
      return isOutside(step) ? { kind: 'server', order: 'roleFirst' } : step;
    case 'productChosen':
      return step.kind === 'product' ? { kind: 'role', order } : step;
    case 'roleChosen':
      if (step.kind === 'role') return { kind: 'server', order };
      return step.kind === 'fit' ? { kind: 'checking', order } : step;

    case 'firstContact':
      return isConnecting(step) ? { kind: 'firstContact', order, contact: event.contact } : step;
    case 'changedKey':
      return isConnecting(step) ? { kind: 'changedKey', order, changed: event.changed } : step;
    case 'unreachable':
      return isConnecting(step) ? { kind: 'unreachable', order, failure: event.failure } : step;
    case 'notConnected':
      return isConnecting(step) ? { kind: 'server', order } : step;
    case 'connected':
      if (!isConnecting(step)) return step;
      return order === 'serverFirst' ? { kind: 'fit', order } : { kind: 'checking', order };

    case 'sudoAsked':
      return step.kind === 'checking' ? { kind: 'sudo', order, hidden: event.hidden } : step;
    case 'checked':
      return step.kind === 'checking' || step.kind === 'sudo' ? { kind: 'checked', order } : step;
    case 'checkAgain':
      return ['sudo', 'checked', 'tune', 'summary', 'otherRoles', 'putBack'].includes(step.kind)
        ? { kind: 'checking', order }
        : step;
    case 'openRunFound':
      return step.kind === 'checked' ? { kind: 'openRun', order, run: event.run } : step;
    case 'takeUp':
      return step.kind === 'openRun' ? { kind: 'applying', order, way: step.run.undoes ? 'undo' : 'apply' } : step;

    case 'measureAsked':
      return step.kind === 'checked' ? { kind: 'measure', order } : step;
    case 'measureStarted':
      return step.kind === 'measure' ? { kind: 'measuring', order } : step;
    case 'measured':
      if (step.kind === 'measuring') return { kind: 'measure', order };
      return step.kind === 'meanwhile' ? { kind: 'tune', order } : step;

    case 'seeChanges':
      if (step.kind === 'measuring') return { kind: 'meanwhile', order };
      return step.kind === 'checked' || step.kind === 'measure' || step.kind === 'putBack'
        ? { kind: 'tune', order }
        : step;
    case 'apply':
      // What is still measured ends first, and leads from "meanwhile" to here.
      return step.kind === 'tune' ? { kind: 'applying', order, way: 'apply' } : step;
    case 'silence':
      return step.kind === 'applying' ? { kind: 'lost', order, way: step.way } : step;
    case 'heard':
      return step.kind === 'lost' ? { kind: 'applying', order, way: step.way } : step;
    case 'keepAsked':
      return isRunning(step) ? { kind: 'keep', order, way: step.way, ask: event.ask } : step;
    case 'kept':
      return step.kind === 'keep' ? { kind: 'summary', order } : step;
    case 'putBack':
      return isRunning(step) ? { kind: 'putBack', order, why: event.why } : step;
    case 'runRefused':
      if (!isRunning(step)) return step;
      return { kind: step.way === 'apply' ? 'tune' : 'summary', order };

    case 'seeSummary':
      return ['checked', 'measure', 'tune', 'putBack'].includes(step.kind) ? { kind: 'summary', order } : step;
    case 'otherRoles':
      return step.kind === 'summary' ? { kind: 'otherRoles', order } : step;
    case 'thisRole':
      return step.kind === 'otherRoles' ? { kind: 'summary', order } : step;
    case 'undoAsked':
      return step.kind === 'summary' || step.kind === 'otherRoles' ? { kind: 'undoAsk', order } : step;
    case 'undo':
      return step.kind === 'undoAsk' || step.kind === 'edited' ? { kind: 'applying', order, way: 'undo' } : step;
    case 'editedFound':
      return isRunning(step) ? { kind: 'edited', order, run: event.run, places: event.places } : step;
    case 'yourWord':
      return step.kind === 'summary' ? { kind: 'yourWord', order } : step;
    case 'dialogClosed':
      return closed(step);

    case 'back':
      return back(step);
    case 'to':
      return reachable(step).includes(event.mark) ? atMark(step, event.mark, order) : step;
    default:
      return unreachableKind(event);
  }
}

/** The mark of the rail a step hangs at; null outside a walk. */
export function markOf(step: Step): Mark | null {
  switch (step.kind) {
    case 'home':
    case 'products':
    case 'settings':
    case 'history':
    case 'comparison':
      return null;
    case 'product':
    case 'role':
    case 'fit':
      return 'role';
    case 'server':
    case 'firstContact':
    case 'changedKey':
    case 'unreachable':
      return 'server';
    case 'checking':
    case 'sudo':
    case 'checked':
    case 'openRun':
    case 'measure':
    case 'measuring':
      return 'check';
    case 'tune':
    case 'meanwhile':
    case 'applying':
    case 'lost':
    case 'keep':
    case 'putBack':
      return 'tune';
    case 'summary':
    case 'otherRoles':
    case 'undoAsk':
    case 'edited':
    case 'yourWord':
      return 'summary';
    default:
      return unreachableKind(step);
  }
}

/** The marks in the order of the rail. */
export function marks(order: Order): Mark[] {
  return order === 'roleFirst'
    ? ['role', 'server', 'check', 'tune', 'summary']
    : ['server', 'role', 'check', 'tune', 'summary'];
}

/** Marks that can be gone back to: those before the current one, but none while the server is being changed. */
export function reachable(step: Step): Mark[] {
  const now = markOf(step);
  if (now === null || isBusy(step)) return [];
  const all = marks(orderOf(step));
  return all.slice(0, all.indexOf(now));
}

/** Steps during which the server is read or changed: leaving them needs an answer first. */
export function isBusy(step: Step): boolean {
  return ['checking', 'measuring', 'meanwhile'].includes(step.kind) || isRunning(step);
}

type Running = Extract<Inside, { way: Way }>;

/** Applying, out of contact, or waiting for the answer: the safety timer is set. */
export function isRunning(step: Step): step is Running {
  return step.kind === 'applying' || step.kind === 'lost' || step.kind === 'keep';
}

export function isOutside(step: Step): step is Outside {
  return !('order' in step);
}

function isConnecting(step: Step): boolean {
  return markOf(step) === 'server';
}

function orderOf(step: Step): Order {
  return isOutside(step) ? 'roleFirst' : step.order;
}

function closed(step: Step): Step {
  switch (step.kind) {
    case 'firstContact':
    case 'changedKey':
      return { kind: 'server', order: step.order };
    case 'sudo':
    case 'openRun':
      return { kind: 'checked', order: step.order };
    case 'undoAsk':
    case 'edited':
    case 'yourWord':
      return { kind: 'summary', order: step.order };
    default:
      return step;
  }
}

function back(step: Step): Step {
  switch (step.kind) {
    case 'home':
    case 'checking':
    case 'measuring':
    case 'applying':
    case 'lost':
    case 'keep':
      return step;
    case 'meanwhile':
      return { kind: 'measuring', order: step.order };
    case 'products':
    case 'settings':
    case 'history':
    case 'product':
      return { kind: 'home' };
    case 'comparison':
      return { kind: 'history', server: step.server };
    case 'role':
      return { kind: 'product', order: step.order };
    case 'server':
      return step.order === 'roleFirst' ? { kind: 'role', order: step.order } : { kind: 'product', order: 'roleFirst' };
    case 'unreachable':
    case 'fit':
      return { kind: 'server', order: step.order };
    case 'checked':
      return { kind: step.order === 'roleFirst' ? 'server' : 'fit', order: step.order };
    case 'measure':
    case 'tune':
    case 'putBack':
      return { kind: 'checked', order: step.order };
    case 'otherRoles':
      return { kind: 'summary', order: step.order };
    case 'summary':
      return { kind: 'checking', order: step.order };
    case 'firstContact':
    case 'changedKey':
    case 'sudo':
    case 'openRun':
    case 'undoAsk':
    case 'edited':
    case 'yourWord':
      return closed(step);
    default:
      return unreachableKind(step);
  }
}

function atMark(step: Step, mark: Mark, order: Order): Step {
  switch (mark) {
    case 'role':
      return order === 'roleFirst' ? { kind: 'role', order } : { kind: 'fit', order };
    case 'server':
      return { kind: 'server', order };
    case 'check':
    case 'tune':
      // After a summary the server is no longer what the list says: look again.
      return markOf(step) === 'summary' ? { kind: 'checking', order } : { kind: 'checked', order };
    case 'summary':
      return step;
    default:
      return unreachableKind(mark);
  }
}

/** Fails to compile when a kind was forgotten. */
function unreachableKind(kind: never): never {
  throw new Error(`unknown kind: ${JSON.stringify(kind)}`);
}
