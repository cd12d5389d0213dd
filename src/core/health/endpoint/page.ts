import type { HealthReport } from '#core/health/report.js'

/** Returns the status page: one HTML text, no script, nothing from outside. */
export function statusPage(report: HealthReport): string {
  const rows = Object.entries(report).map(
    ([name, value]) =>
      `<tr><th>${escaped(name)}</th><td>${escaped(typeof value === 'object' ? JSON.stringify(value) : String(value))}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="10">
<title>${escaped(report.name)}: ${report.status}</title>
<style>body{font:16px/1.4 system-ui,sans-serif;margin:2rem}th{text-align:left;padding-right:1rem;font-weight:normal;color:#666}</style>
<h1>${escaped(report.name)}: ${report.status}</h1>
<p>${escaped(report.reasons.join('; ')) || 'all is well'}</p>
<table>
${rows.join('\n')}
</table>
</html>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
