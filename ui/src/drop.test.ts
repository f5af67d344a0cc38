import { cleanup, render } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from './App.svelte';
import { Fake } from './ipc/fake';
import { Wizard } from './wizard/wizard.svelte';

afterEach(cleanup);

/** What a browser sends when something is let go of over the window; jsdom has no `DragEvent` of its own. */
function letGo(kind: 'dragover' | 'drop', types: string[], files: File[]) {
  const event = Object.assign(new Event(kind, { bubbles: true, cancelable: true }), { dataTransfer: { types, files } });
  document.body.dispatchEvent(event);
  return event;
}

const reading = (name = 'chat-07.txt') => Object.assign(new File(['x'], name), { text: async () => '@plumb by-hand' });

async function home() {
  const backend = new Fake({ pace: 0 });
  const wizard = new Wizard(backend);
  await wizard.start();
  const { container } = render(App, { wizard });
  return { backend, container };
}

describe('something that is let go of over the window', () => {
  it('is opened where it is a file, wherever it lands', { timeout: 30_000 }, async () => {
    const { backend, container } = await home();
    const dropped = vi.spyOn(backend, 'dropFacts');
    expect(letGo('dragover', ['Files'], []).defaultPrevented).toBe(true);
    expect(letGo('drop', ['Files'], [reading()]).defaultPrevented).toBe(true);
    const soon = { timeout: 20_000 };
    await vi.waitFor(() => expect(dropped).toHaveBeenCalledWith('chat-07.txt', '@plumb by-hand'), soon);
    await vi.waitFor(() => expect(container.textContent).toContain('chat-07'), soon);
    expect(container.textContent).toContain('Not connected');
    letGo('drop', ['Files'], [reading('chat-08.txt')]);
    await vi.waitFor(() => expect(container.textContent).toContain('chat-08'), soon);
  });

  it('is left to the browser where it is a word', { timeout: 30_000 }, async () => {
    const { backend } = await home();
    const dropped = vi.spyOn(backend, 'dropFacts');
    expect(letGo('drop', ['text/plain'], []).defaultPrevented).toBe(false);
    expect(dropped).not.toHaveBeenCalled();
  });
});
