import { describePowerCut } from './power-cut.js'

describePowerCut('a deployment', ['run', 'v2'], false)
