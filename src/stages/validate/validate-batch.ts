import type { Digest } from '../../base/digest.ts';
import { isSluiceError, SluiceError } from '../../base/errors.ts';
import type { RawTable } from '../../ledger/raw-table.ts';
import type { StepOutcome } from '../../ledger/step-context.ts';
import type { Batch } from '../../records/batch.ts';
import type { RuleResult, TableRef, Validation } from '../../records/validation.ts';
import type { Verdict } from '../../records/verdict.ts';
import { versionDigest } from '../../records/version.ts';
import { quoteIdentifier } from '../../expression/sql-text.ts';
import { judgeBatch, type BatchFinding } from './batch-rules.ts';
import { runChecks, type Noted, type RowCheck } from './checks.ts';
import type { CheckRule, CompiledContract, UniqueRule } from './compiled-contract.ts';
import { findFaults, type Counted, type Faults } from './faults.ts';
import { numeric } from './profile/numeric-column.ts';
import { scanWork, type Scan } from './scan.ts';
import { withoutFaults, writeProcessed, writeQuarantine } from './tables.ts';
import { countRepeats, openEarlier, type UniqueScope } from './unique.ts';
import { openWork, type ValidateContext, type Work } from './work.ts';

/** A batch and what it is judged by. */
export interface ValidateOptions {
  readonly contract: CompiledContract;
  readonly batch: Batch;
  /** The batch opened for reading. */
  readonly raw: RawTable;
  /** The functions that `check` rules name. */
  readonly checks?: Readonly<Record<string, RowCheck>>;
  /** Processed tables of earlier batches, for `unique` rules within the dataset. */
  readonly earlier?: readonly Digest[];
}

/**
 * Judges a batch: every rule and a profile in one scan; only when something failed, a second pass parts the rows into
 * processed and quarantined, each of these with every reason. Rows are lost nowhere: processed and quarantined rows
 * together are the batch, unless the verdict is not `pass`; then no row goes on, and the raw zone has them all.
 *
 * @returns one `validation` version, its verdict, and figures: rows, processed, quarantined, failures by rule
 * @throws VALIDATE_NOT_COMPUTABLE for an unknown time zone, VALIDATE_CHECK_MISSING, VALIDATE_CHECK_THREW, VALIDATE_CHECK_ASYNC, VALIDATE_UNIQUE_WIDE, ENGINE_*, BLOB_*
 */
export async function validateBatch(ctx: ValidateContext, options: ValidateOptions): Promise<StepOutcome> {
  const { derived, rows } = options.contract;
  const mayFail = derived.length > 0 || rows.some(({ kind }) => kind === 'expression');
  try {
    return await judgeOnce(ctx, options, false);
  } catch (error) {
    if (!mayFail || !isSluiceError(error, 'ENGINE_QUERY')) throw error;
    return judgeGuarded(ctx, options);
  }
}

/** Most of what fails for one row can be caught in that row; an unknown time zone cannot. */
async function judgeGuarded(ctx: ValidateContext, options: ValidateOptions): Promise<StepOutcome> {
  try {
    return await judgeOnce(ctx, options, true);
  } catch (error) {
    if (!isSluiceError(error, 'ENGINE_QUERY')) throw error;
    const reason = String(Reflect.get(error.details, 'reason'));
    throw new SluiceError('VALIDATE_NOT_COMPUTABLE', { name: options.raw.name, reason }, { cause: error });
  }
}

async function judgeOnce(
  ctx: ValidateContext,
  options: ValidateOptions,
  isGuarded: boolean,
): Promise<StepOutcome> {
  const { contract, raw } = options;
  const work = await openWork(ctx, { contract, raw, isGuarded });
  try {
    return await judge(ctx, work, options);
  } finally {
    await work.close();
  }
}

async function judge(ctx: ValidateContext, work: Work, options: ValidateOptions): Promise<StepOutcome> {
  const { contract, raw } = options;
  const earlier = await openEarlier(ctx, contract.unique, options.earlier ?? []);
  const scope: UniqueScope = { work, earlier };
  const scan = await scanWork(ctx, work);
  const repeats = await countRepeats(ctx, contract.unique, scope);
  if (!hasFaults(scan, repeats) && contract.checks.length === 0) {
    return outcome(ctx, { ...options, work, scan, repeats, faults: undefined, noted: new Map() });
  }
  const faults = await findFaults(ctx, contract, { batch: raw.batch, work, scan, repeats, scope });
  try {
    const rows = work.rows(withoutFaults(faults));
    const noted = await runChecks(ctx, contract, { rows, checks: options.checks ?? {} });
    for (const [rule, found] of noted) {
      if (rule.severity === 'error' && found.length > 0) await faults.addNotes(rule, found);
    }
    return await outcome(ctx, { ...options, work, scan, repeats, faults, noted });
  } finally {
    await faults.close();
  }
}

function hasFaults(scan: Scan, repeats: ReadonlyMap<UniqueRule, number>): boolean {
  return [...scan.failures, ...repeats].some(([rule, count]) => rule.severity === 'error' && count > 0);
}

interface Judged extends ValidateOptions {
  readonly work: Work;
  readonly scan: Scan;
  readonly repeats: ReadonlyMap<UniqueRule, number>;
  readonly faults: Faults | undefined;
  readonly noted: ReadonlyMap<CheckRule, readonly Noted[]>;
}

