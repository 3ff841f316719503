// Published as `sluice/ingest`: files and rows into the raw zone.
export { listDeliveries, namedFile, type DeliveredFile } from './deliveries.ts';
export { ingestFile, ingestRows, type Arrival, type IngestContext } from './ingest-file.ts';
export { lookupDigests, type LookupDigests } from './lookups.ts';
export { openRaw, type OpenRawOptions } from './raw-table.ts';
