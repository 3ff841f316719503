import type { Command } from './command.ts';

type Loader = () => Promise<{ readonly command: Command }>;

/** Every command by name, in the order of `sluice --help`; a command's module loads when it is called. */
export const commandTable: Readonly<Record<string, Loader>> = {
  demo: () => import('./commands/demo.ts'),
  run: () => import('./commands/run.ts'),
  status: () => import('./commands/status.ts'),
  explain: () => import('./commands/explain.ts'),
};
