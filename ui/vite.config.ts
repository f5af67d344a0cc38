import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

// The window is WebKitGTK, WKWebView or WebView2: nothing older than Safari 16 is met.
export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  build: { target: ['es2023', 'safari16'], outDir: 'dist', emptyOutDir: true },
  test: {
    environment: 'jsdom',
    setupFiles: ['./src/testing.ts'],
    include: ['src/**/*.test.ts'],
    // This only ends what hangs; on a machine that is busy with other tests five seconds go by with nothing wrong.
    testTimeout: 60_000,
  },
});
