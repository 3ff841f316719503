import { hostname } from 'node:os';
import { isSluiceError } from '../base/errors.ts';
import type { Lease, Ledger } from '../ledger/ledger.ts';

/** Long enough for a busy machine, short enough that a crash on another host is taken over soon. */
const ttlMs = 15_000;

/** Which lease to take, and for whom. */
export interface LeaseRequest {
  readonly ledger: Ledger;
  readonly name: string;
  /** `<pid>@<host>`. */
  readonly holder: string;
}

/** A lease that renews itself until it is released; `lost` fires when somebody else took it. */
export interface KeptLease {
  readonly lease: Lease;
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Takes a lease and keeps it by renewing at a third of its time. A lease whose holder was a process of this machine that
 * no longer lives is taken over at once, so that nobody waits after a crash.
 *
 * @throws LEDGER_LEASE_HELD when a living process holds it
 */
export async function keepLease(request: LeaseRequest): Promise<KeptLease> {
  const { leases } = request.ledger;
  const lease = await acquire(request);
  const lost = new AbortController();
  const timer = setInterval(() => {
    leases.renew(lease, ttlMs).catch((error: unknown) => {
      if (isSluiceError(error, 'LEDGER_FENCED')) lost.abort(error);
    });
  }, ttlMs / 3);
  timer.unref();
  const release = async (): Promise<void> => {
    clearInterval(timer);
    await leases.release(lease);
  };
  return { lease, lost: lost.signal, release };
}

async function acquire({ ledger, name, holder }: LeaseRequest): Promise<Lease> {
  try {
    return await ledger.leases.acquire(name, holder, ttlMs);
  } catch (error) {
    if (!isSluiceError(error, 'LEDGER_LEASE_HELD')) throw error;
    // What stands in the way may be another lease: garbage collection holds the one of the whole store.
    const blocking = String(Reflect.get(error.details, 'lease'));
    const seen = await ledger.leases.current(blocking);
    if (seen === null || seen.holder === null || isAlive(seen.holder)) throw error;
    const taken = await ledger.leases.takeOver(seen, holder, ttlMs);
    if (blocking === name) return taken;
    await ledger.leases.release(taken);
    return ledger.leases.acquire(name, holder, ttlMs);
  }
}

/** False only for a process that is known to be gone: `<pid>@<this host>` without such a process. */
function isAlive(holder: string): boolean {
  const [pid, host] = holder.split('@');
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
