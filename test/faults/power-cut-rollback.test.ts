import { describePowerCut } from './power-cut.js'

describePowerCut('a rollback', ['rollback', 'v2'], true)