async function outcome(ctx: ValidateContext, judged: Judged): Promise<StepOutcome> {
  const { contract, batch, raw, faults, scan, work } = judged;
  const counted = await faults?.count();
  const quarantinedRows = counted?.rows ?? 0;
  const results = rowResults(judged, counted);
  const findings = await batchFindings(ctx, judged);
  const breaker = breakerReason(judged, { quarantinedRows, results });
  const { verdict, reasons } = verdictOf(findings, breaker);
  // The flush of one table to the disk goes on while the engine writes the other.
  const [quarantine, processed] = await both(
    quarantinedRows === 0 || faults === undefined ? null : writeQuarantine(ctx, { raw, work, faults }),
    verdict === 'pass' ? writeProcessed(ctx, { raw, work, faults }) : null,
  );
  const content: Validation = {
    schemaVersion: 1,
    batch: raw.batch,
    contract: contract.digest,
    rows: scan.rows,
    processed,
    quarantine,
    quarantinedRows,
    rules: [...results, ...findings.map(({ result }) => result)],
    profile: scan.profile,
    verdict,
    reasons,
  };
  const tables = [processed, quarantine].filter((table): table is TableRef => table !== null);
  const failures = content.rules
    .filter((rule) => rule.failures > 0)
    .map((rule) => [rule.id, rule.failures] as const);
  return {
    versions: [
      {
        kind: 'validation',
        content,
        parents: [{ digest: versionDigest('batch', batch), role: 'batch' }],
        blobs: [...new Set([...tables.map(({ digest }) => digest), ...raw.lookups])],
      },
    ],
    verdict,
    facts: {
      rows: scan.rows,
      processed: processed?.rows ?? 0,
      quarantined: quarantinedRows,
      failures: Object.fromEntries(failures),
      reasons,
    },
  };
}

/** Waits for both, also when one fails: neither may go on when the engine's tables are dropped. */
async function both<First, Second>(
  first: Promise<First> | null,
  second: Promise<Second> | null,
): Promise<readonly [First | null, Second | null]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}

function rowResults(
  { contract, scan, repeats, noted }: Judged,
  counted: Counted | undefined,
): readonly RuleResult[] {
  const results: RuleResult[] = contract.rows.map((rule) => ({
    id: rule.id,
    kind: rule.kind,
    severity: rule.severity,
    failures: scan.failures.get(rule) ?? 0,
    observed: null,
  }));
  for (const rule of contract.unique) {
    const { id, severity } = rule;
    const repeated = repeats.get(rule) ?? 0;
    const failures = counted === undefined || severity === 'warn' ? repeated : counted.of(rule);
    results.push({ id, kind: 'unique', severity, failures, observed: null });
  }
  for (const rule of contract.checks) {
    const { id, kind, severity } = rule;
    results.push({ id, kind, severity, failures: noted.get(rule)?.length ?? 0, observed: null });
  }
  return results;
}

async function batchFindings(ctx: ValidateContext, judged: Judged): Promise<readonly BatchFinding[]> {
  const { contract, work, faults, batch, scan } = judged;
  if (contract.batch.length === 0) return [];
  const { joins = '' } = withoutFaults(faults);
  const newest = `SELECT epoch_us(max(${quoteIdentifier(contract.eventTime)})) AS newest FROM ${work.core} ${joins}`;
  const needsTime = contract.batch.some(({ kind }) => kind === 'freshness');
  const [answer] = needsTime ? await ctx.engine.rows(newest) : [];
  const newestUs = numeric(answer?.['newest']);
  return contract.batch.map((rule) =>
    judgeBatch(rule, { rows: scan.rows, newestUs, declaredAtUs: batch.declaredAtUs }),
  );
}

function breakerReason(
  { contract, scan }: Judged,
  found: { readonly quarantinedRows: number; readonly results: readonly RuleResult[] },
): string | null {
  const share = scan.rows === 0 ? 0 : found.quarantinedRows / scan.rows;
  if (share <= contract.maxQuarantinedShare) return null;
  const worst = found.results
    .filter(({ failures, severity }) => failures > 0 && severity === 'error')
    .sort((a, b) => b.failures - a.failures)
    .slice(0, 3)
    .map(({ id, failures }) => `${id} ${failures}`);
  const rounded = Number(share.toPrecision(3));
  return (
    `breaker: ${found.quarantinedRows} of ${scan.rows} rows (${rounded}) are quarantined;` +
    ` allowed is ${contract.maxQuarantinedShare}; most: ${worst.join(', ')}`
  );
}

function verdictOf(
  findings: readonly BatchFinding[],
  breaker: string | null,
): { readonly verdict: Verdict; readonly reasons: readonly string[] } {
  const errors = findings.filter(({ result, reason }) => result.severity === 'error' && reason !== null);
  const reasons = [...(breaker === null ? [] : [breaker]), ...errors.flatMap(({ reason }) => reason ?? [])];
  if (breaker !== null || errors.some(({ isUnknown }) => !isUnknown)) return { verdict: 'fail', reasons };
  return { verdict: errors.length > 0 ? 'inconclusive' : 'pass', reasons };
}
