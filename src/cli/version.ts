import { readFileSync } from 'node:fs';

/** Yields the version of this package, from its own package.json. */
export function sluiceVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
