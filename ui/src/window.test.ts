// @vitest-environment node
/**
 * The window in a real browser, with recorded data: what a unit test cannot see. Accessibility rules with computed colours, focus, keys, dialogs that
 * keep the focus, nothing cut off at the smallest window, at 200 % zoom or with forced colours.
 */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, hasBrowser, pictures, start } from '../walks.mjs';

if (!hasBrowser) process.stderr.write(`left out: the window in a browser: ${browserPath} is not installed\n`);

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
type Stage = Awaited<ReturnType<typeof start>>;
let stage: Stage;
let page: Page;

/** Opens the walk of a picture. */
async function walk(name: string, options: Parameters<Stage['open']>[1] = {}): Promise<Page> {
  const [, script, go] = pictures.find(([n]) => n === name) ?? [];
  if (script === undefined || !go) throw new Error(`no picture is called ${name}`);
  page = await stage.open(script, options);
  await go(page);
  return page;
}

const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim().replace(/\s+/g, ' ') ?? '');
const screen = () => page.locator('main').getAttribute('data-screen');
const see = (s: string) => page.locator(`main[data-screen="${s}"]`).waitFor();

async function broken(): Promise<string[]> {
  await page.evaluate(axe);
  const result = await page.evaluate(async () => {
    const run = (
      globalThis as unknown as { axe: { run(context: unknown, options: unknown): Promise<{ violations: unknown[] }> } }
    ).axe;
    return run.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
  });
  const violations = result.violations as {
    id: string;
    help: string;
    nodes: { target: string[]; failureSummary: string }[];
  }[];
  return violations.map(
    (v) =>
      `${v.id}: ${v.help}: ${v.nodes
        .map((n) => n.target.join(' '))
        .slice(0, 3)
        .join(' | ')}: ${v.nodes[0]?.failureSummary}`,
  );
}

// Minutes of walks over every screen and size: `npm run test:full` sets PLUMB_FULL.
const full = Boolean(process.env.PLUMB_FULL);
if (!full) process.stderr.write('left out: the window in a browser: takes minutes; PLUMB_FULL=1 runs it\n');

