import { describe, expect, it } from 'vitest';
import type { ChangedKey, Failure, KeepAsk, PastRun, SavedServer } from '../ipc/bindings';
import {
  isBusy,
  markOf,
  marks,
  next,
  reachable,
  type FirstContact,
  type Mark,
  type Order,
  type Step,
  type StepEvent,
} from './step';

const failure = {
  code: '',
  happened: 'x does not answer',
  safe: '',
  next: '',
  field: '',
  reached: 'network',
  remedies: [],
  details: '',
} as Failure;
const contact = {
  kind: 'firstContact',
  host: 'x',
  port: 22,
  fingerprint: '',
  keyType: '',
  askAt: '',
} as FirstContact;
const changed = { host: 'x', name: 'x' } as ChangedKey;
const ask = { run: '1', proofs: [], allProved: true, secondsLeft: 120, putBackAt: '', failed: [] } as KeepAsk;

const server = { id: 'x', name: 'x' } as SavedServer;
const run = { run: '1', state: 'open', undoes: false, changes: [] as unknown } as PastRun;

const order: Order = 'roleFirst';
const steps: Record<Step['kind'], Step> = {
  home: { kind: 'home' },
  products: { kind: 'products' },
  settings: { kind: 'settings' },
  history: { kind: 'history', server },
  comparison: { kind: 'comparison', server, before: '1', now: '2' },
  product: { kind: 'product', order },
  role: { kind: 'role', order },
  server: { kind: 'server', order },
  firstContact: { kind: 'firstContact', order, contact },
  changedKey: { kind: 'changedKey', order, changed },
  unreachable: { kind: 'unreachable', order, failure },
  fit: { kind: 'fit', order: 'serverFirst' },
  checking: { kind: 'checking', order },
  sudo: { kind: 'sudo', order, hidden: 9 },
  checked: { kind: 'checked', order },
  openRun: { kind: 'openRun', order, run },
  measure: { kind: 'measure', order },
  measuring: { kind: 'measuring', order },
  tune: { kind: 'tune', order },
  meanwhile: { kind: 'meanwhile', order },
  applying: { kind: 'applying', order, way: 'apply' },
  lost: { kind: 'lost', order, way: 'apply' },
  keep: { kind: 'keep', order, way: 'apply', ask },
  putBack: { kind: 'putBack', order, why: '' },
  summary: { kind: 'summary', order },
  otherRoles: { kind: 'otherRoles', order },
  undoAsk: { kind: 'undoAsk', order },
  edited: { kind: 'edited', order, run: '1', places: [] },
  yourWord: { kind: 'yourWord', order },
};

const events: Record<StepEvent['kind'], StepEvent> = {
  home: { kind: 'home' },
  products: { kind: 'products' },
  settings: { kind: 'settings' },
  history: { kind: 'history', server },
  comparison: { kind: 'comparison', before: '1', now: '2' },
  setUp: { kind: 'setUp' },
  lookFirst: { kind: 'lookFirst' },
  serverOpened: { kind: 'serverOpened' },
  productChosen: { kind: 'productChosen' },
  roleChosen: { kind: 'roleChosen' },
  firstContact: { kind: 'firstContact', contact },
  changedKey: { kind: 'changedKey', changed },
  unreachable: { kind: 'unreachable', failure },
  notConnected: { kind: 'notConnected' },
  connected: { kind: 'connected' },
  sudoAsked: { kind: 'sudoAsked', hidden: 9 },
  checked: { kind: 'checked' },
  checkAgain: { kind: 'checkAgain' },
  openRunFound: { kind: 'openRunFound', run },
  takeUp: { kind: 'takeUp' },
  measureAsked: { kind: 'measureAsked' },
  measureStarted: { kind: 'measureStarted' },
  measured: { kind: 'measured' },
  seeChanges: { kind: 'seeChanges' },
  apply: { kind: 'apply' },
  silence: { kind: 'silence' },
  heard: { kind: 'heard' },
  keepAsked: { kind: 'keepAsked', ask },
  kept: { kind: 'kept' },
  putBack: { kind: 'putBack', why: 'you stopped' },
  runRefused: { kind: 'runRefused' },
  seeSummary: { kind: 'seeSummary' },
  otherRoles: { kind: 'otherRoles' },
  thisRole: { kind: 'thisRole' },
  undoAsked: { kind: 'undoAsked' },
  undo: { kind: 'undo' },
  editedFound: { kind: 'editedFound', run: '1', places: [] },
  yourWord: { kind: 'yourWord' },
  dialogClosed: { kind: 'dialogClosed' },
  back: { kind: 'back' },
  to: { kind: 'to', mark: 'role' },
};

