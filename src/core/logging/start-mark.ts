/**
 * Returns the first line that a service writes to its standard error. Managers append to that log without times: the
 * line shows which start printed what.
 */
export function startMark(topic: string, pid: number, nowMs: number): string {
  return `--- ${new Date(nowMs).toISOString()} ${topic} begins (pid ${pid})`
}

export function isStartMark(line: string): boolean {
  return /^(?:catalyst: )?--- \d{4}-\d\d-\d\dT[\d:.]+Z \w+ begins \(pid \d+\)$/.test(line)
}
