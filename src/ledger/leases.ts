import { SluiceError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { LeaseRow, LedgerContext, Tx } from './catalog/catalog-schema.ts';
import { exclusiveLease, type Lease, type Leases, type LeaseState } from './ledger.ts';

/** Yields the leases of a catalog; expiry is judged by the clock of whoever asks. */
export function openLeases(context: LedgerContext): Leases {
  const { db, clock } = context;
  return {
    acquire: (name, holder, ttlMs) =>
      db.transaction().execute((tx) => take(tx, clock, { name, holder, ttlMs, seenEpoch: null })),
    takeOver: ({ name, epoch }, holder, ttlMs) =>
      db.transaction().execute((tx) => take(tx, clock, { name, holder, ttlMs, seenEpoch: epoch })),
    renew: (lease, ttlMs) => db.transaction().execute((tx) => renew(tx, lease, clock.nowUs() + ttlMs * 1000)),
    release: async ({ name, epoch }) => {
      const free = { holder: null, expires_us: clock.nowUs() };
      await db.updateTable('leases').set(free).where('name', '=', name).where('epoch', '=', epoch).execute();
    },
    current: async (name) => {
      const row = await db.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst();
      return row === undefined ? null : toState(row);
    },
    list: async () => (await db.selectFrom('leases').selectAll().orderBy('name').execute()).map(toState),
  };
}

/**
 * Proves inside a transaction that the lease is still held; an expired one that nobody took counts as held.
 *
 * @throws LEDGER_FENCED
 */
export async function requireLease(tx: Tx, lease: Lease): Promise<void> {
  const row = await tx.selectFrom('leases').selectAll().where('name', '=', lease.name).executeTakeFirst();
  if (row !== undefined && row.holder !== null && row.epoch === lease.epoch) return;
  const now = row?.holder ? `${row.holder} holds it with epoch ${row.epoch}` : 'it was given back';
  throw new SluiceError('LEDGER_FENCED', { lease: lease.name, epoch: lease.epoch, now });
}

interface Taking {
  readonly name: string;
  readonly holder: string;
  readonly ttlMs: number;
  /** The epoch of the dead holder; null when only a free lease may be taken. */
  readonly seenEpoch: number | null;
}

async function take(tx: Tx, clock: Clock, taking: Taking): Promise<Lease> {
  const { name, holder } = taking;
  const nowUs = clock.nowUs();
  await refuseBesideExclusive(tx, name, nowUs);
  const row = await tx.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst();
  if (row !== undefined && isHeld(row, nowUs) && row.epoch !== taking.seenEpoch) throw held(row);
  const epoch = (row?.epoch ?? 0) + 1;
  const values = { holder, epoch, since_us: nowUs, expires_us: nowUs + taking.ttlMs * 1000 };
  await tx
    .insertInto('leases')
    .values({ name, ...values })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
    .execute();
  return { name, holder, epoch };
}

async function refuseBesideExclusive(tx: Tx, name: string, nowUs: number): Promise<void> {
  const others = await tx.selectFrom('leases').selectAll().where('name', '!=', name).execute();
  const rivals = others.filter((row) => name === exclusiveLease || row.name === exclusiveLease);
  const rival = rivals.find((row) => isHeld(row, nowUs));
  if (rival !== undefined) throw held(rival);
  // A paused holder of an expired lease must not come back and commit beside the new one.
  for (const { name: expired, holder } of rivals) {
    if (holder === null) continue;
    await tx.updateTable('leases').set({ holder: null }).where('name', '=', expired).execute();
  }
}

async function renew(tx: Tx, lease: Lease, expiresUs: number): Promise<void> {
  await requireLease(tx, lease);
  await tx.updateTable('leases').set({ expires_us: expiresUs }).where('name', '=', lease.name).execute();
}

function isHeld(row: LeaseRow, nowUs: number): boolean {
  return row.holder !== null && row.expires_us > nowUs;
}

function held(row: LeaseRow): SluiceError {
  return new SluiceError('LEDGER_LEASE_HELD', {
    lease: row.name,
    holder: row.holder ?? 'nobody',
    since: isoTime(row.since_us),
    expires: isoTime(row.expires_us),
  });
}

function isoTime(us: number): string {
  return new Date(us / 1000).toISOString();
}

function toState(row: LeaseRow): LeaseState {
  const { name, holder, epoch } = row;
  return { name, holder, epoch, sinceUs: row.since_us, expiresUs: row.expires_us };
}
