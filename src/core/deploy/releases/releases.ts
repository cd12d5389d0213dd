import { join } from 'node:path'
import { isCommit, isInside, isReleaseName } from '#core/home/active-release.js'
import type { HomeFiles } from '#core/home/home.js'
import { unlinkShared } from '#core/home/shared-paths.js'
import { isFolder, listFolder } from '#core/platform/fs/files.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { kindAt, removeLink } from '#core/platform/fs/links.js'
import { removeFile, removeFolder } from '#core/platform/fs/write-files.js'

/**
 * A release on disk, from its manifest `<name>.json` beside its folder. The manifest is written last: with it the
 * release is whole.
 */
export interface Release {
  readonly name: string
  readonly commit: string
  readonly tag: string | null
  /** The path of the home in its repository, with a slash at the end; empty where it is the repository itself. */
  readonly subfolder: string
  /** The wall time at which it was made, in ms since 1970. */
  readonly made_at: number
  /** The paths of the home that appear in it. */
  readonly shared: readonly string[]
  /**
   * The version of node's interface (`process.versions.modules`) that its native modules were built for; null: none of
   * them is bound to one. Absent in what an older version has made.
   */
  readonly node_abi?: string | null
}

const MANIFEST = /^([\w.+-]{1,100})\.json$/

/** The names that deployments give to releases, see `releaseName`. */
const UNFINISHED = /^[\w.+-]+-[0-9a-f]{8}(-\d+)?$/

/** The releases on disk. */
export class Releases {
  readonly #folder: string
  readonly #asOwner: HomeFiles['asOwner']

  constructor({ paths, asOwner }: HomeFiles) {
    this.#folder = paths.releases
    this.#asOwner = asOwner
  }

  /** Returns the releases that are whole, newest first. */
  list(): Release[] {
    return this.#asOwner(() =>
      listFolder(this.#folder)
        .flatMap((file) => this.#read(MANIFEST.exec(file)?.[1] ?? '') ?? [])
        .sort((one, other) => other.made_at - one.made_at),
    )
  }

  /** Returns the names that are taken: those of all releases, whole or not. */
  names(): string[] {
    return this.#asOwner(() => listFolder(this.#folder).map((file) => file.replace(/\.json$/, '')))
  }

  /** Returns the release of that name, if it is whole. */
  read(name: string): Release | undefined {
    return this.#asOwner(() => this.#read(name))
  }

  #read(name: string): Release | undefined {
    if (!isReleaseName(name) || kindAt(this.folderOf(name)) !== 'folder') return undefined
    const release = readJson<Omit<Release, 'name'>>(
      this.#manifestOf(name),
      ({ commit, tag, subfolder, made_at, shared }) =>
        isCommit(commit) &&
        (tag === null || typeof tag === 'string') &&
        isInside(subfolder) &&
        typeof made_at === 'number' &&
        Array.isArray(shared) &&
        shared.every(isInside),
    )
    return release && { ...release, name }
  }

  folderOf(name: string): string {
    return join(this.#folder, name)
  }

  /** Returns the folder that the bot runs in: the release's counterpart of the home. */
  workFolderOf({ name, subfolder }: Pick<Release, 'name' | 'subfolder'>): string {
    return join(this.#folder, name, subfolder)
  }

  /** Writes the manifest: from now on the release counts. */
  seal({ name, ...manifest }: Release): void {
    this.#asOwner(() => writeJson(this.#manifestOf(name), manifest))
  }

  /**
   * Removes a release, whole or not. First it unlinks the paths that the release shares with the home, and never
   * removes them recursively.
   */
  remove(name: string, { subfolder, shared }: Pick<Release, 'subfolder' | 'shared'>): void {
    this.#asOwner(() => {
      const known = this.#read(name)
      removeFile(this.#manifestOf(name)) // from now on it does not count, before it is touched
      const work = this.workFolderOf({ name, subfolder: known?.subfolder ?? subfolder })
      if (kindAt(this.folderOf(name)) === 'link') removeLink(this.folderOf(name)) // an installation put it there
      unlinkShared(work, [...shared, ...(known?.shared ?? [])])
      removeFolder(this.folderOf(name))
    })
  }

  /** Returns whether a bot has put a folder of its own in the place of a shared one: its content is nowhere else. */
  hasDataOfItsOwn(release: Release): boolean {
    const places = release.shared.map((path) => join(this.workFolderOf(release), path))
    return this.#asOwner(() => places.some((place) => kindAt(place) === 'folder' && listFolder(place).length > 0))
  }

  /**
   * Returns the folders without a manifest, which interrupted deployments have left. Folders of other names are not
   * ours.
   */
  unfinished(): string[] {
    const isUnfinished = (name: string) =>
      UNFINISHED.test(name) && isFolder(this.folderOf(name)) && this.#read(name) === undefined
    return this.#asOwner(() => listFolder(this.#folder).filter(isUnfinished))
  }

  #manifestOf(name: string): string {
    return join(this.#folder, `${name}.json`)
  }
}
