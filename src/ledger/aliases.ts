import type { Digest } from '../base/digest.ts';
import { SluiceError } from '../base/errors.ts';
import type { AliasEvent } from '../records/alias.ts';
import type { Version } from '../records/version.ts';
import type { AliasEventRow, Db, LedgerContext, Tx } from './catalog/catalog-schema.ts';
import type { Aliases, AliasMove } from './ledger.ts';
import { getVersion, readRows } from './versions.ts';

/** Yields the aliases of a catalog. */
export function openAliases(context: LedgerContext): Aliases {
  const { db } = context;
  return {
    current: (loop, alias) => currentAlias(db, loop, alias),
    history: async (loop) => {
      const query = db.selectFrom('alias_events').selectAll().where('name', '=', loop);
      return (await query.orderBy('sequence', 'desc').execute()).map(toAliasEvent);
    },
    resolve: (loop, nameOrDigest) => resolveModel(db, loop, nameOrDigest),
    override: (move) =>
      context.db.transaction().execute(async (tx) => {
        const evidence = await newestEvidence(tx, move.model);
        return moveAlias(tx, { ...move, evidence }, { actor: context.actor, atUs: context.clock.nowUs() });
      }),
  };
}

/** Yields the newest event of an alias; null when there is none. */
export async function currentAlias(
  db: Db,
  loop: string,
  alias: AliasEvent['alias'],
): Promise<AliasEvent | null> {
  const query = db.selectFrom('alias_events').selectAll().where('name', '=', loop).where('alias', '=', alias);
  const row = await query.orderBy('sequence', 'desc').limit(1).executeTakeFirst();
  return row === undefined ? null : toAliasEvent(row);
}

/**
 * Appends an alias event inside the transaction that also writes what it rests on.
 *
 * @throws LEDGER_ALIAS_MOVED, LEDGER_VERSION_MISSING for the model, LEDGER_NO_EVIDENCE
 */
export async function moveAlias(
  tx: Tx,
  move: AliasMove,
  by: { readonly actor: string; readonly atUs: number },
): Promise<AliasEvent> {
  const { loop, alias, model, evidence, expected, reason } = move;
  const previous = (await currentAlias(tx, loop, alias))?.model ?? null;
  if (expected !== undefined && expected !== previous) {
    const shown = { expected: expected ?? 'nothing', actual: previous ?? 'nothing' };
    throw new SluiceError('LEDGER_ALIAS_MOVED', { loop, alias, ...shown });
  }
  if ((await kindOf(tx, model)) !== 'model') {
    throw new SluiceError('LEDGER_VERSION_MISSING', { kind: 'model', digest: model });
  }
  const evidenceKind = await kindOf(tx, evidence);
  if (evidenceKind !== 'decision' && evidenceKind !== 'evaluation') {
    throw new SluiceError('LEDGER_NO_EVIDENCE', { model });
  }
  const sequence = (await lastSequence(tx)) + 1;
  const event: AliasEvent = { sequence, name: loop, alias, model, previous, evidence, reason, ...by };
  const { atUs, ...row } = event;
  await tx
    .insertInto('alias_events')
    .values({ ...row, at_us: atUs })
    .execute();
  return event;
}

/** Yields a row of `alias_events` as the record it is. */
export function toAliasEvent({ at_us: atUs, ...row }: AliasEventRow): AliasEvent {
  return { ...row, alias: row.alias as AliasEvent['alias'], atUs };
}

async function resolveModel(db: Db, loop: string, nameOrDigest: string): Promise<Version<'model'>> {
  if (nameOrDigest !== 'champion' && nameOrDigest !== 'candidate') {
    return getVersion(db, nameOrDigest, 'model');
  }
  const event = await currentAlias(db, loop, nameOrDigest);
  if (event === null) throw new SluiceError('LEDGER_ALIAS_UNSET', { loop, alias: nameOrDigest });
  return getVersion(db, event.model, 'model');
}

async function newestEvidence(tx: Tx, model: Digest): Promise<Digest> {
  for (const kind of ['decision', 'evaluation'] as const) {
    const query = tx
      .selectFrom('versions')
      .selectAll()
      .where('kind', '=', kind)
      .where('digest', 'in', (eb) => eb.selectFrom('edges').where('parent', '=', model).select('child'));
    // A champion that another model was compared with is a parent of that evaluation too.
    for (const version of await readRows<typeof kind>(
      tx,
      await query.orderBy('sequence', 'desc').execute(),
    )) {
      if (version.content.model === model) return version.digest;
    }
  }
  throw new SluiceError('LEDGER_NO_EVIDENCE', { model });
}

async function kindOf(tx: Tx, digest: Digest): Promise<string | undefined> {
  const query = tx.selectFrom('versions').select('kind').where('digest', '=', digest);
  return (await query.executeTakeFirst())?.kind;
}

async function lastSequence(tx: Tx): Promise<number> {
  const query = tx.selectFrom('alias_events').select((eb) => eb.fn.max('sequence').as('sequence'));
  return (await query.executeTakeFirst())?.sequence ?? 0;
}
