#!/usr/bin/env node
// Plain JavaScript that any Node can parse: it hands over to the command line on Node >= 24, and starts the Node that
// came with the package when the host's own is older.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const source = new URL('../src/cli/main.ts', import.meta.url);
const main = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url);

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(main.href);
} else {
  startOnBundledNode();
}

function startOnBundledNode() {
  const node = bundledNode();
  if (node === undefined) {
    console.error(
      `sluice needs Node >= 24; this is ${process.versions.node}. Install Node 24, or: npm install node@24`,
    );
    process.exitCode = 2;
    return;
  }
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}

function bundledNode() {
  try {
    return createRequire(import.meta.url).resolve('node/bin/node');
  } catch {
    return undefined;
  }
}
