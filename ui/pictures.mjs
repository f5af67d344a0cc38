/**
 * Writes a picture of every screen in every state that matters, from recorded data, to target/screens/fake/.
 *   node pictures.mjs [name-part …]      all of them, or those whose name contains a part
 * PLAIN=1 takes the 1180x780 light pictures only.
 */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pictures, start } from './walks.mjs';

const wanted = process.argv.slice(2);
const out = fileURLToPath(new URL('../target/screens/fake/', import.meta.url));
const looks = [
  { suffix: '', viewport: { width: 1180, height: 780 }, colorScheme: 'light' },
  { suffix: '-dark', viewport: { width: 1180, height: 780 }, colorScheme: 'dark' },
  { suffix: '-small', viewport: { width: 900, height: 640 }, colorScheme: 'light' },
  { suffix: '-small-dark', viewport: { width: 900, height: 640 }, colorScheme: 'dark' },
].slice(0, process.env.PLAIN ? 1 : undefined);

await mkdir(out, { recursive: true });
const stage = await start();
let failed = 0;
for (const { suffix, ...options } of looks) {
  for (const [shot, script, walk] of pictures) {
    if (wanted.length > 0 && !wanted.some((part) => `${shot}${suffix}`.includes(part))) continue;
    const page = await stage.open(script, options);
    page.on('pageerror', (error) => console.error(`${shot}${suffix}: ${error.message}`));
    try {
      await walk(page);
      await page.waitForTimeout(80);
      if (script === null) await page.setViewportSize({ width: options.viewport.width, height: 4200 });
      await page.screenshot({ path: `${out}${shot}${suffix}.png` });
    } catch (error) {
      failed += 1;
      console.error(`${shot}${suffix}: ${String(error).split('\n').slice(0, 4).join(' ')}`);
      await page.screenshot({ path: `${out}${shot}${suffix}-broken.png` });
    }
    await page.context().close();
  }
}
await stage.close();
console.log(`${out}: ${failed === 0 ? 'all pictures taken' : `${failed} pictures could not be taken`}`);
process.exit(failed === 0 ? 0 : 1);
