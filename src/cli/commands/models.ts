import { shortDigest } from '../../base/digest.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { AliasEvent } from '../../records/alias.ts';
import type { Version } from '../../records/version.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { minute } from '../format.ts';
import { allOf, limitOf, withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { aliasesOf } from '../reports/model-dossier.ts';
import { leadMetric, leadText } from '../reports/version-line.ts';
import { table } from '../table.ts';

/** `sluice models`: every model version. */
export const command: Command = {
  name: 'models',
  summary: 'list the model versions with figures, verdicts and aliases; models show tells one in full',
  options: [
    ['--limit <n>', 'at most so many', '20'],
    ['--loop <name>', 'only models of this loop'],
  ],
  example: 'sluice models',
  run: listModels,
};

interface ModelLine {
  readonly model: Version<'model'>;
  readonly evaluation: Version<'evaluation'> | undefined;
  readonly decision: Version<'decision'> | undefined;
  readonly aliases: readonly AliasEvent['alias'][];
}

async function listModels(invocation: Invocation): Promise<Answer> {
  const { options, terminal } = invocation;
  const limit = limitOf(options, 20);
  return withStore(invocation, async ({ ledger }) => {
    const loop = typeof options['loop'] === 'string' ? options['loop'] : '';
    const lines = await modelLines(ledger, (await allOf(ledger, 'model', loop)).slice(0, limit));
    const json = { models: lines.map((line) => plainJson(lineJson(line))) };
    if (lines.length === 0) return { json, text: 'There is no model yet: sluice run' };
    const rows = lines.map(({ model, evaluation, decision, aliases }) => [
      shortDigest(model.digest),
      model.content.trainer.name,
      evaluation === undefined ? 'not evaluated' : leadText(evaluation.content),
      evaluation?.content.verdict ?? '',
      decision?.content.outcome ?? '',
      aliases.join(', '),
      minute(model.atUs),
    ]);
    const head = ['model', 'trainer', 'evaluation', 'verdict', 'decision', 'alias', 'when'];
    return { json, text: table(terminal, rows, { head }) };
  });
}

async function modelLines(
  ledger: Ledger,
  models: readonly Version<'model'>[],
): Promise<readonly ModelLine[]> {
  const evaluations = await allOf(ledger, 'evaluation', '');
  const decisions = await allOf(ledger, 'decision', '');
  const histories = new Map<string, readonly AliasEvent[]>();
  for (const { content } of models)
    if (!histories.has(content.name)) histories.set(content.name, await ledger.aliases.history(content.name));
  return models.map((model) => ({
    model,
    evaluation: evaluations.find((one) => one.content.model === model.digest),
    decision: decisions.find((one) => one.content.model === model.digest),
    aliases: aliasesOf(histories.get(model.content.name) ?? [], model.digest),
  }));
}

function lineJson({ model, evaluation, decision, aliases }: ModelLine): object {
  const metrics = evaluation?.content.metrics;
  return {
    digest: model.digest,
    loop: model.content.name,
    trainer: model.content.trainer,
    lead: metrics === undefined ? null : { metric: leadMetric(metrics), ...metrics[leadMetric(metrics)] },
    evaluation: evaluation?.digest ?? null,
    verdict: evaluation?.content.verdict ?? null,
    decision: decision?.digest ?? null,
    outcome: decision?.content.outcome ?? null,
    aliases,
    atUs: model.atUs,
  };
}
