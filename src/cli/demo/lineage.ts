import type { Json } from '../../base/canonical-json.ts';
import { loadConfig } from '../../pipeline/load-config.ts';
import { traceRow } from '../../pipeline/trace-row.ts';
import { traceJson, traceText } from '../reports/trace-text.ts';
import type { Stage } from './chapter.ts';

/** Yields the lineage of the candidate's surest alarm, from its score back to the raw row; of the newest evaluation when there is no candidate. */
export async function lineageOfOneRow({
  project,
  terminal,
}: Stage): Promise<{ readonly json: Json; readonly text: string }> {
  const loop = await loadConfig({
    projectDirectory: project.projectDirectory,
    overrides: [],
    environment: {},
  });
  const candidate = await project.ledger.aliases.current(loop.spec.name, 'candidate');
  const evaluations = await project.ledger.versions.find({ kind: 'evaluation', limit: 100 });
  const evaluation = evaluations.find((one) => one.content.model === candidate?.model) ?? evaluations[0];
  if (evaluation === undefined) return { json: null, text: 'No evaluation to trace.' };
  const traced = await traceRow({ loop, surroundings: project, evaluation });
  return { json: traceJson(traced), text: traceText(terminal, traced) };
}
