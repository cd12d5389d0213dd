// Lays down what the container image has of Catalyst, for the platform that this runs on: `node scripts/dist/image.js FOLDER`.
// See Dockerfile.
import { makeFolder } from './folder.js'

const [into] = process.argv.slice(2)
if (into === undefined) throw new Error('name the folder to lay it down in')
await makeFolder({ platform: process.platform, arch: process.arch, form: 'image', into })
