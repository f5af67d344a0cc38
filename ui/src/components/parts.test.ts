/** Components as a person meets them: by role and name. */
import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { createRawSnippet } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { changes, count, findings, fit, rows as waiting } from '../ipc/recorded/chat01';
import { rowsOf } from '../state/rows';
import Button from './Button.svelte';
import ChangeRow from './ChangeRow.svelte';
import Gauge from './Gauge.svelte';
import Matrix from './Matrix.svelte';
import NeedList from './NeedList.svelte';
import Slider from './Slider.svelte';
import Tally from './Tally.svelte';
import TextField from './TextField.svelte';

const text = (words: string) => createRawSnippet(() => ({ render: () => `<span>${words}</span>` }));
const nothing = () => undefined;
const all = new Map(findings.map((f) => [f.id, f]));

describe('Button', () => {
  it('that is off can be reached and does nothing', async () => {
    const onclick = vi.fn();
    render(Button, { children: text('Apply'), onclick, off: true });
    const button = screen.getByRole('button', { name: 'Apply' });
    await userEvent.tab();
    expect(button).toHaveFocus();
    await userEvent.click(button);
    expect(onclick).not.toHaveBeenCalled();
  });
});

describe('TextField', () => {
  it('says what is wrong beside it, and takes the focus', () => {
    render(TextField, { label: 'Port', value: '99999', error: 'A port is a number from 1 to 65535.' });
    const field = screen.getByLabelText('Port');
    expect(field).toHaveFocus();
    expect(field).toBeInvalid();
    expect(field).toHaveAccessibleDescription('A port is a number from 1 to 65535.');
  });
});

describe('Slider', () => {
  const setup = (more = {}) => {
    const onchange = vi.fn();
    render(Slider, {
      label: 'Users',
      value: 24,
      min: 1,
      max: 20000,
      ticks: [5, 50, 500],
      logarithmic: true,
      onchange,
      ...more,
    });
    return {
      onchange,
      thumb: screen.getByRole('slider', { name: 'Users' }),
      field: screen.getByRole('textbox', { name: 'Users' }),
    };
  };

  it('moves by 1 with the arrows and by 10 with the Page keys, within its ends', async () => {
    const { onchange, thumb } = setup();
    thumb.focus();
    await userEvent.keyboard('{ArrowRight}{ArrowDown}{PageUp}{Home}{End}{PageDown}');
    expect(onchange.mock.calls.map(([n]) => n)).toEqual([25, 23, 34, 1, 20000, 14]);
  });

  it('takes what is typed, and only what is in range', async () => {
    const { onchange, field } = setup();
    await userEvent.clear(field);
    await userEvent.type(field, '800');
    expect(onchange).toHaveBeenLastCalledWith(800);
    onchange.mockClear();
    await userEvent.clear(field);
    await userEvent.type(field, '99999x');
    expect(onchange).not.toHaveBeenCalledWith(99999);
  });
});

describe('Gauge', () => {
  const parts = (verdict: string, ratio: number | null) => {
    const { container } = render(Gauge, { verdict, ratio });
    return ['f', 'h', 'k'].filter((c) => container.querySelector(`.${c}`)).join('');
  };
  it.each([
    ['more than enough is a bar', 'met', 1.6, 'f'],
    ['short is a bar and hatching', 'short', 0.4, 'fh'],
    ['a version that is met is a knot', 'met', null, 'k'],
    ['an older version is a knot', 'short', null, 'k'],
    ['what is not there is hatching', 'missing', null, 'h'],
    ['nothing of a quantity is hatching', 'missing', 0, 'h'],
    ['without a reading stands the bare line', 'could_not_tell', null, ''],
    ['also when a ratio came with it', 'could_not_tell', 0.5, ''],
    ['a word of a person is the bare line', 'you_confirm', null, ''],
    ['waiting is the bare line', 'waiting', null, ''],
  ])('%s', (_, verdict, ratio, drawn) => expect(parts(verdict, ratio)).toBe(drawn));
});

