import { join } from 'node:path'
import type { HomePaths } from '#core/state/home-paths.js'
import { readJson, writeJson } from '#core/state/json-file.js'
import { unlinkShared } from '#core/state/shared-paths.js'
import { isFolder, listFolder, removeFile, removeFolder } from '#core/system/files.js'
import { kindAt, removeLink } from '#core/system/links.js'

/** What stands beside the folder of a release, in `<name>.json`. It is written last: with it the release is whole. */
export interface Release {
  readonly name: string
  readonly commit: string
  readonly tag: string | null
  /** Where the home lies in its repository, with a slash at the end; empty where it is the repository itself. */
  readonly subfolder: string
  /** Wall time in ms since 1970. */
  readonly made_at: number
  /** The paths of the home that appear in it. */
  readonly shared: readonly string[]
}

const MANIFEST = /^([\w.+-]{1,100})\.json$/

/** The releases on disk. */
export class Releases {
  readonly #folder: string

  constructor({ releases }: HomePaths) {
    this.#folder = releases
  }

  /** Those that are whole, newest first. */
  list(): Release[] {
    return listFolder(this.#folder)
      .flatMap((file) => this.read(MANIFEST.exec(file)?.[1] ?? '') ?? [])
      .sort((one, other) => other.made_at - one.made_at)
  }

  /** The release of that name, if it is whole. */
  read(name: string): Release | undefined {
    if (!MANIFEST.test(`${name}.json`) || !isFolder(this.folderOf(name))) return undefined
    const release = readJson<Omit<Release, 'name'>>(
      this.#manifestOf(name),
      ({ commit, subfolder, made_at, shared }) =>
        typeof commit === 'string' &&
        typeof subfolder === 'string' &&
        typeof made_at === 'number' &&
        Array.isArray(shared) &&
        shared.every((path) => typeof path === 'string'),
    )
    return release && { ...release, name }
  }

  folderOf(name: string): string {
    return join(this.#folder, name)
  }

  /** What the bot runs in: the release's counterpart of the home. */
  workFolderOf({ name, subfolder }: Pick<Release, 'name' | 'subfolder'>): string {
    return join(this.#folder, name, subfolder)
  }

  /** From now on the release counts. */
  seal({ name, ...manifest }: Release): void {
    writeJson(this.#manifestOf(name), manifest)
  }

  /**
   * Removes a release, whole or not. First of all the paths that it shares with the home are taken out of it, each as a
   * link and never recursively.
   */
  remove(name: string, { subfolder, shared }: Pick<Release, 'subfolder' | 'shared'>): void {
    const known = this.read(name)
    removeFile(this.#manifestOf(name)) // from now on it does not count, before it is touched
    const work = this.workFolderOf({ name, subfolder: known?.subfolder ?? subfolder })
    if (kindAt(this.folderOf(name)) === 'link') removeLink(this.folderOf(name)) // an installation put it there
    unlinkShared(work, [...shared, ...(known?.shared ?? [])])
    removeFolder(this.folderOf(name))
  }

  /** Whether a bot has put a folder of its own in the place of one that the home shares: what is in it is nowhere else. */
  hasDataOfItsOwn(release: Release): boolean {
    const work = this.workFolderOf(release)
    return release.shared.some((path) => {
      const place = join(work, path)
      return kindAt(place) === 'folder' && listFolder(place).length > 0
    })
  }

  /** Folders without a manifest: of deployments that were cut off. */
  unfinished(): string[] {
    return listFolder(this.#folder).filter(
      (name) => MANIFEST.test(`${name}.json`) && isFolder(this.folderOf(name)) && this.read(name) === undefined,
    )
  }

  #manifestOf(name: string): string {
    return join(this.#folder, `${name}.json`)
  }
}
