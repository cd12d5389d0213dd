/**
 * The pattern of an absolute path: `/a/b`, `C:\a\b`, `\\server\a`. It begins where a word does, so that neither the
 * path of an address nor a fraction is one.
 */
const PATH =
  /(?<![\w.~:/\\…-])(?<!<home>)(?:file:\/\/|~)?(?:(?:[A-Za-z]:|\\)?[\\/])(?:[^\\/\s"'`<>|:;,()[\]{}]+[\\/])+([^\\/\s"'`<>|:;,()[\]{}]*)/g

/** Returns a text without the paths of the machine: the home's is named as such, of others the last part is left. */
export function withoutPaths(text: string, home: string): string {
  const separators = (path: string) => [path, path.replaceAll('\\', '/'), path.replaceAll('\\', '\\\\')]
  const named =
    home.length < 2 ? text : separators(home).reduce((found, path) => found.replaceAll(path, '<home>'), text)
  return named.replace(PATH, (_, last: string) => `…/${last}`)
}