describe('NeedList', () => {
  const list = (more = {}) =>
    render(NeedList, {
      rows: rowsOf(waiting, all, false),
      running: false,
      todo: false,
      fold: true,
      prompt: 'deploy@chat-01',
      ...more,
    });

  it('reads each need as one sentence', () => {
    list();
    expect(
      screen.getByRole('button', { name: 'Files a service may open server has 1,024 needed 65,536 Short' }),
    ).toBeInTheDocument();
  });

  it('folds an area with everything met, and opens it on a press', async () => {
    list();
    expect(screen.queryByText('Processor cores')).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: /Hardware.*All 3 met/ }));
    expect(screen.getByText('Processor cores')).toBeInTheDocument();
  });

  it('does not fold what somebody is reading', () => {
    list({ fold: false });
    expect(screen.getByText('Processor cores')).toBeInTheDocument();
  });

  it('opens a row with its reason and its evidence, and closes it', async () => {
    list();
    const row = screen.getByRole('button', { name: /^Files a service may open/ });
    await userEvent.click(row);
    expect(row).toHaveAttribute('aria-expanded', 'true');
    expect(screen.getByText(/Every connection and every attachment/)).toBeInTheDocument();
    expect(screen.getByText(/DefaultLimitNOFILESoft=1024/)).toBeInTheDocument();
    await userEvent.click(row);
    expect(screen.queryByText(/Every connection/)).not.toBeInTheDocument();
  });

  it('is one stop of the Tab key', () => {
    list({ fold: false });
    const rows = screen.getAllByRole('button').filter((b) => b.hasAttribute('data-row'));
    expect(rows.filter((r) => r.tabIndex === 0)).toHaveLength(1);
  });

  it('shows what is to be done only', async () => {
    list({ todo: true });
    expect(await screen.findByText('Daily automatic backup')).toBeInTheDocument();
    expect(screen.queryByText('Operating system')).not.toBeInTheDocument();
  });

  it('draws a long list a part at a time, and all of it in the end', async () => {
    const each = rowsOf(waiting, all, false);
    const many = Array.from({ length: 10 }, (_, time) =>
      each.map((row) => ({ ...row, id: `${row.id}.${time}` })),
    ).flat();
    const { container } = list({ rows: many, fold: false });
    const drawn = () => container.querySelectorAll('[data-row]').length;
    expect(drawn()).toBeLessThan(50);
    await vi.waitFor(() => expect(drawn()).toBe(many.length), { timeout: 30_000 });
  });
});

describe('ChangeRow', () => {
  it('switches, and opens what exactly and how to undo it', async () => {
    const change = changes.find((c) => c.id === 'sysctl.buffers');
    if (!change) throw new Error('not recorded');
    const onswitch = vi.fn();
    const ontoggle = vi.fn();
    const { rerender } = render(ChangeRow, { change, on: true, open: false, onswitch, ontoggle });
    await userEvent.click(screen.getByRole('switch', { name: change.title, checked: true }));
    expect(onswitch).toHaveBeenCalledWith(false);
    await userEvent.click(screen.getByRole('button', { name: `What exactly: ${change.title}` }));
    expect(ontoggle).toHaveBeenCalledWith(true);
    await rerender({ change, on: true, open: true, onswitch, ontoggle });
    expect(screen.getByText('/etc/sysctl.d/zz-plumbline.conf')).toBeInTheDocument();
    expect(screen.getByText('now 4096 131072 6291456')).toBeInTheDocument();
    expect(screen.getByText(/removes this file/)).toBeInTheDocument();
  });

  it('says why a change is off by advice', () => {
    const change = changes.find((c) => c.advisedOff !== null);
    if (!change) throw new Error('not recorded');
    render(ChangeRow, { change, on: false, open: false, onswitch: nothing, ontoggle: nothing });
    expect(screen.getByRole('switch', { checked: false })).toBeInTheDocument();
    expect(screen.getByText(/could then ask for 50 GB/)).toBeInTheDocument();
  });
});

describe('Matrix', () => {
  it('reads as a table, with a word in every cell', () => {
    render(Matrix, { rows: fit, current: 'reforms/small' });
    const row = screen.getByRole('row', { name: /^Small team/ });
    expect(
      within(row)
        .getAllByRole('cell')
        .map((c) => c.textContent?.trim()),
    ).toEqual([
      'met',
      'can be put right',
      'can be put right',
      'can be put right',
      'met',
      'can be put right',
      'you confirm',
      'you confirm',
      'Yes, after 17 things',
    ]);
  });
});

describe('Tally', () => {
  it('leaves out what there is none of', () => {
    const { container } = render(Tally, { counts: { ...count(findings), missing: 0 } });
    expect(container).toHaveTextContent('12 met');
    expect(container).not.toHaveTextContent('missing');
  });
});
