import type { Blob } from '../../ports/blob.ts';

/**
 * Yields a store that writes into `scratch` alone and also reads what `below` has: for work that must leave no trace.
 *
 * @param scratch is thrown away by whoever made it
 */
export function overlayBlob(scratch: Blob, below: Blob): Blob {
  return {
    put: (bytes) => scratch.put(bytes),
    putFile: (path, options) => scratch.putFile(path, options),
    get: async (digest) => ((await scratch.has(digest)) ? scratch : below).get(digest),
    path: async (digest) => ((await scratch.has(digest)) ? scratch : below).path(digest),
    has: async (digest) => (await scratch.has(digest)) || below.has(digest),
    remove: (digest) => scratch.remove(digest),
    list: () => scratch.list(),
    scratchPath: (suffix) => scratch.scratchPath(suffix),
  };
}
