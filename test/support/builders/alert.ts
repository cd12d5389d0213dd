import type { Alert } from '#core/alerts/alert.js'

/** An alert as an incident makes it. */
export function anAlert(changes: Partial<Alert> = {}): Alert {
  return {
    title: 'NewsBot: hangs',
    description: 'It answers, but its work stands still.',
    tone: 'warning',
    fields: [
      { key: 'since', name: 'Since', value: '2026-03-01T11:59:00.000Z', as: 'time' },
      { key: 'restarts', name: 'Restarts by the watchdog', value: '3', as: 'words' },
      { key: 'next_restart', name: 'Next restart', value: '2026-03-01T12:30:00.000Z', as: 'time' },
      { key: 'evidence', name: 'Where', value: 'cycle 4711\nfetching prices', as: 'code' },
      {
        key: 'commands',
        name: 'Look further',
        value: 'catalyst incident show 20260301T120000000Z-hangs\ncatalyst health check',
        as: 'code',
      },
    ],
    footer: 'production · vm · v1.3.0',
    about: {
      kind: 'incident',
      name: '20260301T120000000Z-hangs',
      bot: 'NewsBot',
      environment: 'production',
      host: 'vm',
      release: 'v1.3.0',
    },
    ...changes,
  }
}

/** A text that tries everything: markup of each channel, mentions, headers, signs that steer, and more than fits. */
const HOSTILE =
  '<b>x</b> <!channel> <@U123> @everyone @here @somebody *bold* _it_ `code` ```block``` [a](https://evil.example) ' +
  '&amp; &lt;\r\nBcc: other@evil.example\r\n\r\nbody \u001b[31m \u202e \u0000 /start #tag end'

/** An alert all of whose words are hostile. */
export function aHostileAlert(text = HOSTILE): Alert {
  const about = { kind: 'incident', name: text, bot: text, environment: text, host: text, release: text } as const
  return anAlert({
    title: text,
    description: text,
    fields: [
      { key: 'since', name: text, value: '2026-03-01T11:59:00.000Z', as: 'time' },
      { name: text, value: text, as: 'words' },
      { key: 'evidence', name: text, value: text, as: 'code' },
    ],
    footer: text,
    about,
  })
}
