// Lets a config import `sluice` (and what sluice itself depends on) in a folder where nothing is installed, and be
// TypeScript whatever the folder's package.json says. Hooks are per thread; importing this module registers them.
import { registerHooks } from 'node:module';

const ownUrl = import.meta.url;
const isBare = (specifier: string): boolean => !/^(?:[./]|[a-z]+:)/i.test(specifier);

registerHooks({
  resolve(specifier, context, nextResolve) {
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
      if (!missing || !isBare(specifier)) throw error;
      try {
        return nextResolve(specifier, { ...context, parentURL: ownUrl });
      } catch {
        // The first error names the file of the user that asked.
        throw error;
      }
    }
  },
  load(url, context, nextLoad) {
    const ownSyntax = url.endsWith('.ts') && !url.includes('/node_modules/');
    return nextLoad(url, ownSyntax ? { ...context, format: 'module-typescript' } : context);
  },
});
