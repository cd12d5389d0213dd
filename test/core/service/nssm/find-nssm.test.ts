import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { shownOn } from '#core/service/action.js'
import { findChoco, findNssm, HOW_TO_GET_NSSM, installByChoco, nssmPlaces } from '#core/service/nssm/find-nssm.js'
import { tempFolder } from '../../../support/temp.js'

const WINDOWS = {
  Path: 'C:\\one;"C:\\two; and a half";relative;;C:\\one',
  ProgramData: 'C:\\ProgramData',
  ProgramFiles: 'C:\\Program Files',
  'ProgramFiles(x86)': 'C:\\Program Files (x86)',
  USERPROFILE: 'C:\\Users\\ann',
  SystemRoot: 'C:\\Windows',
}

describe('the search for NSSM', () => {
  it('looks in PATH, then in the usual folders', () => {
    const places = nssmPlaces(undefined, WINDOWS)
    expect(places[0]).to.equal('C:\\one\\nssm.exe')
    expect(places).to.include('C:\\ProgramData\\chocolatey\\bin\\nssm.exe')
    expect(places).to.include('C:\\Users\\ann\\scoop\\shims\\nssm.exe')
    expect(places).to.include('C:\\Program Files\\nssm\\win64\\nssm.exe')
    expect(places).to.include('C:\\nssm\\win64\\nssm.exe')
    expect(places).to.include('C:\\nssm\\nssm.exe')
    expect(places.at(-1)).to.equal('C:\\Windows\\System32\\nssm.exe')
    expect(places).to.deep.equal([...new Set(places)])
  })

  it("reads PATH's folders as Windows writes them, but none that depends on the current folder", () => {
    const places = nssmPlaces(undefined, { Path: WINDOWS.Path })
    expect(places.slice(0, 2)).to.deep.equal(['C:\\one\\nssm.exe', 'C:\\two; and a half\\nssm.exe'])
    expect(places.filter((path) => path.startsWith('relative') || path === 'nssm.exe')).to.deep.equal([])
  })

  it('has usual folders on a Windows without any variable', () => {
    expect(nssmPlaces(undefined, {})).to.include('C:\\ProgramData\\chocolatey\\bin\\nssm.exe')
    expect(nssmPlaces(undefined, { ChocolateyInstall: 'D:\\choco' })[0]).to.equal('D:\\choco\\bin\\nssm.exe')
  })

  it('looks only at NSSM_PATH if that is set', () => {
    expect(nssmPlaces('D:\\tools\\nssm.exe', WINDOWS)[0]).to.equal('D:\\tools\\nssm.exe')
    expect(nssmPlaces('D:\\tools', WINDOWS)).to.deep.equal([
      'D:\\tools',
      'D:\\tools\\nssm.exe',
      'D:\\tools\\win64\\nssm.exe',
    ])
  })

  it('finds an existing file', () => {
    const folder = tempFolder()
    const file = join(folder, 'mine')
    expect(findNssm(file, {})).to.equal(undefined)
    writeFileSync(file, '')
    expect(findNssm(file, {})).to.equal(file)
    mkdirSync(join(folder, 'folder'))
    expect(findNssm(join(folder, 'folder'), {})).to.equal(undefined)
  })
})

describe('the advice to get NSSM', () => {
  it('names Chocolatey, the download and its checksum', () => {
    const text = HOW_TO_GET_NSSM.join('\n')
    expect(text).to.include('choco install nssm -y')
    expect(text).to.include('https://nssm.cc/download')
    expect(text).to.include('eee9c44c29c2be011f1f1e43bb8c3fca888cb81053022ec5a0060035de16d848')
    expect(text).to.include('NSSM_PATH')
  })

  it('offers Chocolatey, if that is installed', () => {
    expect(findChoco(WINDOWS)).to.equal(undefined)
    expect(shownOn('win32', installByChoco('C:\\choco.exe'))).to.equal('run C:\\choco.exe install nssm -y')
  })
})