const everywhereButBusy = (to: Step['kind']) =>
  Object.fromEntries(
    Object.values(steps)
      .filter((s) => !isBusy(s))
      .map((s) => [s.kind, to]),
  ) as Partial<Record<Step['kind'], Step['kind']>>;

/** Where each event leads from each step. What is not named stays where it is; every other pair is tried as well. */
const table: Record<StepEvent['kind'], Partial<Record<Step['kind'], Step['kind']>>> = {
  home: everywhereButBusy('home'),
  products: everywhereButBusy('products'),
  settings: everywhereButBusy('settings'),
  history: { home: 'history' },
  comparison: { history: 'comparison' },
  setUp: { home: 'product', products: 'product', settings: 'product', history: 'product', comparison: 'product' },
  lookFirst: {
    home: 'server',
    products: 'server',
    settings: 'server',
    history: 'server',
    comparison: 'server',
    product: 'server',
    role: 'server',
  },
  serverOpened: {
    home: 'server',
    products: 'server',
    settings: 'server',
    history: 'server',
    comparison: 'server',
  },
  productChosen: { product: 'role' },
  roleChosen: { role: 'server', fit: 'checking' },
  firstContact: { server: 'firstContact', changedKey: 'firstContact', unreachable: 'firstContact' },
  changedKey: { server: 'changedKey', firstContact: 'changedKey', unreachable: 'changedKey' },
  unreachable: { server: 'unreachable', firstContact: 'unreachable', changedKey: 'unreachable' },
  notConnected: { firstContact: 'server', changedKey: 'server', unreachable: 'server' },
  connected: { server: 'checking', firstContact: 'checking', changedKey: 'checking', unreachable: 'checking' },
  sudoAsked: { checking: 'sudo' },
  checked: { checking: 'checked', sudo: 'checked' },
  checkAgain: {
    sudo: 'checking',
    checked: 'checking',
    tune: 'checking',
    putBack: 'checking',
    summary: 'checking',
    otherRoles: 'checking',
  },
  openRunFound: { checked: 'openRun' },
  takeUp: { openRun: 'applying' },
  measureAsked: { checked: 'measure' },
  measureStarted: { measure: 'measuring' },
  measured: { measuring: 'measure', meanwhile: 'tune' },
  seeChanges: { checked: 'tune', measure: 'tune', measuring: 'meanwhile', putBack: 'tune' },
  apply: { tune: 'applying' },
  silence: { applying: 'lost' },
  heard: { lost: 'applying' },
  keepAsked: { applying: 'keep', lost: 'keep' },
  kept: { keep: 'summary' },
  putBack: { applying: 'putBack', lost: 'putBack', keep: 'putBack' },
  runRefused: { applying: 'tune', lost: 'tune', keep: 'tune' },
  seeSummary: { checked: 'summary', measure: 'summary', tune: 'summary', putBack: 'summary' },
  otherRoles: { summary: 'otherRoles' },
  thisRole: { otherRoles: 'summary' },
  undoAsked: { summary: 'undoAsk', otherRoles: 'undoAsk' },
  undo: { undoAsk: 'applying', edited: 'applying' },
  editedFound: { applying: 'edited', lost: 'edited', keep: 'edited' },
  yourWord: { summary: 'yourWord' },
  dialogClosed: {
    firstContact: 'server',
    changedKey: 'server',
    sudo: 'checked',
    openRun: 'checked',
    undoAsk: 'summary',
    edited: 'summary',
    yourWord: 'summary',
  },
  back: {
    products: 'home',
    settings: 'home',
    history: 'home',
    comparison: 'history',
    product: 'home',
    role: 'product',
    server: 'role',
    firstContact: 'server',
    changedKey: 'server',
    unreachable: 'server',
    fit: 'server',
    sudo: 'checked',
    openRun: 'checked',
    checked: 'server',
    measure: 'checked',
    tune: 'checked',
    meanwhile: 'measuring',
    putBack: 'checked',
    summary: 'checking',
    otherRoles: 'summary',
    undoAsk: 'summary',
    edited: 'summary',
    yourWord: 'summary',
  },
  to: {
    server: 'role',
    firstContact: 'role',
    changedKey: 'role',
    unreachable: 'role',
    sudo: 'role',
    checked: 'role',
    openRun: 'role',
    measure: 'role',
    tune: 'role',
    putBack: 'role',
    summary: 'role',
    otherRoles: 'role',
    undoAsk: 'role',
    edited: 'role',
    yourWord: 'role',
  },
};

