import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { openLocalBlob } from '../../src/adapters/blob/local.ts';
import { openMemoryBlob } from '../../src/adapters/blob/memory.ts';
import { blobCases, type BlobContext } from '../../src/conformance/blob.ts';
import { conformanceCases } from '../../src/conformance/case.ts';

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function localContext(directory: string): Promise<BlobContext> {
  const reopen = () => openLocalBlob({ directory });
  return {
    blob: await reopen(),
    reopen,
    unfinished: () => readdir(path.join(directory, 'tmp')),
    damage: async (digest) => {
      const file = await open(path.join(directory, 'sha256', digest.slice(0, 2), digest), 'r+');
      const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: 3 });
      await file.write(Buffer.from([buffer.readUInt8() ^ 1]), 0, 1, 3);
      await file.close();
    },
    breakWrites: async () => {
      // Works as root too, unlike a read-only directory.
      await rm(path.join(directory, 'tmp'), { recursive: true });
      await writeFile(path.join(directory, 'tmp'), 'in the way');
    },
  };
}

async function memoryContext(directory: string): Promise<BlobContext> {
  const bytes = new Map<string, Uint8Array>();
  let isBroken = false;
  const writePoint = () => {
    if (isBroken) throw Object.assign(new Error('no space left'), { code: 'ENOSPC', syscall: 'write' });
  };
  const reopen = () => openMemoryBlob({ directory, bytes, writePoint });
  return {
    blob: await reopen(),
    reopen,
    unfinished: async () => (await readdir(directory)).filter((name) => name.startsWith('scratch-')),
    damage: async (digest) => {
      bytes.get(digest)?.fill(0x21, 3, 4);
    },
    breakWrites: async () => {
      isBroken = true;
    },
  };
}

for (const [name, contextIn] of [
  ['local', localContext],
  ['memory', memoryContext],
] as const) {
  describe(`blob adapter ${name}`, () => {
    for (const one of conformanceCases(blobCases, [])) {
      test(one.name, () => inFolder(async (folder) => one.run(await contextIn(folder))));
    }
  });
}
