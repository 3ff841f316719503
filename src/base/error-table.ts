/**
 * Every error of Sluice: code -> [kind, what happened with the value seen and what was allowed, how to mend it].
 * Codes are `STAGE_WHAT` or `PORT_WHAT`, sorted within their group, never reused. `{name}` is filled from the details.
 */
export const errorTable = {
  // base
  BASE_NOT_JSON: ['bug', 'A value at {path} cannot be written as JSON: {value} ({type}).', 'Report this: a record held something that is not data.'],

  // math
  MATH_NOT_FINITE: ['input', 'Value {index} of {name} is {value}; every value must be a finite number.', 'Remove or impute the rows that have no value before measuring them.'],
  MATH_RANGE: ['input', 'Value {value} of {name} is out of range: allowed is {allowed}.', 'Correct the value, or choose a measure that allows it.'],
  MATH_SHAPE: ['input', '{name} has {actual} values where {expected} were expected.', 'Pass vectors that describe the same rows in the same order.'],

  // command line
  CLI_FORMAT: ['input', 'The ending of {path} names no format; there are: {known}.', 'Rename the file by what it holds.'],
  CLI_BATCH: ['missing', 'No current batch is called {batch}; some there are: {known}.', 'Name one of those, or the digits of its digest.'],
  CLI_EXCLUSIVE: ['input', '{one} and {other} exclude each other.', 'Give one of them.'],
  CLI_NOT_EVALUATED: ['missing', '{what} has no evaluation yet.', 'Run the loop: sluice run; or see sluice eval for what has.'],
  CLI_NUMBER: ['input', '{option} is "{value}"; a whole number of at least {least} is allowed.', 'Correct the number.'],
  CLI_PROJECT: ['input', 'Cannot enter the project folder {directory}: {reason}.', 'Name an existing folder with --project.'],
  CLI_ROW: ['input', '"{row}" names no row.', 'Write <batch>:<row>, the digits of the raw digest and the number of the row, or top.'],
  CLI_RULE: ['input', 'The contract has no rule {rule}; broken ones are: {known}.', 'Name one of those.'],
  CLI_SLICE: ['input', 'The evaluation has no slice {slice}; it has: {known}.', 'Name one of those.'],
  CLI_STAGE: ['input', 'There is no stage {stage}; there are: {known}.', 'Name one of those.'],
  CLI_STDIN: ['input', 'Standard input, line {line}: {reason}.', 'Send one JSON object per line. Nothing of it was kept.'],
  CLI_STEP_MISSING: ['missing', 'There is no step {id}.', 'See `sluice runs show` for the steps of a run.'],
  CLI_USAGE: ['input', 'The command line cannot be read: {reason}.', 'See sluice --help, or --help of the command.'],

  // config
  CONFIG_CYCLE: ['input', 'The files of the config import one another in a circle: {cycle}.', 'Move what they share into a file of its own.'],
  CONFIG_FAILED: ['input', '{path} failed while it was loaded: {reason}.', 'Mend it and run again; nothing was changed.'],
  CONFIG_KEY: ['input', 'Unknown key {path}. Nearest: {nearest}.', 'Correct the key, or remove it.'],
  CONFIG_MISSING: ['input', 'No sluice.config.ts in {directory}.', 'Run `sluice init` there, or name the folder with --project.'],
  CONFIG_NOT_LOOP: ['input', '{path} has no default export made by defineLoop (found: {found}).', 'End it with `export default defineLoop(…)`.'],
  CONFIG_OVERRIDE: ['input', 'Cannot read the override "{override}": {reason}.', 'Write key=value, +key=value, ++key=value or ~key; values as in YAML; commas sweep.'],
  CONFIG_OVERRIDE_KEY: ['input', 'The override "{override}" does not fit: {reason}.', 'Nearest key: {nearest}.'],
  CONFIG_SYNTAX: ['input', '{place}: {reason}.', 'Mend the syntax at that place.'],
  CONFIG_VALUE: ['input', '{path}: {value} is not allowed: {reason}.', 'Correct the value.'],

  // expression
  EXPRESSION_JSON: ['input', 'The expression at {path} is not valid: {reason}.', 'Write it with the builder, or mend the JSON at that place.'],
  EXPRESSION_OVERFLOW: ['input', 'The value {value} is outside the range of {type}.', 'Convert to double before the arithmetic, or guard it with a condition.'],
  EXPRESSION_REGEX: ['input', 'The pattern {pattern} is refused: {reason}.', 'Use literals, classes, groups (?:...), alternatives, anchors and plain repetitions; they mean the same in SQL and in JavaScript.'],
  EXPRESSION_TYPE: ['input', 'The operator {operator} cannot take {got}; it takes {allowed}.', 'Convert with toDouble(), toInt64() or toText(), or give a literal its type: literal(5, "int64").'],
  EXPRESSION_UNKNOWN_COLUMN: ['input', 'No column is named {name}; did you mean {nearest}? The columns are {names}.', 'Use one of the declared names, or declare the column with its type.'],
  EXPRESSION_VALUE: ['input', 'The column {name} is declared {type}, but a row holds {value} ({actual}).', 'Declare the type that the rows have, or convert the value before.'],
  EXPRESSION_ZONE: ['input', 'The time zone {zone} is not known.', 'Use an IANA name such as America/New_York, or NULL where it is unknown.'],

  // blob port
  BLOB_CORRUPT: ['corrupt', 'The stored bytes of {digest} hash to {actual}.', 'Restore the file of that name below .sluice/blobs from a backup, or delete it and run again to rebuild it. Nothing was overwritten.'],
  BLOB_MISSING: ['missing', 'No stored bytes for {digest}.', 'Run the step that made them again, or restore a backup.'],
  BLOB_UNAVAILABLE: ['unavailable', 'Cannot {operation} in {path}: {reason}.', 'Free disk space or mend the permissions, then run again; finished steps are kept.'],

  // tables port
  TABLES_BACKUP_EXISTS: ['state', 'There is a file at {path} already; a backup never overwrites.', 'Name a path that does not exist yet.'],
  TABLES_BUSY: ['unavailable', 'The catalog {path} stayed locked for {waitedMs} ms.', 'Another process is writing; try again.'],
  TABLES_CONSTRAINT: ['conflict', 'The catalog refused a row: {reason}.', 'Another process wrote the same record first; read it and try again.'],
  TABLES_CORRUPT: ['corrupt', 'The catalog {path} is damaged: {reason}.', 'Restore it from `sluice backup`; the blobs are untouched.'],
  TABLES_QUERY: ['bug', 'The catalog refused a statement: {reason}.', 'Report this with the statement: {sql}'],
  TABLES_UNAVAILABLE: ['unavailable', 'Cannot open or write the catalog {path}: {reason}.', 'Mend the permissions or free disk space, then run again.'],

  // conformance suites
  CONFORMANCE_EXCEPTION: ['input', 'No case of the suite is called "{name}".', 'Take the name of the exception from the suite, word for word.'],
  CONFORMANCE_UNFINISHED: ['unsupported', 'The adapter {adapter} (for {at}) is a scaffold and does nothing yet.', 'Write it until its conformance suite is green.'],

  // definition
  DEFINE_COLUMN: ['input', '{key} names the column {column}: found {found}, wanted {wanted}.', 'Name a column that arrives or is derived.'],
  DEFINE_COLUMN_TYPE: ['input', 'The column {column} {reason}; columns are boolean, integer, number, text, or date and time, each possibly null.', 'Change the row schema, or leave the column out.'],
  DEFINE_ENTITY: ['input', 'The entity of view {view} must be made of plain columns (found: {found}).', 'Compute it in the source with `derive`, and name that column here.'],
  DEFINE_RULE: ['input', 'The rule {rule} judges a plain column (found: {found}).', 'Name a column; for what is computed write check("a name", expression).'],
  DEFINE_SCHEMA: ['input', 'The row schema ({vendor}) cannot be used: {reason}.', 'Use a schema library with Standard JSON Schema: zod 4.2 or later, valibot, arktype.'],

  // demo
  DEMO_DIRECTORY: ['state', 'The folder {directory} exists and was not made by the demo.', 'Name another with --directory; the demo removes only folders that it made.'],
  DEMO_NEEDS_PACKAGE: ['input', 'The demo runs on real flights and needs the npm package {package}, which is not installed here.', 'npm install vega-datasets @photostructure/tz-lookup, then run it again; or clone the repository, which brings both.'],

  // init
  INIT_NOT_EMPTY: ['state', 'The folder {directory} is not empty; it holds {found}.', 'Name an empty or a new folder, or add --force; files of the same names are then replaced.'],
  INIT_UNAVAILABLE: ['unavailable', 'Cannot make a project in {directory}: {reason}.', 'Mend the permissions or free disk space.'],

  // engine port
  ENGINE_FILE: ['input', 'Cannot read {path}: {reason}.', 'Check that the file exists, is complete and has the declared format.'],
  ENGINE_MEMORY: ['unavailable', 'The engine ran out of memory ({limit}): {reason}.', 'Raise `--set engine.memoryMb=…` or free memory.'],
  ENGINE_QUERY: ['bug', 'The engine refused a query: {reason}.', 'Report this with the query: {sql}'],
  ENGINE_UNAVAILABLE: ['unavailable', 'The engine cannot work: {reason}.', 'Free disk space or mend the permissions of the temporary folder, then run again.'],

  // featurize
  FEATURIZE_AGGREGATE: ['input', 'The {owner} {reason} ({function}).', 'count takes no input; sum, mean, min and max take one expression.'],
  FEATURIZE_EXPRESSION: ['input', 'In {owner}: {reason}', 'Mend the expression of {owner}.'],
  FEATURIZE_KNOWN_TIME: ['input', 'The {owner} reads {column}, which nobody knows at event time, but the source names no known time: a row would find its own outcome in its window.', 'Name the column that says when outcomes are known as source.knownTime.'],
  FEATURIZE_LABEL: ['input', 'The label reads only columns that are known at event time ({columns}): there is nothing to predict.', 'Name what the label reads and nobody knows at event time in source.outcomeColumns.'],
  FEATURIZE_LEAK: ['input', 'The {owner} reads {column}, which nobody knows at event time (it rests on {outcome}).', 'Read it inside a window of a feature view; or, if it is known when the row happens, take {outcome} out of source.outcomeColumns.'],
  FEATURIZE_NAME_TAKEN: ['input', 'The name {name} of {owner} is taken, or reserved (label, names that begin with _).', 'Choose another name; names that differ only in case count as one.'],
  FEATURIZE_NO_ROWS: ['input', 'No rows for {part}: wanted {wanted}, the data has {found} (UTC).', 'Let more data arrive, or move train.split.'],
  FEATURIZE_NO_SUCH_ROW: ['missing', 'The dataset has no row {row} of batch {batch}.', 'Take batch and row from a training set or from `sluice lineage`.'],
  FEATURIZE_SPLIT: ['input', 'train.split.{bound} is {value}: {reason}.', 'The evaluation block is made of whole days, from midnight UTC to midnight UTC.'],
  FEATURIZE_SUM_RANGE: ['input', 'The aggregate {aggregate} cannot add up {rows} values exactly: they are not below {limit}.', 'Scale the input down in its expression.'],
  FEATURIZE_TYPE: ['input', '{owner} is of type {type}; allowed: {allowed}.', 'Convert it with toDouble(), toInt64() or toText(), or compute it in the source with `derive`.'],
  FEATURIZE_UNKNOWN_COLUMN: ['input', 'In {owner}: no column is named {column}; the nearest is {nearest}.', 'Correct the name, or declare the column.'],

  // model port
  MODEL_CLOSED: ['state', 'The model was closed; it answers no more.', 'Load it again.'],
  MODEL_CRASHED: ['unavailable', 'The process of the model ended ({exit}) while it was to {task}: {output}', 'Try again; when it crashes again, train or export the model anew.'],
  MODEL_EXTERNAL_DATA: ['input', 'The model keeps the data of tensor "{tensor}" in another file; only self-contained models are allowed.', 'Save it in one file (onnx.save with save_as_external_data=False).'],
  MODEL_INPUT: ['input', 'Column "{column}" cannot enter the model: {reason}.', 'Give the rows the columns and types of the signature.'],
  MODEL_INVALID: ['input', 'The bytes are no ONNX model that can be run: {reason}.', 'Export the model again; onnx.checker.check_model tells more.'],
  MODEL_NOT_FINITE: ['input', 'The model gave {value} for row {row} (counted from 0); every score must be finite.', 'Look at that row and at the weights of the model; train again without NaN.'],
  MODEL_NOT_PROBABILITY: ['input', 'The model gave {value} for row {row} (counted from 0); a binary model must answer in [0, 1].', 'Export probabilities, not margins or labels.'],
  MODEL_RUN: ['input', 'The model could not score the rows: {reason}.', 'Check that it takes rows in batches of any size and answers one score per row.'],
  MODEL_SIGNATURE: ['input', 'The model does not fit the signature: {reason}. Model: {model}. Signature: {signature}.', 'Export the model with one input per feature by name, or one matrix of the numeric features in their order.'],
  MODEL_TIMEOUT: ['timeout', 'The model did not {task} within {timeoutMs} ms; its process was ended.', 'Raise the time-out or make the model smaller.'],
  MODEL_ZIPMAP: ['unsupported', 'The model answers with a list of maps ("{output}"), which cannot be read.', 'Export it with the option zipmap=False of skl2onnx or onnxmltools.'],

  // trainer port, built-in trainers
  TRAIN_FEATURE: ['input', 'Row {row} (counted from 0) of column {column} holds {value}; a numeric feature must be a finite number or NULL.', 'Forbid such values in the contract, or turn them into NULL in the feature view.'],
  TRAIN_LABEL: ['input', 'Row {row} (counted from 0) of the {part} rows has the label {value}; allowed is {allowed}.', 'Leave rows without a label out of the training set.'],
  TRAIN_NO_FEATURES: ['input', 'The trainer {trainer} was given no features; it needs at least one.', 'Name features in the feature view.'],
  TRAIN_NO_ROWS: ['input', 'There are no rows to train on in {paths}.', 'Widen the time span of the training set, or look at why its rows were left out.'],
  TRAIN_ONE_CLASS: ['input', 'All {rows} training rows have the label {label}; both 0 and 1 must occur.', 'Widen the time span of the training set, or check how the label is made.'],
  TRAIN_WORKER: ['unavailable', 'A thread of the trainer {trainer} ended: {reason}.', 'Free memory or train on fewer rows, then run again.'],

  // trainer port, command
  TRAIN_CRASHED: ['input', 'The trainer {command} ended with {exit}. Its last lines: {output}', 'Mend the trainer and run again; finished steps are kept.'],
  TRAIN_NO_MODEL: ['input', 'The trainer {command} ended well but left no {file}. Its last lines: {output}', 'Let it write the model to `outputDirectory` of its spec.'],
  TRAIN_OUTPUT: ['input', 'The trainer left a {file} that cannot be read: {reason}.', 'See the documentation of the command trainer for its form, or leave the file out.'],
  TRAIN_PARAM: ['input', 'The training parameter {key} is {value}; allowed: {allowed}.', 'Correct the parameter.'],
  TRAIN_START: ['input', 'The trainer {command} cannot be started: {reason}.', 'Check that the first word of `command` is an executable.'],
  TRAIN_TIMEOUT: ['timeout', 'The trainer {command} took longer than {timeoutMs} ms and was ended. Its last lines: {output}', 'Raise `timeoutMs` or train on fewer rows.'],

  // evaluate
  EVALUATE_COLUMN: ['input', 'The evaluation rows lack what is asked of {column}: found {found}, wanted {wanted}.', 'Build the training set again: sluice run --from featurize.'],
  EVALUATE_NO_ROWS: ['input', 'There is nothing to evaluate on: {reason}.', 'Give the split an evaluation block that has rows.'],
  EVALUATE_OVERLAP: ['state', 'Refused: {name} may have seen outcomes known until {cut}, and the evaluation block starts at {from}.', 'Evaluate on a block of days after both training cuts.'],

  // ingest
  INGEST_COLUMN_MISSING: ['input', '{name} has no column {column}. Nearest: {nearest}. It has: {found}.', 'Let the sender add the column, or change the source definition. Nothing of the file was kept.'],
  INGEST_COLUMN_TWICE: ['input', '{name} has two columns named {column}.', 'Let the sender rename one of them. Nothing of the file was kept.'],
  INGEST_COLUMN_TYPE: ['input', '{name}: the column {column} has the type {found}, which cannot stand for the declared {declared}.', 'Let the sender write the declared type, or change the source definition. Nothing of the file was kept.'],
  INGEST_COLUMN_UNKNOWN: ['input', '{name} has columns that the row schema does not know: {columns}. Declared are {declared}.', 'Add them to the schema, or allow additional properties there.'],
  INGEST_DELIMITER: ['input', '{name} is not delimited by {declared} as declared, but by {likely}: {header}', 'Set source.csv.delimiter to {likely}. Nothing of the file was kept.'],
  INGEST_FILE_MISSING: ['input', 'There is no file {path}. {hint}', 'Correct the path, or wait for the delivery.'],
  INGEST_FORBIDDEN: ['input', '{name} may not be read: {reason}.', 'Mend the permissions of the file.'],
  INGEST_LINE: ['input', '{name}, line {line}: {reason}: {text}', 'Mend that line and deliver the file again. Nothing of it was kept.'],
  INGEST_LOOKUP_DUPLICATE: ['input', 'The lookup {lookup} ({file}) has {times} rows with {key} = {value}; a key may occur once.', 'Remove the surplus rows, or choose another key.'],
  INGEST_LOOKUP_FORMAT: ['input', 'The lookup {lookup} is the file {file} ending in "{ending}"; allowed are .csv and .parquet.', 'Convert the file.'],
  INGEST_LOOKUP_UNKNOWN: ['input', 'The source {source} has no lookup {lookup} with known bytes. Nearest: {nearest}.', 'Name a lookup of the source, and take the digests from lookupDigests.'],
  INGEST_LOOKUP_VALUE: ['input', '{file}, row {row}: the {column} "{value}" is no {declared}.', 'Mend the lookup; every value of it must be readable.'],
  INGEST_NOT_A_FILE: ['input', '{path} is a {kind}, not a file.', 'Name a file, or a glob such as {path}/*.'],
  INGEST_NO_FILES: ['input', 'No file matches {pattern} of the source {source}. {hint}', 'Correct the glob, or wait for the first delivery.'],
  INGEST_RAGGED: ['input', '{name}, row {row} (line {line}): {found} fields where {expected} were expected: {text}', 'Mend that row and deliver the file again. Nothing of it was kept.'],
  INGEST_ROW_VALUE: ['input', 'Row {row} cannot be kept: {reason}', 'Pass plain values: text, finite numbers, booleans, dates, null.'],
  INGEST_UNREADABLE: ['input', '{name} cannot be read as {format}: {reason}.', 'Check that the file is complete and has the declared format. Nothing of it was kept.'],

  // validate
  VALIDATE_CHECK_ASYNC: ['unsupported', 'The row check {check} answers with a promise.', 'Make it synchronous; what needs to wait belongs before ingest.'],
  VALIDATE_CHECK_MISSING: ['input', 'The rule {rule} names the row check {check}, which was not given. Nearest: {nearest}.', 'Pass the function with the contract.'],
  VALIDATE_CHECK_THREW: ['input', 'The row check {check} failed on row {row} (counted from 0): {reason}', 'Let it answer null for a good row and a text for a bad one, whatever the row holds.'],
  VALIDATE_COLUMN_NAME: ['input', 'A column cannot be named {column}: {reason}.', 'Rename the column.'],
  VALIDATE_DERIVED_TYPE: ['input', 'The derived column {column} is declared {declared}, but its expression gives {found}.', 'Correct the declared type, or convert in the expression.'],
  VALIDATE_NOT_COMPUTABLE: ['input', '{name}: a derived column or a rule cannot be computed: {reason}.', 'Mend the lookup or the expression that it comes from.'],
  VALIDATE_RULE_COLUMN: ['input', 'The rule {rule} names the column {column}, which there is not. Nearest: {nearest}.', 'Name an arrived or derived column.'],
  VALIDATE_RULE_PATTERN: ['input', 'The rule {rule} has the pattern {pattern}, which is refused: {reason}.', 'Use literals, classes, groups, alternatives, anchors and plain repetitions.'],
  VALIDATE_RULE_TWICE: ['input', 'Two rules are named {rule}; quarantine could not tell them apart.', 'Give one of them another id.'],
  VALIDATE_RULE_TYPE: ['input', 'The rule {rule} cannot judge {column}, which is {type}; it needs {wanted}.', 'Choose another rule or column.'],
  VALIDATE_RULE_VALUE: ['input', 'The rule {rule} allows the value {value}, which the column {column} ({type}) can never hold.', 'Write values of the type of the column.'],
  VALIDATE_SCHEMA_COLUMN: ['input', 'The row schema describes {column}, which does not arrive. Nearest: {nearest}.', 'Remove the property, or add the column to the source.'],
  VALIDATE_SCHEMA_UNSUPPORTED: ['unsupported', 'The row schema asks for what cannot be judged on columns: {parts}.', 'Remove it, express it as rules, or run the schema row by row (rowByRow: true).'],
  VALIDATE_UNIQUE_WIDE: ['unsupported', 'The rule {rule} would compare whole rows of {columns} columns.', 'Name the columns of a key.'],

  // ledger
  LEDGER_ALIAS_MOVED: ['conflict', 'The alias {alias} of {loop} points to {actual}, not to {expected} any more.', 'Somebody moved it meanwhile; evaluate against the present one.'],
  LEDGER_ALIAS_UNSET: ['missing', 'The loop {loop} has no {alias} yet.', 'Run the loop until a model passes its gates, or name a model version by its digest.'],
  LEDGER_AMBIGUOUS: ['input', '{prefix} stands for several: {candidates}.', 'Give more digits.'],
  LEDGER_BACKUP_EXISTS: ['state', 'There is something at {path} already; a backup never overwrites.', 'Name a directory that does not exist yet.'],
  LEDGER_BACKUP_FAILED: ['unavailable', 'Cannot write the backup to {path}: {reason}.', 'Free disk space or mend the permissions, then try again; nothing was left behind.'],
  LEDGER_DRAFT_INVALID: ['bug', 'A new {kind} record is malformed: {reason}.', 'Report this: a stage made a record that its own schema refuses. Nothing was written.'],
  LEDGER_FENCED: ['conflict', 'The lease {lease} of epoch {epoch} is lost: {now}.', 'Another process took over; nothing was written. Look at its run with `sluice status`.'],
  LEDGER_LEASE_HELD: ['conflict', 'The lease {lease} is held by {holder} since {since}, until {expires} unless renewed.', 'Wait for that process to finish, or end it and wait for the expiry.'],
  LEDGER_LINEAGE_GAP: ['bug', 'A new {kind} record refers to {field} {digest} but does not name it as {as}.', 'Report this: a stage left out a lineage edge or a reference to bytes. Nothing was written.'],
  LEDGER_NEWER: ['unsupported', 'The catalog has version {found}; this Sluice knows versions up to {known}.', 'Use the newer Sluice that wrote it. Nothing was changed.'],
  LEDGER_NO_EVIDENCE: ['state', 'No evaluation of the model {model} is on record.', 'Evaluate it first: an alias never moves without evidence.'],
  LEDGER_OLDER: ['state', 'The catalog has version {found} and must be migrated to {known}, but no path was given for the backup that comes first.', 'Open it for writing, with the path of the catalog.'],
  LEDGER_RECORD_CORRUPT: ['corrupt', 'The record {record} in the catalog is damaged: {reason}.', 'Restore the catalog from a backup; `sluice doctor` lists every damage.'],
  LEDGER_RUN_MISSING: ['missing', 'There is no run {id}.', 'See `sluice runs` for the runs there are.'],
  LEDGER_STEP_ENDED: ['state', 'The step {step} is {state} already; only a running step can end.', 'Look at it with `sluice runs show`.'],
  LEDGER_VERSION_MISSING: ['missing', 'There is no {kind} version {digest}.', 'Check the digits, or name champion or candidate; `sluice status` shows the newest versions.'],

  // pipeline
  PIPELINE_FILE_CHANGED: ['conflict', 'The file {path} changed while it was taken in.', 'Run again when its sender has finished writing; write files under another name and rename them.'],
  PIPELINE_INTERRUPTED: ['state', 'The run was interrupted during {stage}.', 'Run again: finished steps are kept and reused.'],
  PIPELINE_NOTHING_ACCEPTED: ['input', 'All {batches} batches were stopped by the contract, so there is no dataset: {reasons}', 'See `sluice quarantine` for the rows; mend the data or the contract.'],
  PIPELINE_ROW_MISSING: ['missing', 'The evaluation has no row {row} of batch {batch}.', 'It has only rows of its evaluation days; `--row top` names one of them.'],
  PIPELINE_NO_SEARCH: ['input', 'A sweep of {variants} models has no validation loss that all of them logged, to choose by. Known losses: {losses}.', 'Give the split validation days, or a trainer that logs one of those for the validation rows.'],
  PIPELINE_NO_INPUT: ['state', '{stage} needs {input}, and {earlier} has made none yet.', 'Run the earlier stages first: sluice run --from {earlier}.'],

  // predict
  PREDICT_FEATURES: ['state', 'The model was trained on features that the config makes no more: {missing}.', 'Choose a model of the present definition, or check out the config that made this one.'],
  PREDICT_OUT: ['input', 'Cannot write the predictions to {out}: {reason}.', 'Name a file ending in .parquet, .csv or .ndjson, in a folder that can be written.'],

  // reproduce
  REPRODUCE_AT_COMMIT: ['state', 'At commit {commit} it cannot be reproduced: {reason}', 'See what that commit lacks: git worktree add ../at-commit {commit}'],
  REPRODUCE_MOVED: ['state', 'Not reproducible as things stand: {stage}{subject} depends on what has changed since: {fields}.', 'Check out what made the model (sluice reproduce --at-commit does), or run the loop to make a new one.'],
  REPRODUCE_NO_COMMIT: ['state', 'No git commit is on record for the model {model}.', 'Reproduce it without --at-commit; keep the project in git to have commits on record.'],

  // train
  TRAIN_UNKNOWN_TRAINER: ['input', 'There is no trainer {trainer}; there are: {known}.', 'Name one of those in train.trainer.'],
  TRAIN_PARITY: ['bug', 'The exported model differs from its trainer by {difference} at row {row} of the evaluation rows; allowed is {allowed}.', 'Nothing was registered. Report this with the params and the seed.'],
} as const;
