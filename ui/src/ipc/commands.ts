import { Channel, invoke } from '@tauri-apps/api/core';
import type { Backend, On } from './backend';

/** A Tauri channel that hands every message on. */
function channel<T>(on: On<T>): Channel<T> {
  const c = new Channel<T>();
  c.onmessage = on;
  return c;
}

/** The real backend: each method is one Tauri command of the same name. This file alone imports @tauri-apps. */
export const commands: Backend = {
  products: () => invoke('products'),
  roleNeeds: (role) => invoke('role_needs', { role }),

  connectDefaults: () => invoke('connect_defaults'),
  inspectKey: (path) => invoke('inspect_key', { path }),
  pickKeyFile: () => invoke('pick_key_file'),
  connect: (ask, on) => invoke('connect', { ask, on: channel(on) }),
  thisComputer: (on) => invoke('this_computer', { on: channel(on) }),
  openFacts: () => invoke('open_facts'),
  practice: () => invoke('practice'),
  answer: (id, text) => invoke('answer', { id, text }),
  cancel: () => invoke('cancel'),

  check: (session, role, on) => invoke('check', { session, role, on: channel(on) }),
  giveSudo: (session, password, remember) => invoke('give_sudo', { session, password, remember }),
  fit: (session) => invoke('fit', { session }),

  apply: (session, changes, on) => invoke('apply', { session, changes, on: channel(on) }),
  undo: (session, run, on) => invoke('undo', { session, run, on: channel(on) }),
  keep: (session) => invoke('keep', { session }),
  putBack: (session) => invoke('put_back', { session }),
  moreTime: (session) => invoke('more_time', { session }),

  summary: (session) => invoke('summary', { session }),
  answerQuestion: (session, id, answer, name) => invoke('answer_question', { session, id, answer, name }),
  savePdf: (session) => invoke('save_pdf', { session }),
  saveJson: (session) => invoke('save_json', { session }),
  saveScript: (session, changes) => invoke('save_script', { session, changes }),
  copyDetails: (session) => invoke('copy_details', { session }),
  openLogFolder: () => invoke('open_log_folder'),

  savedServers: () => invoke('saved_servers'),
  forgetServer: (id) => invoke('forget_server', { id }),
  settings: () => invoke('settings'),
  setSettings: (settings) => invoke('set_settings', { settings }),
  savePlace: (json) => invoke('save_place', { json }),
  place: () => invoke('place'),
};
