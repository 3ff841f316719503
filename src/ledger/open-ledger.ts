import { openAliases } from './aliases.ts';
import { openDeliveries, openSourceFiles } from './arrivals.ts';
import type { LedgerContext } from './catalog/catalog-schema.ts';
import { openJournal } from './journal.ts';
import { kyselyOverTables } from './catalog/kysely-over-tables.ts';
import type { Ledger, LedgerOptions } from './ledger.ts';
import { openLeases } from './leases.ts';
import { migrate } from './catalog/migrations.ts';
import { batchImpact, countEvaluatedModels, loopStatus } from './status.ts';
import { openStorage } from './storage.ts';
import { openVersions } from './versions.ts';

/**
 * Opens the ledger over its two ports, bringing the catalog up to date first. Any number of ledgers, in any number of
 * processes, may share one catalog.
 *
 * @throws LEDGER_NEWER, LEDGER_OLDER, TABLES_UNAVAILABLE
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const { tables, blob, clock, actor, backupPath } = options;
  const db = kyselyOverTables(tables);
  const context: LedgerContext = { db, tables, blob, clock, actor };
  await migrate(context, { backupPath });
  const journal = openJournal(context);
  const leases = openLeases(context);
  return {
    versions: openVersions(context),
    journal,
    leases,
    aliases: openAliases(context),
    sourceFiles: openSourceFiles(context),
    deliveries: openDeliveries(context),
    storage: openStorage(context, leases),
    evaluationAttempts: (evaluationTable) => countEvaluatedModels(db, evaluationTable),
    impact: (batch) => batchImpact(db, batch),
    status: (loop) => loopStatus(context, { journal, leases }, loop),
    close: () => db.destroy(),
  };
}
