import type { Form } from '#core/update/installation.js'
import type { Installation, Newest } from '#core/update/update.js'

const FORMS: Readonly<Record<Form, string>> = {
  npm: 'from the npm package',
  clone: 'as a clone of the repository',
  tarball: 'as a self-contained folder',
  zip: 'as a self-contained folder',
  deb: 'from the .deb',
  wheel: 'from the Python wheel',
  image: 'in a container image',
  unknown: 'in a way that it does not know',
}

/** Returns what `update` prints. */
export function installationText(installation: Installation, newest: Newest | null): string {
  const { version, form, folder, node, steps, taken_back } = installation
  const run = `It runs on ${node.is_own ? 'its own node' : 'the node'} ${node.version} (${node.path}).`
  const list = steps.map(({ text, command }, index) => {
    const number = `${index + 1}. `
    return command === null ? `${number}${text}.` : `${number}${text}:\n${' '.repeat(number.length)}${command}`
  })
  return [
    `Catalyst ${version} is installed ${FORMS[form]}: ${folder}`,
    run,
    ...takenBackLines(taken_back),
    ...newestLines(newest),
    '',
    'To update it:',
    ...list,
  ].join('\n')
}

function takenBackLines(version: string | null): string[] {
  if (version === null) return []
  return [
    `The update to ${version} was taken back: a bot did not work with it. To try it once more: sudo dpkg-reconfigure catalyst`,
  ]
}

function newestLines(newest: Newest | null): string[] {
  if (newest === null) return ['Is there a newer version? catalyst update --check']
  const { version, is_newer, asked } = newest
  return [is_newer ? `${version} is newer (as ${asked} has it).` : `There is none newer: ${asked} has ${version}.`]
}
