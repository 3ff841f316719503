import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Json } from '../../base/canonical-json.ts';
import { SluiceError } from '../../base/errors.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { closingTable } from '../demo/closing.ts';
import type { Chapter, Stage } from '../demo/chapter.ts';
import { lineageOfOneRow } from '../demo/lineage.ts';
import { plots } from '../demo/story.ts';
import { duration } from '../format.ts';
import { openProject } from '../open-project.ts';

/** `sluice demo`: the main job on real data, told in chapters. */
export const command: Command = {
  name: 'demo',
  summary: 'run the whole loop on three months of real flights, and check its claims',
  options: [
    ['--fast', 'only flights among the 11 busiest airports: a tenth of the rows'],
    ['--directory <folder>', 'where the demo works; made anew each time', 'sluice-demo'],
  ],
  example: 'sluice demo --fast',
  run: demo,
};

/** Marks a folder as the demo's own, so that it may be made anew. */
const markerName = '.sluice-demo';

/** Room for three months of windows; the demo promises to stay under 4 GB with everything around it. */
const engine = { memoryMb: 1200, threads: 2 };

async function demo(invocation: Invocation): Promise<Answer> {
  const { terminal, signal, environment, options } = invocation;
  const directory = path.resolve(String(options['directory'] ?? 'sluice-demo'));
  await makeDirectory(directory);
  const project = await openProject({ projectDirectory: directory, engine });
  const stage: Stage = { project, terminal, signal, isFast: options['fast'] === true };
  const startedMs = project.clock.elapsedMs();
  try {
    const chapters: Chapter[] = [];
    for (const plot of plots({ permuteLabels: environment['SLUICE_DEMO_PERMUTE_LABELS'] === '1' })) {
      chapters.push(await tell(stage, plot, chapters.length + 1));
    }
    const lineage = await lineageOfOneRow(stage);
    const seconds = (project.clock.elapsedMs() - startedMs) / 1000;
    return await answerOf(stage, { chapters, lineage, seconds, directory });
  } finally {
    await project.close();
  }
}

/** Refuses a folder that is not the demo's own: nothing of the user's is ever removed. */
async function makeDirectory(directory: string): Promise<void> {
  const marker = path.join(directory, markerName);
  if (existsSync(directory) && !existsSync(marker)) throw new SluiceError('DEMO_DIRECTORY', { directory });
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeFile(marker, 'made by sluice demo; it may be removed\n');
  const config = fileURLToPath(new URL('../../../examples/flights/sluice.config.ts', import.meta.url));
  await copyFile(config, path.join(directory, 'sluice.config.ts'));
  // No package.json: npx would look for sluice no further up than there.
  await writeFile(path.join(directory, '.gitignore'), '*\n');
}

async function tell(stage: Stage, plot: ReturnType<typeof plots>[number], number: number): Promise<Chapter> {
  const { terminal, project } = stage;
  const startedMs = project.clock.elapsedMs();
  terminal.note(`\n${terminal.style('bold', `${number}. ${plot.title}`)}`);
  const told = await plot.tell(stage);
  const elapsedMs = project.clock.elapsedMs() - startedMs;
  for (const { claim, holds, seen } of told.claims) {
    const mark = holds ? terminal.style('green', '✔') : terminal.style('red', '✘');
    terminal.note(`${mark} ${claim} ${terminal.style('dim', `(${seen})`)}`);
  }
  terminal.note(terminal.style('dim', `  ${duration(elapsedMs)}`));
  return { title: plot.title, seconds: elapsedMs / 1000, ...told };
}

interface Ending {
  readonly chapters: readonly Chapter[];
  readonly lineage: { readonly json: Json; readonly text: string };
  readonly seconds: number;
  readonly directory: string;
}

async function answerOf(stage: Stage, ending: Ending): Promise<Answer> {
  const { terminal } = stage;
  const claims = ending.chapters.flatMap((chapter) => chapter.claims);
  const holds = claims.every((one) => one.holds);
  const closing = await closingTable(stage);
  const where = path.relative(process.cwd(), ending.directory) || '.';
  const verdict = holds
    ? terminal.style(
        'green',
        `The story holds: ${claims.length} of ${claims.length} claims, in ${duration(ending.seconds * 1000)}.`,
      )
    : terminal.style(
        'red',
        `The story does not hold: ${claims.filter((one) => !one.holds).length} of ${claims.length} claims failed.`,
      );
  const next = `Look around: cd ${where} && npx sluice status; npx sluice models show champion`;
  const json = {
    holds,
    seconds: ending.seconds,
    isFast: stage.isFast,
    chapters: ending.chapters.map((chapter) => ({
      ...chapter,
      claims: chapter.claims.map((one) => ({ ...one })),
    })),
    stages: closing.json,
    lineage: ending.lineage.json,
  };
  const text = ['', closing.text, '', ending.lineage.text, '', verdict, next].join('\n');
  return { json, text, exitCode: holds ? 0 : 3 };
}
