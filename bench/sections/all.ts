import type { Section } from '../kernel/section.js'
import { backup } from './backup.js'
import { cpu } from './cpu.js'
import { crash } from './crash.js'
import { endpoint } from './endpoint.js'
import { freeze } from './freeze.js'
import { logging } from './logging.js'
import { logs } from './logs.js'
import { memory } from './memory.js'
import { page } from './page.js'
import { rollback } from './rollback.js'
import { service } from './service.js'
import { signs } from './signs.js'
import { startup } from './startup.js'
import { tags } from './tags.js'

/** All sections, in the order in which they run. */
export const SECTIONS: readonly Section[] = [
  startup,
  endpoint,
  logging,
  crash,
  freeze,
  service,
  rollback,
  memory,
  cpu,
  tags,
  logs,
  page,
  signs,
  backup,
]
