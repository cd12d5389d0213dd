/** The import order of src/, lowest first: each may import what stands before it. `npm run imports` holds it. */
const ORDER = [
  ...['platform', 'config', 'logging', 'journal', 'home', 'snapshots', 'health', 'metrics', 'bot'],
  ...['service', 'supervisor', 'alerts', 'backup', 'incidents', 'watchdog', 'drill', 'deploy'],
  ...['condition', 'upgrade', 'doctor', 'init', 'update'],
].map((folder) => `core/${folder}`)
ORDER.push('bots', 'cli', 'commands')

const upward = ORDER.slice(0, -1).map((folder, index) => ({
  name: `${folder}-imports-downward`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: `^src/(${ORDER.slice(index + 1).join('|')})/` },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'the-page-runs-in-a-browser',
      severity: 'error',
      from: { path: '^src/page/' },
      to: { path: '^src/(?!page/)' },
    },
    {
      name: 'only-a-browser-runs-the-page',
      severity: 'error',
      from: { pathNot: '^src/page/' },
      to: { path: '^src/page/' },
    },
    { name: 'bots-know-no-cli', severity: 'error', from: { path: '^src/cli/' }, to: { path: '^src/bots/' } },
    { name: 'no-circle', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'only-the-platform-touches-the-system',
      severity: 'error',
      from: { path: '^src/(core|cli|commands)/', pathNot: '^src/core/platform/' },
      to: { path: '^(node:)?(child_process|dgram|fs|fs/promises|http|https|net|os|readline|zlib)$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
}
