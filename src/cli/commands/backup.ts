import path from 'node:path';
import type { Answer, Command, Invocation } from '../command.ts';
import { count, size } from '../format.ts';
import { withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { pairs } from '../table.ts';

/** `sluice backup`: a whole copy of the store. */
export const command: Command = {
  name: 'backup',
  summary: 'copy the catalog and all bytes that versions refer to into a new directory',
  args: [['<directory>', 'where; it must not exist yet, and appears whole or not at all']],
  example: 'sluice backup ../loop-backup',
  run: backUp,
};

async function backUp(invocation: Invocation): Promise<Answer> {
  const { args, terminal, projectDirectory } = invocation;
  const directory = path.resolve(projectDirectory, args[0] ?? '');
  return withStore(invocation, async ({ ledger }) => {
    const manifest = await ledger.storage.backup(directory);
    const bytes = manifest.blobs.reduce((sum, blob) => sum + blob.sizeBytes, manifest.catalog.sizeBytes);
    const facts = pairs(terminal, [
      ['backup', directory],
      ['holds', `the catalog and ${count(manifest.blobs.length)} blobs, ${size(bytes)}`],
      ['restore', 'put its catalog.db and blobs/ into .sluice/ of the project'],
    ]);
    return { json: plainJson({ directory, ...manifest }), text: facts };
  });
}
