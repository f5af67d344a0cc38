import { Channel } from '@tauri-apps/api/core';
import type { Backend, On } from './backend';
import { commands as generated } from './bindings';

/** A Tauri channel that hands every message on. */
function channel<T>(on: On<T>): Channel<T> {
  const c = new Channel<T>();
  c.onmessage = on;
  return c;
}

/** The real backend: the generated commands, with channels made from listeners. Beside the generated file, this alone imports @tauri-apps. */
export const commands: Backend = {
  ...generated,
  connect: (ask, on) => generated.connect(ask, channel(on)),
  thisComputer: (on) => generated.thisComputer(channel(on)),
  check: (session, role, on) => generated.check(session, role, channel(on)),
  measure: (session, what, storage, on) => generated.measure(session, what, storage, channel(on)),
  apply: (session, changes, on) => generated.apply(session, changes, channel(on)),
  undo: (session, run, answers, on) => generated.undo(session, run, answers, channel(on)),
  takeUp: (session, run, on) => generated.takeUp(session, run, channel(on)),
};
