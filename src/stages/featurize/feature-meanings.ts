import { SluiceError } from '../../base/errors.ts';
import type { Json } from '../../base/canonical-json.ts';
import { digestJson, type Digest } from '../../base/digest.ts';
import type { FeaturesSpec } from '../../records/features-spec.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import type { TrainingSet } from '../../records/training-set.ts';

/**
 * Yields for each feature the digest of all that its values follow from, besides the rows: its expression, the windows
 * and derived columns it reads, down to arrived columns. Two features of one name and one meaning can stand for one another.
 */
export function featureMeanings(definition: {
  readonly source: SourceSpec;
  readonly features: FeaturesSpec;
}): Readonly<Record<string, Digest>> {
  const { features } = definition.features;
  const known = { ...columnsOf(definition.source), ...windowedOf(definition) };
  return Object.fromEntries(
    features.map(({ name, kind, expression }) => [
      name,
      digestJson({ kind, expression: explained(expression, known) }),
    ]),
  );
}

/**
 * Refuses a definition that makes other features than those of a training set: gone, or of the same name with another
 * meaning. What was trained on them would answer, and wrongly.
 *
 * @param now meanings of the present definition
 * @throws PREDICT_FEATURES naming each
 */
export function refuseLostFeatures(
  trained: Pick<TrainingSet, 'features' | 'meanings'>,
  now: Readonly<Record<string, Digest>>,
): void {
  const lost = trained.features.flatMap(({ name }) => {
    if (now[name] === undefined) return [name];
    const before = trained.meanings?.[name];
    return before === undefined || before === now[name] ? [] : [`${name} (redefined)`];
  });
  if (lost.length > 0) throw new SluiceError('PREDICT_FEATURES', { missing: lost.join(', ') });
}

/** What a name stands for, with every name in it explained. */
type Known = Readonly<Record<string, Json>>;

function columnsOf(source: SourceSpec): Known {
  const known: Record<string, Json> = {};
  for (const { name, type } of source.columns) known[name] = { arrived: name, type };
  for (const { as, lookup, on } of source.joins) {
    const spec = source.lookups.find((one) => one.name === lookup);
    for (const { name, type } of spec?.columns ?? [])
      known[`${as}.${name}`] = { looked: name, type, in: spec?.file ?? '', key: spec?.key ?? '', on };
  }
  // A derived column reads earlier ones only.
  for (const { name, expression } of source.derived) known[name] = { derived: explained(expression, known) };
  return known;
}

function windowedOf({
  source,
  features,
}: {
  readonly source: SourceSpec;
  readonly features: FeaturesSpec;
}): Known {
  const columns = columnsOf(source);
  const meaningOf = (name: string): Json => columns[name] ?? name;
  const times = {
    event: meaningOf(source.eventTime),
    known: meaningOf(source.knownTime ?? source.eventTime),
  };
  const entries = features.views.flatMap((view) =>
    view.windows.flatMap(({ name: window, seconds }) =>
      view.aggregates.map(({ name, function: aggregate, input }): [string, Json] => [
        `${view.name}_${name}_${window}`,
        {
          aggregate,
          seconds,
          input: explained(input, columns),
          entity: view.entity.map(meaningOf),
          ...times,
        },
      ]),
    ),
  );
  return Object.fromEntries(entries);
}

/** Puts what a column means in the place of its name. */
function explained(expression: Json, known: Known): Json {
  if (Array.isArray(expression)) return expression.map((item: Json) => explained(item, known));
  if (typeof expression !== 'object' || expression === null) return expression;
  const node = expression as { readonly [key: string]: Json };
  const name = node['op'] === 'column' ? node['name'] : undefined;
  if (typeof name === 'string') return known[name] ?? node;
  return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, explained(item, known)]));
}
