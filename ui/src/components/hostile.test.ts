/** What a server prints is hostile: it stays text wherever it is shown. */
import { render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../ipc/bindings';
import { changes, findings } from '../ipc/recorded/chat01';
import PromptDialog from '../screens/PromptDialog.svelte';
import ChangeRow from './ChangeRow.svelte';
import Glyph, { glyphOf } from './Glyph.svelte';
import Log from './Log.svelte';
import NeedDetail from './NeedDetail.svelte';

const markup = '</pre><img src=x onerror=alert(1)><script>alert(2)</script>{@html x}&lt;b&gt;';
const nothing = () => undefined;

function expectText(container: HTMLElement) {
  expect(container.querySelectorAll('img, script, b img').length).toBe(0);
  expect(container.textContent).toContain(markup);
}

describe('markup from a server', () => {
  it('in evidence', () => {
    const first = findings[0] as Finding;
    const finding = {
      ...first,
      found: markup,
      sentence: markup,
      evidence: [{ command: markup, output: markup, exit: 1 }],
    };
    const { container } = render(NeedDetail, { finding, prompt: markup });
    expectText(container);
    expect(container.textContent).toContain('exit 1');
  });

  it('in a diff', () => {
    const first = changes[0];
    if (!first) throw new Error('no change was recorded');
    const change = {
      ...first,
      files: [{ path: markup, new: false, lines: [{ sign: 'add', text: markup, now: markup }] }],
    };
    const { container } = render(ChangeRow, { change, on: true, open: true, onswitch: nothing, ontoggle: nothing });
    expectText(container);
  });

  it('in the log', () => {
    const { container } = render(Log, {
      name: 'chat-01',
      lines: [{ time: '14:28:09', text: markup }],
      open: true,
      ontoggle: nothing,
    });
    expectText(container);
  });

  it('in a question while signing in', () => {
    const { container } = render(PromptDialog, { host: 'chat-01', text: markup, echo: false, onanswer: nothing });
    expectText(container);
    expect(screen.getByLabelText('Your answer')).toHaveAttribute('type', 'password');
  });
});

describe('a verdict that nobody knows', () => {
  it('is never met', () => {
    for (const word of ['', 'ok', 'MET', 'passed', '__proto__', 'constructor'])
      expect(glyphOf(word)).toBe('could_not_tell');
    const { container } = render(Glyph, { verdict: 'passed' });
    expect(container.querySelector('svg')).toHaveClass('could_not_tell');
  });
});
