/**
 * Every error of Sluice: code -> [kind, what happened with the value seen and what was allowed, how to mend it].
 * Codes are `STAGE_WHAT` or `PORT_WHAT`, sorted within their group, never reused. `{name}` is filled from the details.
 */
export const errorTable = {
  // base
  BASE_NOT_JSON: ['bug', 'A value at {path} cannot be written as JSON: {value} ({type}).', 'Report this: a record held something that is not data.'],

  // blob port
  BLOB_CORRUPT: ['corrupt', 'The stored bytes of {digest} hash to {actual}.', 'Restore the file from a backup, or delete it and run again to rebuild it. Nothing was overwritten.'],
  BLOB_MISSING: ['missing', 'No stored bytes for {digest}.', 'Run the step that made them again, or restore a backup.'],
  BLOB_UNAVAILABLE: ['unavailable', 'Cannot {operation} in {path}: {reason}.', 'Free disk space or mend the permissions, then run again; finished steps are kept.'],

  // tables port
  TABLES_BUSY: ['unavailable', 'The catalog {path} stayed locked for {waitedMs} ms.', 'Another process is writing; try again.'],
  TABLES_CONSTRAINT: ['conflict', 'The catalog refused a row: {reason}.', 'Another process wrote the same record first; read it and try again.'],
  TABLES_CORRUPT: ['corrupt', 'The catalog {path} is damaged: {reason}.', 'Restore it from `sluice backup`; the blobs are untouched.'],
  TABLES_UNAVAILABLE: ['unavailable', 'Cannot open or write the catalog {path}: {reason}.', 'Mend the permissions or free disk space, then run again.'],

  // engine port
  ENGINE_FILE: ['input', 'Cannot read {path}: {reason}.', 'Check that the file exists, is complete and has the declared format.'],
  ENGINE_MEMORY: ['unavailable', 'The engine ran out of memory ({limit}): {reason}.', 'Raise `--set engine.memoryMb=…` or free memory.'],
  ENGINE_QUERY: ['bug', 'The engine refused a query: {reason}.', 'Report this with the query: {sql}'],
  ENGINE_UNAVAILABLE: ['unavailable', 'The engine cannot work: {reason}.', 'Free disk space or mend the permissions of the temporary folder, then run again.'],
} as const;