describe.skipIf(!hasBrowser || !full)('in a browser', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    stage = await start();
  }, 120_000);
  afterEach(async () => page.context().close());
  afterAll(async () => stage.close());

  describe('holds the rules of accessibility', () => {
    const screens = pictures.map(([name]) => name);
    it.each(screens)('%s', async (name) => {
      await walk(name);
      expect(await broken()).toEqual([]);
    });
    it.each([
      '00-home',
      '02-connect',
      '02b-hostkey-matched',
      '02c-hostkey-changed',
      '03b-check-expanded',
      '04-tune',
      '04c-keep',
      '05-summary',
      '06a-wrong-password',
    ])('in the dark: %s', async (name) => {
      await walk(name, { colorScheme: 'dark' });
      expect(await broken()).toEqual([]);
    });
  });

  describe('fits', () => {
    // At 200 % the smallest window is 450 by 320 pixels of the page.
    const sizes = [
      ['the smallest window', { width: 900, height: 640 }],
      ['the smallest window at 200 %', { width: 450, height: 320 }],
    ] as const;
    for (const [what, viewport] of sizes) {
      it.each([
        '00-home',
        '01a-product',
        '01b-role-prover',
        '01d-role-large',
        '02-connect',
        '02b-hostkey-first',
        '02c-hostkey-changed',
        '03b-check-expanded',
        '04-tune',
        '04b-applying',
        '04c-keep',
        '05-summary',
        '05c-confirm',
        '06b-unreachable',
        '06d-connection-lost',
        '08-settings',
      ])(`${what}: %s`, async (name) => {
        await walk(name);
        await page.setViewportSize(viewport);
        const wide = await page.evaluate(() => {
          const beyond: string[] = [];
          for (const e of document.querySelectorAll<HTMLElement>('dialog[open] *, main *, nav *')) {
            const box = e.getBoundingClientRect();
            const shown =
              box.width > 1 && box.height > 1 && getComputedStyle(e).visibility === 'visible' && !e.closest('.sr');
            const behind = document.querySelector('dialog[open]') !== null && !e.closest('dialog');
            if (
              shown &&
              !behind &&
              e.matches('button, input, a, h1, h2') &&
              (box.right > innerWidth + 1 || box.left < -1)
            )
              beyond.push(e.textContent?.trim() || e.tagName);
          }
          return beyond;
        });
        expect(wide).toEqual([]);
        // Whatever can be pressed can be brought into view.
        const unreachable = await page.evaluate(() => {
          const scope = document.querySelector('dialog[open]') ?? document;
          return [...scope.querySelectorAll<HTMLElement>('button')]
            .filter((b) => {
              if (b.closest('.sr') || b.classList.contains('sr') || getComputedStyle(b).opacity === '0') return false;
              b.scrollIntoView({ block: 'nearest' });
              const box = b.getBoundingClientRect();
              return box.bottom > innerHeight + 1 || box.top < -1;
            })
            .map((b) => b.textContent?.trim() || b.ariaLabel);
        });
        expect(unreachable).toEqual([]);
      });
    }

    it('shows focus and verdicts with forced colours', async () => {
      await walk('03b-check', { forcedColors: 'active' });
      await page.keyboard.press('Tab');
      const outline = await page.evaluate(() => {
        const e = document.activeElement;
        return e ? getComputedStyle(e).outlineStyle : '';
      });
      expect(outline).not.toBe('none');
    });
  });

  describe('moves the focus', () => {
    it('to the title of a new screen', async () => {
      await walk('01a-product');
      expect(await focused()).toBe('What should this server run?');
    });

    it('into a dialog, keeps it there, and gives it back', async () => {
      await walk('05-summary');
      await page.getByRole('button', { name: 'Undo everything…' }).focus();
      await page.keyboard.press('Enter');
      await page.locator('dialog[data-dialog=undo]').waitFor();
      expect(await focused()).toBe('Leave as it is');
      for (let i = 0; i < 8; i++) {
        await page.keyboard.press('Tab');
        expect(
          await page.evaluate(
            () => document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
          ),
        ).toBe(true);
      }
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
      expect(await focused()).toBe('Undo everything…');
      expect(await screen()).toBe('summary');
    });

    it('to the field that caused an error, filled and selected', async () => {
      await walk('06a-wrong-password');
      const field = await page.evaluate(() => {
        const e = document.activeElement as HTMLInputElement;
        return {
          name: e.name,
          selected: (e.selectionEnd ?? 0) - (e.selectionStart ?? 0),
          said: document.getElementById(e.getAttribute('aria-describedby') ?? '')?.textContent,
        };
      });
      expect(field).toMatchObject({ name: 'password', selected: 9 });
      expect(field.said).toContain('did not accept');
    });
  });

  describe('listens to the keys', () => {
    it('walks from an empty home to the summary with the keyboard alone', async () => {
      page = await stage.open('connect=ok');
      await page.keyboard.press('Enter');
      await see('product');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await see('role');
      await page.keyboard.press('Enter');
      await see('server');
      await page.getByLabel('Server', { exact: true }).focus();
      await page.keyboard.type('chat-01');
      await page.keyboard.press('Enter');
      await page.locator('[data-phase=done]').waitFor();
      await page.keyboard.press('Enter');
      await see('tune');
      await page.keyboard.press('Enter');
      await see('keep');
      await page.keyboard.press('Enter');
      await see('summary');
      await page.keyboard.press('p');
      await page.getByText('Saved to').waitFor();
    });

    it('does nothing on Enter at first contact, and cancels on Esc', async () => {
      await walk('02b-hostkey-first');
      await page.keyboard.press('Enter');
      await page.waitForTimeout(100);
      expect(await page.locator('dialog[data-dialog=first-contact]').count()).toBe(1);
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
      expect(await screen()).toBe('server');
    });

    it('connects on Enter once the fingerprint is the same', async () => {
      await walk('02b-hostkey-matched');
      expect(await page.getByRole('button', { name: 'Connect without comparing' }).count()).toBe(0);
      await page.keyboard.press('Enter');
      await see('check');
    });

    it('offers no way on when the fingerprint differs', async () => {
      await walk('02b-hostkey-different');
      expect(await page.locator('dialog .acts button').allInnerTexts()).toEqual(['Cancel']);
    });

    it.each(['Enter', 'Escape'])('does not connect to a changed key on %s', async (key) => {
      await walk('02c-hostkey-changed');
      await page.keyboard.press(key);
      await page.locator('dialog').waitFor({ state: 'detached' });
      expect(await screen()).toBe('server');
    });

    it('replaces a key only after the proof', async () => {
      await walk('02c-hostkey-know');
      const replace = page.getByRole('button', { name: 'Replace the saved key' });
      const field = page.getByLabel('New fingerprint, or the server’s name');
      await field.fill('chat-02');
      await replace.click({ force: true });
      expect(await page.locator('dialog[data-dialog=changed-key]').count()).toBe(1);
      await field.fill('chat-01');
      await page.keyboard.press('Enter');
      await page.locator('dialog').waitFor({ state: 'detached' });
      expect(await screen()).toBe('server');
    });

    it('moves, opens, closes, filters and copies in the list of needs', async () => {
      await walk('03b-check', { permissions: ['clipboard-read', 'clipboard-write'] });
      const row = (id: string) => page.locator(`[data-need="reforms.${id}"]`);
      await row('system').locator('[data-row]').focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowRight');
      await row('files').getByText('Why it matters').waitFor();
      await page.keyboard.press('c');
      await row('files').getByText('Copied').waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('DefaultLimitNOFILESoft=1024');
      await page.keyboard.press('ArrowLeft');
      await row('files').getByText('Why it matters').waitFor({ state: 'detached' });
      await page.keyboard.press('t');
      await row('system').waitFor({ state: 'detached' });
      await page.keyboard.press('t');
      await row('system').waitFor();
    });

    it('switches with Space and opens with Right in the list of changes', async () => {
      await walk('04-tune');
      await page.getByRole('switch', { name: 'Let services keep 65,536 files open' }).focus();
      await page.keyboard.press('Space');
      await page.getByRole('button', { name: 'Apply 5 changes' }).waitFor();
      await page.keyboard.press('ArrowRight');
      await page.getByText('/etc/systemd/system.conf.d/zz-plumbline.conf').waitFor();
      await page.keyboard.press('ArrowDown');
      expect(
        await page.evaluate(() => document.activeElement?.closest('[data-change]')?.getAttribute('data-change')),
      ).toBe('sysctl.buffers');
    });

    it('goes back with Alt+Left and keeps every answer', async () => {
      await walk('02-connect');
      await page.keyboard.press('Alt+ArrowLeft');
      await see('role');
      await page.keyboard.press('Enter');
      await see('server');
      expect(await page.getByLabel('Server', { exact: true }).inputValue()).toBe('203.0.113.24');
    });

    it('opens the log with L, and remembers', async () => {
      await walk('04b-applying-folded');
      await page.keyboard.press('l');
      await page.getByText('sysctl --load').waitFor();
    });

    it('lists all keys on ?, and leaves letters alone when they are switched off', async () => {
      await walk('08-shortcuts');
      await page.keyboard.press('Escape');
      await page.locator('dialog').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('switch', { name: 'Single-letter shortcuts' }).click();
      await page.getByRole('button', { name: 'Servers' }).click();
      await page.keyboard.press('n');
      await page.keyboard.press('?');
      await page.waitForTimeout(100);
      expect([await screen(), await page.locator('dialog').count()]).toEqual(['home', 0]);
    });
  });

  describe('tells', () => {
    it('the counts of a check politely, every three seconds and not row by row', async () => {
      await walk('03-check-live');
      const status = page.locator('main [role=status]').first();
      expect(await status.textContent()).toBe('');
      await page.waitForTimeout(3200);
      expect(await status.textContent()).toBe('11 of 36, 5 met, 6 short');
    });

    it('the clock at 10 seconds, and what happens when it is over', async () => {
      const [, , go] = pictures.find(([n]) => n === '04c-keep') ?? [];
      page = await stage.open('connect=ok&left=11');
      await go?.(page);
      await page.locator('[aria-live=assertive]', { hasText: '10 seconds left to decide' }).waitFor();
      await page.locator('main[data-screen=put-back]').waitFor({ timeout: 15_000 });
    });
  });
});
