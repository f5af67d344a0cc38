import type { BrowserContextOptions, Page } from 'playwright-core';

export const browserPath: string;
export const hasBrowser: boolean;
/** Name of the picture, how the recorded backend behaves (null: the page of all components), and the way there. */
export const pictures: [string, string | null, (page: Page) => Promise<void> | void][];
export function start(): Promise<{
  open(script: string | null, options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
  /** Which browser this is: it decides how letters are drawn. */
  version: string;
}>;
