import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { press } from './shortcuts';

let pressed: string[];

beforeEach(() => {
  pressed = [];
  document.body.innerHTML = `
    <main>
      <input id="field" /><input id="radio" type="radio" /><button id="other">Other</button>
      <div data-list><button data-row id="row">Row</button></div>
      <button data-key="Enter">Go</button><button data-key="Escape">Stop</button><button data-key="Back">Back</button>
      <button data-key="P">PDF</button><button data-key="X" aria-disabled="true">Off</button>
    </main>`;
  for (const b of document.querySelectorAll('button'))
    b.addEventListener('click', () => pressed.push(b.textContent ?? ''));
});
afterEach(() => vi.restoreAllMocks());

function key(name: string, on = 'body', more: KeyboardEventInit = {}, letters = true): void {
  const target = document.querySelector(on) ?? document.body;
  const event = new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...more });
  Object.defineProperty(event, 'target', { value: target });
  press(event, letters);
}

it.each([
  ['Enter presses the main action', () => key('Enter'), ['Go']],
  ['also from a field', () => key('Enter', '#field'), ['Go']],
  ['also from a radio button', () => key('Enter', '#radio'), ['Go']],
  ['not from another button', () => key('Enter', '#other'), []],
  ['not from a list', () => key('Enter', '#row'), []],
  ['Esc stops', () => key('Escape', '#field'), ['Stop']],
  ['Alt+Left goes back', () => key('ArrowLeft', '#field', { altKey: true }), ['Back']],
  ['Cmd+[ goes back', () => key('[', 'body', { metaKey: true }), ['Back']],
  ['a letter works', () => key('p'), ['PDF']],
  ['not inside a field', () => key('p', '#field'), []],
  ['not with Ctrl', () => key('p', 'body', { ctrlKey: true }), []],
  ['not when switched off', () => key('p', 'body', {}, false), []],
  ['what is off stays off', () => key('x'), []],
])('%s', (_, act, result) => {
  act();
  expect(pressed).toEqual(result);
});

it('belongs to the topmost dialog', () => {
  document.body.insertAdjacentHTML(
    'beforeend',
    '<dialog open><button data-key="Enter" id="keep">Keep it</button></dialog>',
  );
  document.querySelector('#keep')?.addEventListener('click', () => pressed.push('Keep it'));
  key('Enter');
  key('p');
  expect(pressed).toEqual(['Keep it']);
});
