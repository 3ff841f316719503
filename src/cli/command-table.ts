import type { Command } from './command.ts';

type Loader = () => Promise<{ readonly command: Command }>;

/** Every command by name, in the order of `sluice --help`; a command's module loads when it is called. */
export const commandTable: Readonly<Record<string, Loader>> = {
  init: () => import('./commands/init.ts'),
  demo: () => import('./commands/demo.ts'),
  run: () => import('./commands/run.ts'),
  status: () => import('./commands/status.ts'),
  explain: () => import('./commands/explain.ts'),
  runs: () => import('./commands/runs.ts'),
  'runs show': () => import('./commands/runs-show.ts'),
  show: () => import('./commands/show.ts'),
  lineage: () => import('./commands/lineage.ts'),
  impact: () => import('./commands/impact.ts'),
  models: () => import('./commands/models.ts'),
  'models show': () => import('./commands/models-show.ts'),
  eval: () => import('./commands/eval.ts'),
  'eval show': () => import('./commands/eval-show.ts'),
  'eval answers': () => import('./commands/eval-answers.ts'),
  quarantine: () => import('./commands/quarantine.ts'),
  'quarantine show': () => import('./commands/quarantine-show.ts'),
  validate: () => import('./commands/validate.ts'),
  ingest: () => import('./commands/ingest.ts'),
  predict: () => import('./commands/predict.ts'),
  reproduce: () => import('./commands/reproduce.ts'),
  doctor: () => import('./commands/doctor.ts'),
  gc: () => import('./commands/gc.ts'),
  backup: () => import('./commands/backup.ts'),
};
