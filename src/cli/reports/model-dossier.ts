import type { Ledger } from '../../ledger/ledger.ts';
import { isKind } from '../../pipeline/step-plan.ts';
import type { AliasEvent } from '../../records/alias.ts';
import type { Version } from '../../records/version.ts';

/** Everything on record about one model version. */
export interface ModelDossier {
  readonly model: Version<'model'>;
  /** Aliases that point to it now. */
  readonly aliases: readonly AliasEvent['alias'][];
  readonly trainingSet: Version<'trainingSet'>;
  readonly dataset: Version<'dataset'>;
  /** Newest first. */
  readonly evaluations: readonly Version<'evaluation'>[];
  /** Newest first. */
  readonly decisions: readonly Version<'decision'>[];
  /** Events in which it came or went, newest first. */
  readonly aliasEvents: readonly AliasEvent[];
}

/** Yields everything on record about a model version. */
export async function modelDossier(ledger: Ledger, model: Version<'model'>): Promise<ModelDossier> {
  const history = await ledger.aliases.history(model.content.name);
  const trainingSet = await ledger.versions.get(model.content.trainingSet, 'trainingSet');
  const dataset = await ledger.versions.get(trainingSet.content.dataset, 'dataset');
  const { digest } = model;
  return {
    model,
    aliases: aliasesOf(history, digest),
    trainingSet,
    dataset,
    evaluations: await judgements(ledger, digest, 'evaluation'),
    decisions: await judgements(ledger, digest, 'decision'),
    aliasEvents: history.filter((event) => event.model === digest || event.previous === digest),
  };
}

/** Yields the aliases that point to a model now, from a history that is newest first. */
export function aliasesOf(history: readonly AliasEvent[], model: string): readonly AliasEvent['alias'][] {
  return (['champion', 'candidate'] as const).filter(
    (alias) => history.find((event) => event.alias === alias)?.model === model,
  );
}

/** Evaluations of other models name this one as champion; those are not judgements on it. */
async function judgements<Kind extends 'evaluation' | 'decision'>(
  ledger: Ledger,
  model: string,
  kind: Kind,
): Promise<readonly Version<Kind>[]> {
  const edges = await ledger.versions.children(model);
  const digests = new Set(edges.filter((edge) => edge.childKind === kind).map((edge) => edge.child));
  const versions: readonly Version[] = await Promise.all(
    [...digests].map((digest) => ledger.versions.get(digest)),
  );
  return versions
    .filter(
      (one): one is Version<Kind> => isKind(one, kind) && (one.content as { model: string }).model === model,
    )
    .reverse();
}
