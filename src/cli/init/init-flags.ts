import { Flags } from '@oclif/core'
import { CHANNELS } from '#core/config/alerts/channel-names.js'
import { SIGNALS } from '#core/config/proof/signal-names.js'

/** The flags of `init`: each answers a question. */
export const initFlags = {
  command: Flags.string({
    summary: 'The program to run as the bot (BOT_COMMAND).',
    helpValue: 'COMMAND',
    exclusive: ['module'],
  }),
  module: Flags.string({ summary: 'A JavaScript module to run as the bot (BOT_MODULE).', helpValue: 'FILE' }),
  name: Flags.string({ summary: "The bot's name (BOT_NAME).", helpValue: 'NAME' }),
  proof: Flags.string({
    summary: `How it proves that it works (BOT_PROOF): auto, process, ${SIGNALS.join(', ')}.`,
    helpValue: 'PROOF',
  }),
  port: Flags.integer({ summary: 'The port of its health endpoint (HEALTH_CHECK_PORT).', min: 0, max: 65_535 }),
  set: Flags.string({
    summary: 'Any other setting, such as BOT_LOG_PROOF=polled. May be given several times.',
    helpValue: 'NAME=VALUE',
    multiple: true,
  }),
  alert: Flags.boolean({
    summary: 'Alerts by the channel whose settings are in .env, the environment or --set; --no-alert: none.',
    allowNo: true,
  }),
  'alert-channel': Flags.string({
    summary: `Where alerts go, beside the channels of .env: ${CHANNELS.join(', ')}.`,
    helpValue: 'NAME',
    options: [...CHANNELS],
    multiple: true,
  }),
  'test-alert': Flags.boolean({
    summary: 'Check each alert channel by a real message.',
    allowNo: true,
    default: true,
  }),
  service: Flags.boolean({ summary: 'Install the bot as a service that starts with the machine.', allowNo: true }),
  watchdog: Flags.boolean({ summary: 'Install the watchdog beside it.', allowNo: true }),
  deploy: Flags.boolean({ summary: 'Deploy the commit that is here as the first version.', allowNo: true }),
  tag: Flags.string({ summary: 'The tag of that version.', helpValue: 'TAG' }),
  drill: Flags.boolean({ summary: 'Bring the bot down at the end, and see it come back by itself.', allowNo: true }),
  'from-pm2': Flags.boolean({ summary: "Take over an app of pm2's, from the list that pm2 save writes." }),
  app: Flags.string({ summary: 'The app of pm2 to take over.', helpValue: 'NAME', dependsOn: ['from-pm2'] }),
  'pm2-list': Flags.string({
    summary: 'Another list of its apps, such as the output of pm2 jlist.',
    helpValue: 'FILE',
    dependsOn: ['from-pm2'],
  }),
  'dry-run': Flags.boolean({ summary: 'Only show what was found, and what would be done.' }),
  yes: Flags.boolean({ char: 'y', summary: 'Take what is proposed, and do not ask.' }),
}
