import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { BIN } from '../support/e2e/root.js'

describe('update', () => {
  const { run, home, serve } = endToEnd()

  /** Runs it where npm is not in PATH. */
  const update = (...words: string[]) =>
    run(process.execPath, [BIN, 'update', ...words], { folder: home().folder, env: { PATH: '/nowhere' } }).result()

  const answering = async (status: number, body: string) =>
    (await serve((_request, response) => response.writeHead(status).end(body))).url

  it('shows the commands, and asks nobody', async () => {
    const { code, stdout } = await update()
    expect(code).to.equal(0)
    expect(stdout).to.match(/^Catalyst \d+\.\d+\.\d+ is installed /)
    expect(stdout).to.match(/^It runs on the node \d+\.\d+\.\d+ \(.+\)\.$/m)
    expect(stdout).to.include('\nTo update it:\n1. ').and.include('catalyst service upgrade')
    expect(stdout).to.include('Is there a newer version? catalyst update --check\n')
  })

  it('names a newer version, and says when there is none', async () => {
    const newer = await update('--check', '--from', await answering(200, '{"dist-tags":{"latest":"999.0.0"}}'))
    expect(newer.stdout).to.match(/^999\.0\.0 is newer \(as 127\.0\.0\.1:\d+ has it\)\.$/m)
    expect(newer.code).to.equal(0)
    const none = await update('--check', '--from', await answering(200, '{"tag_name":"v0.0.1"}'))
    expect(none.stdout).to.match(/^There is none newer: 127\.0\.0\.1:\d+ has 0\.0\.1\.$/m)
    expect(none.code).to.equal(0)
  })

  it('tells programs the same', async () => {
    const url = await answering(200, '{"version":"999.0.0"}')
    const { stdout } = await update('--check', '--from', url, '--json')
    const { form, node, steps, newest } = JSON.parse(stdout)
    expect(newest).to.deep.equal({ version: '999.0.0', is_newer: true, asked: new URL(url).host })
    expect(form).to.be.oneOf(['clone', 'unknown'])
    expect(node).to.deep.include({ path: process.execPath, is_own: false })
    expect(steps[0]).to.have.all.keys('text', 'command')
    expect(JSON.parse((await update('--json')).stdout).newest).to.equal(null)
  })

  for (const [what, status, body, why] of [
    ['an answer without a version', 200, '<html>', /names no version in its answer/],
    ['an error', 404, '{"version":"9.9.9"}', /answers HTTP 404/],
  ] as const)
    it(`says that it is not known after ${what}`, async () => {
      const { code, stdout, stderr } = await update('--check', '--from', await answering(status, body))
      expect(code).to.equal(1)
      expect(stdout).to.equal('')
      expect(stderr).to.match(why).and.include('Nothing was changed.').and.include('Code: UPDATE_NOT_KNOWN')
    })

  it('says so without network, and keeps what the address may hold of a secret to itself', async () => {
    const { code, stderr } = await update('--check', '--from', 'http://ann:secret@127.0.0.1:1/token?key=secret')
    expect(code).to.equal(1)
    expect(stderr).to.include("127.0.0.1:1 can't be asked: connection refused").and.not.include('secret')
  })

  it('refuses an address that is none, and --from alone', async () => {
    for (const words of [
      ['--check', '--from', 'file:///etc/passwd'],
      ['--check', '--from', 'latest'],
      ['--from', 'http://x'],
    ])
      expect((await update(...words)).code, words.join(' ')).to.equal(2)
  })
})
