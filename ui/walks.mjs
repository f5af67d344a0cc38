/**
 * The window in a browser, with recorded data, and the walks through it: one for every screen in every state that matters.
 * The pictures and the tests in the browser both use them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/** The browser: CHROMIUM names another than Debian's. */
export const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const hasBrowser = existsSync(browserPath);

/** Builds the pages with recorded data in them, into target/. The built app has none: its mode is another. */
function build() {
  const { VITEST, NODE_ENV, ...env } = process.env;
  const out = fileURLToPath(new URL('../target/ui-fake/', import.meta.url));
  const args = [
    'node_modules/vite/bin/vite.js',
    'build',
    '--mode',
    'fake',
    '--outDir',
    out,
    '--emptyOutDir',
    '--logLevel',
    'error',
  ];
  const done = spawnSync(process.execPath, args, {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env,
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`the pages could not be built: ${done.stderr}`);
  return out;
}

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2' };

/** Serves the pages on the loopback; whatever is no file is the page itself. */
async function serve(folder) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const file = join(folder, extname(path) in types ? path : 'index.html');
    if (!file.startsWith(folder) || !existsSync(file)) return response.writeHead(404).end();
    return response.writeHead(200, { 'content-type': types[extname(file)] }).end(readFileSync(file));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** Starts the pages and the browser. `open` gives a page at the start of a walk; `close` ends both. */
export async function start() {
  const server = await serve(build());
  const base = `http://127.0.0.1:${server.address().port}/`;
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return {
    /** Which browser this is: it decides how letters are drawn. */
    version: browser.version(),
    async open(script, options = {}) {
      const context = await browser.newContext({
        viewport: { width: 1180, height: 780 },
        reducedMotion: 'reduce',
        ...options,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(10_000);
      await page.goto(script === null ? `${base}foundations` : `${base}?fake&${script}&pace=5`);
      await page.locator('h1').first().waitFor();
      await page.evaluate(() => document.fonts.ready);
      return page;
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

const name = (n) => ({ name: n, exact: true });
const button = (page, n) => page.getByRole('button', typeof n === 'string' ? name(n) : { name: n });
const screen = (page, s) => page.locator(`main[data-screen="${s}"]`).waitFor();
const dialog = (page, d) => page.locator(`dialog[data-dialog="${d}"]`).waitFor();

// ---- walks that others continue

const product = async (page) => {
  await button(page, 'Set up a server').click();
  await screen(page, 'product');
};
const role = (id) => async (page) => {
  await product(page);
  await page.locator(`[data-product="${id}"]`).click();
  await screen(page, 'role');
};
const connect = async (page) => {
  await role('reforms')(page);
  await button(page, 'Continue').click();
  await screen(page, 'server');
};
const address = async (page, text = '203.0.113.24') => {
  await connect(page);
  await page.getByLabel('Server', { exact: true }).fill(text);
  await page.keyboard.press('Escape');
};
const signIn = async (page, text) => {
  await address(page, text);
  await page.getByLabel('Passphrase', { exact: true }).fill('correct horse');
  await button(page, 'Connect').click();
};
const fingerprint = 'SHA256:dDZdGu7qFJaBUmrF7vvccawqNnecW9OeKD8LOhuaQ9o';
const checking = async (page) => {
  await signIn(page);
  await screen(page, 'check');
};
const checked = async (page) => {
  await checking(page);
  await page.locator('[data-phase="done"]').waitFor();
};
const measure = async (page) => {
  await checked(page);
  await button(page, 'Measure speed and ports…').click();
  await screen(page, 'measure');
};
const tune = async (page) => {
  await checked(page);
  await button(page, 'See what to change').click();
  await screen(page, 'tune');
};
const apply = async (page) => {
  await tune(page);
  await button(page, 'Apply 6 changes').click();
};
const keep = async (page) => {
  await apply(page);
  await screen(page, 'keep');
};
const summary = async (page) => {
  await keep(page);
  await button(page, 'Keep these changes').click();
  await screen(page, 'summary');
};

// ---- the pictures: name, how the recorded backend behaves, how to get there

export const pictures = [
  ['00-home', 'home=full', () => undefined],
  [
    '00-forget',
    'home=full',
    async (page) => {
      await page.locator('[data-server="prover-1"]').hover();
      await button(page, 'Forget prover-1').click();
      await dialog(page, 'forget');
    },
  ],
  ['00b-home-empty', '', () => undefined],
  ['01a-product', '', product],
  [
    '01a-product-file',
    '',
    async (page) => {
      await product(page);
      await button(page, 'Open file…').click();
      await page.locator('[data-file]').waitFor();
    },
  ],
  [
    '01a-product-refused',
    '',
    async (page) => {
      await product(page);
      await page.evaluate(() => {
        const data = new DataTransfer();
        data.items.add(new File(['tittle = "Memory"'], 'ours.toml'));
        document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
      });
      await page.getByText('ours.toml:19').waitFor();
    },
  ],
  [
    '01b-role-prover',
    '',
    async (page) => {
      await role('dusk')(page);
      await page.getByLabel('Prover').check({ force: true });
      await page.getByText('A prover with 6 workers needs').waitFor();
    },
  ],
  ['01c-role-users', '', role('reforms')],
  [
    '01d-role-large',
    '',
    async (page) => {
      await role('reforms')(page);
      await page.getByLabel('Users', { exact: true }).first().fill('800');
      await page.getByText('Which one is this?').waitFor();
    },
  ],
  [
    '01e-look-first',
    'connect=ok',
    async (page) => {
      await product(page);
      await button(page, 'Look at a server first').click();
      await page.getByLabel('Server', { exact: true }).fill('203.0.113.24');
      await page.keyboard.press('Escape');
      await button(page, 'Connect').click();
      await screen(page, 'fit');
      await page.getByLabel('Small team, 5 to 50').check({ force: true });
    },
  ],
  [
    '02-connect',
    '',
    async (page) => {
      await address(page);
      await page.getByText('Remember the passphrase').click();
      await page.getByLabel('Passphrase', { exact: true }).fill('correct ho');
    },
  ],
  [
    '02-connect-missing',
    '',
    async (page) => {
      await connect(page);
      await button(page, 'Connect').click();
    },
  ],
  ['02-connect-no-keychain', 'keychain=none', address],
  ['02-connecting', 'connect=ok&pace=60000', signIn],
  [
    '02a-connect-pick',
    'home=full',
    async (page) => {
      await connect(page);
      await page.getByLabel('Server', { exact: true }).click();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
    },
  ],
  [
    '02b-hostkey-first',
    'connect=first',
    async (page) => {
      await signIn(page);
      await dialog(page, 'first-contact');
    },
  ],
  [
    '02b-hostkey-where',
    'connect=first',
    async (page) => {
      await signIn(page);
      await dialog(page, 'first-contact');
      await button(page, 'Where do I find it?').click();
    },
  ],
  [
    '02b-hostkey-matched',
    'connect=first',
    async (page) => {
      await signIn(page);
      await page.getByPlaceholder('SHA256:').fill(fingerprint);
    },
  ],
  [
    '02b-hostkey-different',
    'connect=first',
    async (page) => {
      await signIn(page);
      await page.getByPlaceholder('SHA256:').fill(fingerprint.replace('FJaB', 'FJaC'));
    },
  ],
  [
    '02c-hostkey-changed',
    'connect=changed',
    async (page) => {
      await signIn(page);
      await dialog(page, 'changed-key');
    },
  ],
  [
    '02c-hostkey-know',
    'connect=changed',
    async (page) => {
      await signIn(page);
      await button(page, 'I know why it changed…').click();
      await page.getByLabel('New fingerprint, or the server’s name').fill('chat-01');
    },
  ],
  [
    '02d-connect-more',
    '',
    async (page) => {
      await address(page);
      await button(page, /^More/).click();
      await page.getByLabel('Connect through another server').fill('mara@bastion.example.org');
    },
  ],
  [
    '02e-this-computer',
    '',
    async (page) => {
      await connect(page);
      await page.getByRole('radio', { name: 'This computer' }).check({ force: true });
    },
  ],
  [
    '02f-prompt',
    'connect=prompt',
    async (page) => {
      await signIn(page);
      await page.getByRole('button', { name: 'Connect without comparing' }).click();
      await dialog(page, 'prompt');
    },
  ],
  [
    '03-check-live',
    'connect=ok&hold=11&pace=5',
    async (page) => {
      await checking(page);
      await page.getByText('11 of 36').waitFor();
    },
  ],
  ['03b-check', 'connect=ok', checked],
  ['03c-measure-choice', 'connect=ok', measure],
  [
    '03c-measure',
    'connect=ok&measure=8',
    async (page) => {
      await measure(page);
      await button(page, 'Measure').click();
      await page.locator('[data-port="8443/tcp"][data-verdict="missing"]').waitFor();
    },
  ],
  [
    '04-tune-meanwhile',
    'connect=ok&measure=8',
    async (page) => {
      await measure(page);
      await button(page, 'Measure').click();
      await page.locator('[data-port="8443/tcp"][data-verdict="missing"]').waitFor();
      await button(page, 'See what to change').click();
      await screen(page, 'tune');
    },
  ],
  [
    '03c-measure-done',
    'connect=ok',
    async (page) => {
      await measure(page);
      await button(page, 'Measure').click();
      await page.locator('[data-phase="done"]').waitFor();
    },
  ],
  [
    '03b-check-expanded',
    'connect=ok',
    async (page) => {
      await checked(page);
      await page.locator('[data-need="reforms.files"] [data-row]').click();
    },
  ],
  [
    '03b-check-parts',
    'connect=ok',
    async (page) => {
      await checked(page);
      await page.locator('[data-need="reforms.stun"] [data-row]').click();
    },
  ],
  [
    '03b-check-todo',
    'connect=ok',
    async (page) => {
      await checked(page);
      await page.keyboard.press('t');
    },
  ],
  [
    '04-tune',
    'connect=ok',
    async (page) => {
      await tune(page);
      await button(page, 'What exactly: Give connections more room').click();
    },
  ],
  [
    '04-tune-end',
    'connect=ok',
    async (page) => {
      await tune(page);
      await button(page, /^What exactly: Let PostgreSQL/).click();
      await page.locator('[data-scroll]').evaluate((e) => e.scrollTo(0, e.scrollHeight));
    },
  ],
  [
    '04b-applying',
    'connect=ok&apply=hang&log',
    async (page) => {
      await apply(page);
      await page.getByText('Adding rule 4 of 6').waitFor();
    },
  ],
  [
    '04b-applying-folded',
    'connect=ok&apply=hang',
    async (page) => {
      await apply(page);
      await page.getByText('Adding rule 4 of 6').waitFor();
    },
  ],
  [
    '04b-refused',
    'connect=ok&apply=refused',
    async (page) => {
      await apply(page);
      await page.getByText('Another Plumbline').waitFor();
    },
  ],
  ['04c-keep', 'connect=ok&left=84', keep],
  ['04c-keep-unproved', 'connect=ok&left=84&apply=unproved', keep],
  [
    '04d-put-back',
    'connect=ok&apply=putBack',
    async (page) => {
      await apply(page);
      await screen(page, 'put-back');
    },
  ],
  ['05-summary', 'connect=ok', summary],
  [
    '05-summary-saved',
    'connect=ok',
    async (page) => {
      await summary(page);
      await page.keyboard.press('p');
      await page.getByText('Saved to').waitFor();
    },
  ],
  [
    '05b-other-roles',
    'connect=ok',
    async (page) => {
      await summary(page);
      await page.getByLabel('Other roles').check({ force: true });
      await screen(page, 'other-roles');
    },
  ],
  [
    '05c-confirm',
    'connect=ok',
    async (page) => {
      await summary(page);
      await button(page, 'Confirm…').click();
      await page.getByLabel('Your name').fill('Mara Lindqvist');
    },
  ],
  [
    '05d-undo',
    'connect=ok',
    async (page) => {
      await summary(page);
      await button(page, 'Undo everything…').click();
      await dialog(page, 'undo');
    },
  ],
  [
    '06a-wrong-password',
    'connect=password',
    async (page) => {
      await address(page);
      await page.getByLabel('Password', { exact: true }).check({ force: true });
      await page.getByLabel('Password', { exact: true }).last().fill('secret123');
      await button(page, 'Connect').click();
      await button(page, 'Connect without comparing').click();
      await page.getByText('did not accept').waitFor();
    },
  ],
  [
    '06a-no-such-name',
    'connect=noname',
    async (page) => {
      await signIn(page, 'chat-0l');
      await page.getByText('No server is called').waitFor();
    },
  ],
  [
    '06b-unreachable',
    'connect=unreachable',
    async (page) => {
      await signIn(page);
      await screen(page, 'unreachable');
    },
  ],
  [
    '06c-sudo',
    'connect=ok&hidden=9',
    async (page) => {
      await checking(page);
      await dialog(page, 'sudo');
    },
  ],
  [
    '06d-connection-lost',
    'connect=ok&apply=lost',
    async (page) => {
      await apply(page);
      await screen(page, 'lost');
    },
  ],
  ['08-foundations', null, () => undefined],
  [
    '08-products',
    '',
    async (page) => {
      await button(page, 'Products').click();
      await screen(page, 'products');
    },
  ],
  ['00c-home-setup', 'home=setup', () => undefined],
  [
    '00d-history',
    'home=full',
    async (page) => {
      await page.locator('[data-server="archive-2"]').hover();
      await button(page, 'Earlier checks of archive-2').click();
      await screen(page, 'history');
      await page.locator('[data-check="3"] summary').click();
    },
  ],
  [
    '00e-comparison',
    'home=full',
    async (page) => {
      await page.locator('[data-server="archive-2"]').hover();
      await button(page, 'Earlier checks of archive-2').click();
      await button(page, 'Compare the two').click();
      await screen(page, 'comparison');
      await page.getByText('The server itself').waitFor();
    },
  ],
  [
    '03d-open-run',
    'connect=ok&runs=open',
    async (page) => {
      await checked(page);
      await dialog(page, 'open-run');
    },
  ],
  [
    '05e-undo-edited',
    'connect=ok&edited',
    async (page) => {
      await summary(page);
      await button(page, 'Undo everything…').click();
      await button(page, 'Undo 6 changes').click();
      await dialog(page, 'edited');
    },
  ],
  [
    '05f-undo-earlier',
    'connect=ok&runs=kept',
    async (page) => {
      await checked(page);
      await button(page, 'See what to change').click();
      await screen(page, 'tune');
      await page
        .getByRole('switch')
        .evaluateAll((all) => all.forEach((s) => s.getAttribute('aria-checked') === 'true' && s.click()));
      await button(page, 'See the summary').click();
      await button(page, /^Undo the changes of/).click();
      await dialog(page, 'undo');
    },
  ],
  [
    '07-practice',
    'explain',
    async (page) => {
      await button(page, 'Practise on a recorded server').click();
      await screen(page, 'fit');
      await page.getByLabel('Small team, 5 to 50').check({ force: true });
      await button(page, 'Continue with this role').click();
      await page.locator('[data-phase="done"]').waitFor();
    },
  ],
  [
    '08-settings',
    '',
    async (page) => {
      await button(page, 'Settings').click();
      await screen(page, 'settings');
    },
  ],
  [
    '08-shortcuts',
    'home=full',
    async (page) => {
      await page.keyboard.press('?');
      await dialog(page, 'shortcuts');
    },
  ],
];