describe('next', () => {
  for (const event of Object.values(events)) {
    it(`${event.kind}: leads where the table says, from every step`, () => {
      for (const step of Object.values(steps)) {
        expect(next(step, event).kind, `${event.kind} in ${step.kind}`).toBe(table[event.kind][step.kind] ?? step.kind);
      }
    });
  }

  it('looks at the server before it asks for a role', () => {
    const at: Step = { kind: 'server', order: 'serverFirst' };
    expect(next(at, events.connected)).toEqual({ kind: 'fit', order: 'serverFirst' });
    expect(next(at, events.back)).toEqual({ kind: 'product', order: 'roleFirst' });
    expect(next({ kind: 'checked', order: 'serverFirst' }, events.back).kind).toBe('fit');
    expect(next({ kind: 'tune', order: 'serverFirst' }, events.to).kind).toBe('fit');
  });

  it('goes back to the summary when an undo is refused, and to the plan when an apply is', () => {
    expect(next({ kind: 'applying', order, way: 'undo' }, events.runRefused).kind).toBe('summary');
    expect(next({ kind: 'applying', order, way: 'apply' }, events.runRefused).kind).toBe('tune');
  });

  it('keeps the way through silence and contact', () => {
    const lost = next({ kind: 'applying', order, way: 'undo' }, events.silence);
    expect(lost).toMatchObject({ kind: 'lost', way: 'undo' });
    expect(next(lost, events.heard)).toMatchObject({ kind: 'applying', way: 'undo' });
  });

  it('takes a new deadline while asking', () => {
    const later = { ...ask, secondsLeft: 240 };
    expect(next(steps.keep, { kind: 'keepAsked', ask: later })).toMatchObject({
      kind: 'keep',
      ask: { secondsLeft: 240 },
    });
  });

  it('never leaves a server that is being changed by the rail or by going back', () => {
    const ways: StepEvent[] = [
      events.home,
      events.products,
      events.settings,
      events.back,
      ...marks(order).map((mark): StepEvent => ({ kind: 'to', mark })),
    ];
    for (const step of [steps.applying, steps.lost, steps.keep])
      for (const way of ways) expect(next(step, way)).toBe(step);
  });
});

describe('the rail', () => {
  it('offers the marks that lie behind', () => {
    expect(reachable(steps.tune)).toEqual(['role', 'server', 'check']);
    expect(reachable({ kind: 'checked', order: 'serverFirst' })).toEqual(['server', 'role']);
    expect(reachable(steps.home)).toEqual([]);
    expect(reachable(steps.applying)).toEqual([]);
  });

  it('looks again when going back from the summary', () => {
    const to = (mark: Mark) => next(steps.summary, { kind: 'to', mark }).kind;
    expect(to('check')).toBe('checking');
    expect(to('tune')).toBe('checking');
    expect(to('server')).toBe('server');
    expect(to('summary')).toBe('summary');
  });

  it('knows the mark of every step', () => {
    for (const step of Object.values(steps)) expect(markOf(step) === null).toBe(!('order' in step));
  });
});
