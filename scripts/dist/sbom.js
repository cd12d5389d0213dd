// What is shipped, as CycloneDX: the bundle, the libraries in it, and node where it is beside it. These libraries are
// devDependencies, which a tool that reads the dependencies of package.json would leave out, and some of that are not shipped.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Contrib, Enums, Models, Serialize, Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { packageJson } from './folder.js'
import { NODE_VERSION, NODES, nodeProgram } from './nodes.js'
import { buildTime } from './time.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const SPEC = Spec.Spec1dot6

const { Builders, Factories } = Contrib.FromNodePackageJson
const builder = new Builders.ComponentBuilder(
  new Factories.ExternalReferenceFactory(),
  new Contrib.License.Factories.LicenseFactory(),
)

/** Returns the SBOM as JSON: of the npm package, or of a folder for a target such as `linux-x64`. */
export async function sbomOf(target) {
  const bom = new Models.Bom()
  const program = componentOf(packageJson(), Enums.ComponentType.Application)
  bom.metadata.timestamp = buildTime()
  bom.metadata.component = program
  const parts = JSON.parse(readFileSync(join(root, 'dist', 'bundled.json'), 'utf8')).map((folder) =>
    componentOf(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')), Enums.ComponentType.Library),
  )
  if (target !== undefined) parts.push(await nodeComponent(target))
  for (const part of parts) {
    bom.components.add(part)
    program.dependencies.add(part.bomRef)
  }
  const text = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(SPEC)).serialize(bom, {
    sortLists: true,
    space: 2,
  })
  const fault = await new Validation.JsonStrictValidator(SPEC.version).validate(text)
  if (fault !== null) throw new Error(`the SBOM is not valid: ${JSON.stringify(fault)}`)
  return `${text}\n`
}

function componentOf({ name, version, description, license, author, repository, homepage, bugs }, type) {
  const component = builder.makeComponent(
    { name, version, description, license, author, repository, homepage, bugs },
    type,
  )
  component.purl = purlOf(name, version)
  component.bomRef.value = component.purl
  return component
}

/** https://github.com/package-url/purl-spec */
function purlOf(name, version) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

async function nodeComponent(target) {
  const { name } = NODES[target]
  const purl = purlOf(name, NODE_VERSION)
  const component = new Models.Component(Enums.ComponentType.Platform, 'node', {
    version: NODE_VERSION,
    purl,
    bomRef: purl,
    description: `Node.js for ${target}, as npm's package ${name} has it; the libraries in it are in its own LICENSE`,
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], sha256(await nodeProgram(target))]]),
  })
  component.licenses.add(new Models.SpdxLicense('MIT'))
  return component
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
