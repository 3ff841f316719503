// Published as `sluice/validate`: contracts compiled to SQL, batches parted into processed and quarantined rows.
export { assembleDataset, type AcceptedBatch } from './assemble-dataset.ts';
export { compileContract } from './compile-contract.ts';
export type { CompiledContract } from './compiled-contract.ts';
export { quarantineSummary, readQuarantine, type QuarantinedRow, type ReasonCount } from './quarantine.ts';
export { validateBatch, type ValidateOptions } from './validate-batch.ts';
