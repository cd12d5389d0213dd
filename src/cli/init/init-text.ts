import { parseEnvFile } from '#core/config/env-file.js'
import { SCHEMA } from '#core/config/schema.js'
import { isSecretName } from '#core/config/secrets.js'
import { channelsBy } from '#core/init/alert-settings.js'
import { type EnvPlan, planEnv } from '#core/init/env-plan.js'
import type { Existing } from '#core/init/existing.js'
import type { FoundBot } from '#core/init/found-bot.js'
import type { Steps } from '#core/init/steps.js'
import { commandsOf } from '#core/init/steps.js'
import type { InitFacts, NewSettings } from './interview.js'

const HIDDEN = '********'

/** Says what is there already; empty where nothing is. */
export function existingText({ hasBot, hasService, hasWatchdog, release, wasDrilled, settings }: Existing): string {
  const there = [
    ...(hasBot ? [`its program (${settings.BOT_COMMAND || settings.BOT_MODULE})`] : []),
    ...channelsBy(settings).map((channel) => `an alert channel (${channel})`),
    ...(hasService ? ['its service'] : []),
    ...(hasWatchdog ? ['its watchdog'] : []),
    ...(release === undefined ? [] : [`a version (${release})`]),
    ...(wasDrilled ? ['a drill'] : []),
  ]
  return there.length === 0 ? '' : `There already: ${there.join(', ')}.`
}

/** Says where the command comes from, with remarks. */
export function foundText({ from, notes }: FoundBot, line: string): string {
  return [`${line}   (from ${from})`, ...notes.map((note) => `  ${note}.`)].join('\n')
}

/** Says which names `.env` has got; never a secret's value. */
export function writtenText(path: string, { added, replaced, kept }: EnvPlan): string {
  const lines = [
    ...(added.length > 0 ? [`${path}: added ${added.join(', ')}.`] : []),
    ...(replaced.length > 0 ? [`${path}: replaced ${replaced.join(', ')}.`] : []),
    ...(kept.length > 0 ? [`${path} has other values already, which stay: ${kept.join(', ')}.`] : []),
  ]
  return lines.join('\n')
}

/** Shows what would be written and done. */
export function dryRunText(existing: Existing, { settings, asked }: NewSettings, steps: Steps): string[] {
  const { text, added, replaced, kept } = planEnv(existing.text, settings, asked)
  const { values } = parseEnvFile(text)
  // what is not ours may be a secret under any name
  const isShown = (name: string) => name in SCHEMA && !isSecretName(name)
  const shown = (name: string) => `${name}=${isShown(name) ? values[name] : HIDDEN}`
  return [
    ...[...added, ...replaced].map((name) => `write into .env: ${shown(name)}`),
    ...kept.map((name) => `leave in .env as it is: ${name}`),
    ...stepLines(steps).map((line) => `run ${line}`),
  ]
}

/** Returns the commands that the steps are, as they would be typed. */
export function stepLines(steps: Steps): string[] {
  return commandsOf(steps).map(([id, words]) => ['catalyst', ...id.split(':'), ...words].join(' '))
}

/** Says what is not offered here, and why; empty where all is. */
export function impossibleText({ serviceFault, version, existing }: InitFacts, { service }: Steps): string {
  if (serviceFault !== undefined && !existing.hasService) return `No service: ${serviceFault}`
  const isDeployable = existing.release !== undefined || version.is === 'ready' || !service
  return isDeployable ? '' : `No first version: ${version.why.replace(/\.$/, '')}. Later: catalyst deploy tag v0.1.0`
}
