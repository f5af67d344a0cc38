import { mount } from 'svelte';
import App from './App.svelte';
import type { Backend } from './ipc/backend';
import { commands } from './ipc/commands';
import './styles/tokens.css';
import './styles/base.css';
import { Wizard } from './wizard/wizard.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');

/** Recorded data and the page of all components are for development and tests: the built app does not contain them. */
const rehearsal = import.meta.env.MODE !== 'production';

/** In the app: Tauri. In a browser, with ?fake: recorded data. */
async function backend(): Promise<Backend> {
  if (rehearsal && new URLSearchParams(location.search).has('fake')) {
    const { Fake, scriptOf } = await import('./ipc/fake');
    return new Fake(scriptOf(location.search));
  }
  return commands;
}

if (rehearsal && location.pathname === '/foundations') {
  const { default: Foundations } = await import('./Foundations.svelte');
  target.replaceChildren();
  mount(Foundations, { target });
} else {
  const wizard = new Wizard(await backend());
  // What was there to be seen until now gives way.
  target.replaceChildren();
  mount(App, { target, props: { wizard } });
}
