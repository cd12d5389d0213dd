/**
 * Loads a module by its URL at run time. It stands alone because the bundle can't do that: it is compiled from V8's
 * code cache, where a dynamic import needs a loader of its own. The build keeps this file beside the bundle.
 */
export function importModule(url: string): Promise<Record<string, unknown>> {
  return import(url)
}
