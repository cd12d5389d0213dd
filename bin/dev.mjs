#!/usr/bin/env node
// Runs the sources as they are now: bundles them, then starts the bundle, so that development and release run the same thing.
import { build } from '../scripts/build.js'

await build()
await import('./run.js')
